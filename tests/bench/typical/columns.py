"""The yardstick's cells of the list, read the usual way: from records that bring along all they name."""

from itertools import chain

from django.db.models import Prefetch

from eccp.reference.columns import countries_of, regions_of
from partnerships.columns import PARTNERSHIP_COLUMNS, organisations_of
from partnerships.models import Participation, Side

PUBLISHED_PARTICIPATIONS = Participation.objects.published()
ENDS = ("countries", "stated_countries", "regions", "members__countries", "members__regions")
PREFETCHES = (
    *(f"participants__organisation__{end}" for end in ENDS),
    Prefetch("participants__organisation__participations", PUBLISHED_PARTICIPATIONS.select_related("programme")),
    Prefetch("participations", PUBLISHED_PARTICIPATIONS.select_related("programme")),
    "target_countries",
)


def countries(side):
    """The countries of the organisations on one side."""
    return lambda row: chain.from_iterable(map(countries_of, organisations_of(row, side)))


def regions(side):
    """Their regions."""
    return lambda row: chain.from_iterable(map(regions_of, organisations_of(row, side)))


def programmes(row):
    """The programmes in which it or an organisation of it takes part."""
    taken = [row.participations.all(), *(taker.participations.all() for taker in organisations_of(row))]
    return {participation.programme for participation in chain.from_iterable(taken)}


REACHED = {
    "european_countries": countries(Side.EUROPEAN),
    "partner_countries": lambda row: [*countries(Side.PARTNER)(row), *row.target_countries.all()],
    "european_regions": regions(Side.EUROPEAN),
    "partner_regions": regions(Side.PARTNER),
    "programmes": programmes,
}


def cells(row) -> list:
    """The values of a row, in the order of the registry's columns."""
    return [REACHED.get(column.name, column.value)(row) for column in PARTNERSHIP_COLUMNS]

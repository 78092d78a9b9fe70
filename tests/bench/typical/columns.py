"""The yardstick's cells of the list, read the usual way: from records that bring along all they name."""

from itertools import chain

from django.db.models import Exists, OuterRef, Prefetch

from eccp.records.models import Citation
from partnerships.columns import PARTNERSHIP_COLUMNS
from partnerships.models import Agreement, GoodPractice, Participation, Side

PUBLISHED_PARTICIPATIONS = Participation.objects.published()
ENDS = ("countries", "stated_countries", "regions", "members__countries", "members__regions")
PREFETCHES = (
    "participants__organisation",
    *(f"participants__organisation__{end}" for end in ENDS),
    "sectors",
    Prefetch("agreements", Agreement.objects.published()),
    Prefetch("citations", Citation.objects.public(), to_attr="public_citations"),
    Prefetch("participants__organisation__participations", PUBLISHED_PARTICIPATIONS.select_related("programme")),
    Prefetch("participations", PUBLISHED_PARTICIPATIONS.select_related("programme")),
    "target_countries",
)


def complete(rows):
    """The rows with all they name, as the usual stack brings it along."""
    practices = GoodPractice.objects.published().filter(partnership=OuterRef("pk"))
    return rows.prefetch_related(*PREFETCHES).annotate(is_good_practice=Exists(practices))


def organisations(side=None):
    """The public organisations that take part, on one side or on either."""

    def of(row):
        taking_part = [taker.organisation for taker in row.participants.all() if side in (None, taker.side)]
        return [organisation for organisation in taking_part if organisation.is_published]

    return of


def _with_members(organisation):
    return [organisation, *(member for member in organisation.members.all() if member.is_published)]


def _countries_of(organisation):
    yield from organisation.stated_countries.all()
    for one in _with_members(organisation):
        yield from one.countries.all()


def _regions_of(organisation):
    for one in _with_members(organisation):
        yield from one.regions.all()


def countries(side):
    """The countries of the organisations on one side."""
    return lambda row: chain.from_iterable(map(_countries_of, organisations(side)(row)))


def regions(side):
    """Their regions."""
    return lambda row: chain.from_iterable(map(_regions_of, organisations(side)(row)))


def programmes(row):
    """The programmes in which it or an organisation of it takes part."""
    taken = [row.participations.all(), *(taker.participations.all() for taker in organisations()(row))]
    return {participation.programme for participation in chain.from_iterable(taken)}


def latest_signed(row):
    """When its newest agreement was signed."""
    dates = [agreement.signed for agreement in row.agreements.all() if agreement.signed]
    return max(dates, key=lambda signed: (signed.last, signed.first), default=None)


REACHED = {
    "european_countries": countries(Side.EUROPEAN),
    "partner_countries": lambda row: [*countries(Side.PARTNER)(row), *row.target_countries.all()],
    "european_regions": regions(Side.EUROPEAN),
    "partner_regions": regions(Side.PARTNER),
    "european_organisations": organisations(Side.EUROPEAN),
    "partner_organisations": organisations(Side.PARTNER),
    "sectors": lambda row: row.sectors.all(),
    "programmes": programmes,
    "agreement_types": lambda row: {agreement.type for agreement in row.agreements.all()},
    "latest_agreement_signed": latest_signed,
    "good_practice": lambda row: row.is_good_practice,
    "source_count": lambda row: len({citation.source_id for citation in row.public_citations}),
}


def cells(row) -> list:
    """The values of a row, in the order of the registry's columns."""
    return [REACHED.get(column.name, column.value)(row) for column in PARTNERSHIP_COLUMNS]

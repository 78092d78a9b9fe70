"""The ways from partnerships, agreements and participations to whom and what they name."""

from django.db.models import Q

from eccp.listing.ways import Paths, through_published
from eccp.reference.ways import COUNTRIES, REGIONS, under
from partnerships.models import Side

PARTICIPANT = "participants__organisation"
PARTY = "parties__organisation"
#: A participation is a partnership's or a consortium's: both lead to those that take part.
TAKERS = ("consortium", f"partnership__{PARTICIPANT}")


def on_side(side: Side, ends: Paths) -> Paths:
    """Each of ``ends`` reached from the participants of a partnership on one side."""
    return under(PARTICIPANT, ends, Q(participants__side=side))


def with_members(start: str) -> Paths:
    """The public organisations at ``start``, and the members of those that are consortia."""
    return under(start, (("record", Q()), ("members__record", Q())))


def taken_part(end: str) -> Paths:
    """``end`` reached from a partnership's own participations and those of its consortia."""
    return (
        through_published("participations", end),
        through_published(PARTICIPANT, "participations", end),
    )


EUROPEAN_COUNTRIES = on_side(Side.EUROPEAN, COUNTRIES)
#: Countries of the partner side, and those a partnership aims at.
PARTNER_COUNTRIES = (*on_side(Side.PARTNER, COUNTRIES), ("target_countries", Q()))
EUROPEAN_REGIONS = on_side(Side.EUROPEAN, REGIONS)
PARTNER_REGIONS = on_side(Side.PARTNER, REGIONS)
PARTY_COUNTRIES = under(PARTY, COUNTRIES)
PARTY_REGIONS = under(PARTY, REGIONS)
TAKERS_COUNTRIES = tuple(path for taker in TAKERS for path in under(taker, COUNTRIES))
#: Countries a participation aims at: those of its partnership, or of the partnerships of its consortium.
TARGETS = (
    ("partnership__target_countries", Q()),
    through_published("consortium__participations_in__partnership", "target_countries"),
)

"""The ways from an organisation to its countries, its regions and its partnerships, its members' included."""

from django.db.models import Q

from eccp.listing.ways import Paths, prefixed, through_published
from eccp.records.vocabulary import PublicationStatus

PUBLIC_MEMBER = Q(members__publication_status=PublicationStatus.PUBLISHED)
#: Its countries, those its source states for members it does not name, and those of its public members.
COUNTRIES: Paths = (("countries", Q()), ("stated_countries", Q()), ("members__countries", PUBLIC_MEMBER))
#: Its regions and those of its public members.
REGIONS: Paths = (("regions", Q()), ("members__regions", PUBLIC_MEMBER))
#: The published partnerships it takes part in, itself or through a consortium.
PARTNERSHIPS: Paths = (
    through_published("participations_in__partnership", "pk"),
    through_published("consortia__participations_in__partnership", "pk"),
)


def under(start: str, ends: Paths, where: Q | None = None) -> Paths:
    """Each of ``ends`` of the public organisations at ``start``, on rows where ``where`` holds."""
    public = Q(**{f"{start}__publication_status": PublicationStatus.PUBLISHED})
    return tuple((f"{start}__{end}", prefixed(start, on) & public & (where or Q())) for end, on in ends)


def with_all_above(paths: Paths) -> Paths:
    """The same ways to records of a tree, and on to everything above them."""
    return tuple((f"{path}__ancestors", where) for path, where in paths)

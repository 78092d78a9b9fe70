"""The filter words of the list of programmes."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.words import ListingFilterSet, VocabularyWord
from programmes.models import ProgrammeKind


class ProgrammeFilterSet(ListingFilterSet):
    """The words of the list of programmes."""

    kind = VocabularyWord(_("Kind"), _("of kind %(values)s"), choices=ProgrammeKind, paths=["kind"])

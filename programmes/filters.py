"""The filter words of the list of programmes."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.words import ListingFilterSet, RecordWord, VocabularyWord
from eccp.reference.models import Area, Country, Organisation, Region
from programmes.models import ProgrammeKind


class ProgrammeFilterSet(ListingFilterSet):
    """The words of the list of programmes."""

    kind = VocabularyWord(_("Kind"), _("of kind %(values)s"), choices=ProgrammeKind, paths=["kind"])
    jurisdiction = RecordWord(_("Of"), _("of %(values)s"), kinds=[Area, Country, Region], paths=["jurisdiction"])
    administrator = RecordWord(_("Run by"), _("run by %(values)s"), kinds=[Organisation], paths=["administrator"])

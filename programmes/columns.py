"""The columns of the list of programmes."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.columns import Address, Counted, Date, Flag, One, Text, Word
from eccp.listing.ways import through_published
from programmes.models import ProgrammeKind

PROGRAMME_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The programme’s id in addresses."), shown=False, edits="slug"),
    Text("name", _("Programme"), lambda row: row.name, _("What the programme is called."), searched=True, edits="name"),
    Text("acronym", _("Acronym"), lambda row: row.acronym, _("Its short name."), searched=True, edits="acronym"),
    Word(
        "kind", _("Kind"), lambda row: row.kind, _("What kind of programme it is."), choices=ProgrammeKind, edits="kind"
    ),
    One(
        "jurisdiction",
        _("Of"),
        help=_("The country or area whose programme it is."),
        path="jurisdiction",
        edits="jurisdiction",
    ),
    One("administrator", _("Run by"), help=_("The body that runs it."), path="administrator", edits="administrator"),
    Date("started", _("Started"), lambda row: row.started, _("As precise as the source states it."), edits="started"),
    Date("ended", _("Ended"), lambda row: row.ended, _("As precise as the source states it."), edits="ended"),
    One("parent", _("Part of"), help=_("The programme that includes it."), path="parent", edits="parent"),
    Flag(
        "supports_internationalisation",
        _("Supports internationalisation"),
        lambda row: row.supports_internationalisation,
        _("Whether a source says that it supports cooperation across borders."),
        shown=False,
        edits="supports_internationalisation",
    ),
    Counted(
        "partnership_count",
        _("Partnerships"),
        help=_("Partnerships that took part, themselves or through their consortium, in it or a programme under it."),
        paths=(
            through_published("descendants__participations", "partnership", "pk"),
            through_published("descendants__participations", "consortium__participations_in__partnership", "pk"),
        ),
    ),
    Address("url", _("Address"), lambda row: ("programmes", row.slug), _("The page of the programme.")),
]

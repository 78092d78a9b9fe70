"""The curators' side of programmes, their editions and strands."""

from django.contrib import admin

from eccp.curation.admin import NAMES, RecordAdmin
from programmes.models import Edition, Programme, Strand


@admin.register(Programme)
class ProgrammeAdmin(RecordAdmin):
    search_fields = (*NAMES, "acronym")
    what = (("kind", "acronym"), "parent", "predecessor", "supports_internationalisation", "website")
    who = ("administrator", "supporters", "jurisdiction")
    when = (("started", "ended"),)
    told_apart_by = ("acronym", "get_kind_display", "jurisdiction")
    label_lookups = ("jurisdiction",)
    list_columns = ("acronym", "kind", "administrator", "jurisdiction", "started", "ended")
    list_filters = ("kind", "supports_internationalisation")
    list_select_related = ("administrator", "jurisdiction")


@admin.register(Edition)
class EditionAdmin(RecordAdmin):
    what = ("programme",)
    when = ("period",)
    told_apart_by = ("programme", "period")
    label_lookups = ("programme",)
    list_columns = ("programme", "period")
    list_filters = (("programme", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("programme",)


@admin.register(Strand)
class StrandAdmin(RecordAdmin):
    what = ("programme",)
    told_apart_by = ("programme",)
    label_lookups = ("programme",)
    list_columns = ("programme",)
    list_filters = (("programme", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("programme",)

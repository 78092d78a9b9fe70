"""The rows that belong to a record, each part of it as a table or stack of forms: made from ``parts``."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eccp.curation.citing import CitationForm, CitationFormSet
from eccp.curation.forms import PartForm, PartFormSet, RecordSelect, RecordSelectMultiple
from eccp.records.labels import FACTS
from eccp.records.models import Record
from eccp.records.references import UNCITED_PARTS, naming_fields, owners, row_key


def _is_called_by_its_own_name(db_field: models.Field) -> bool:
    """Whether a label would be the field's name in code, which is English, beside a reader's word for the same fact."""
    is_automatic = db_field.verbose_name == db_field.name.replace("_", " ")
    return is_automatic and db_field.name in FACTS and get_language() != settings.LANGUAGE_CODE


class ChoosesRecords:
    """Every field that names a record finds it by any of its names."""

    formfield_overrides = {
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})},
        models.URLField: {"assume_scheme": "https"},
    }

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field and field.widget, RelatedFieldWidgetWrapper):
            # Another record is corrected or added on the way, but never deleted from where it is named.
            field.widget.can_delete_related = field.widget.can_view_related = False
        if field and _is_called_by_its_own_name(db_field):
            field.label = FACTS[db_field.name]
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if self._is_found_by_name(db_field):
            kwargs.setdefault("widget", RecordSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if self._is_found_by_name(db_field):
            kwargs.setdefault("widget", RecordSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _is_found_by_name(self, db_field) -> bool:
        return issubclass(db_field.related_model, Record) and self.admin_site.is_registered(db_field.related_model)


class PartInline(ChoosesRecords, admin.TabularInline):
    """The rows of one part of a record, as a table."""

    form = PartForm
    formset = PartFormSet
    extra = 0
    view_on_site = False
    #: The part of the record whose rows these are.
    part = ""
    #: The fields of which the first that is filled gives a row its key.
    key_from: tuple[str, ...] = ()
    #: How often each thing of the record is cited, counted once for all its rows.
    citation_counts: dict[str, int] = {}

    def get_queryset(self, request):
        owner = owners(self.parent_model)[self.part]
        named = [field.name for field in naming_fields(self.model, owner) if not field.many_to_many]
        lookups = [
            lookup
            for field in naming_fields(self.model, owner)
            for lookup in self.admin_site.label_lookups(field.related_model, f"{field.name}__")
        ]
        return super().get_queryset(request).select_related(*named).prefetch_related(*lookups)

    def get_formset(self, request, obj=None, **kwargs):
        made = super().get_formset(request, obj, **kwargs)
        made.key_from = self.key_from
        return made

    def get_readonly_fields(self, request, obj=None):
        cited = () if self.part in UNCITED_PARTS else ("cited",)
        return (*super().get_readonly_fields(request, obj), *cited)

    @admin.display(description=_("citations"))
    def cited(self, row):
        """How many citations support the row."""
        key = row_key(row, owners(self.parent_model)[self.part]) if row.pk else ""
        return self.citation_counts.get(f"{self.part}.{key}", 0)


class StackedPartInline(PartInline):
    """The rows of one part, one below the other: for rows with more than a few short fields."""

    template = "admin/edit_inline/stacked.html"


class StatementInline(StackedPartInline):
    key_from = ("aspect",)
    fieldsets = [(None, {"fields": [("aspect", "period"), "text", ("key", "position", "cited")]})]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "aspect":
            aspects = self.parent_model.aspects
            choices = [("", "---------"), *(aspects.choices if aspects else [])]
            return forms.ChoiceField(choices=choices, label=capfirst(db_field.verbose_name))
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class FigureInline(StackedPartInline):
    key_from = ("what",)
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "what",
                    ("value", "value_low", "value_high", "unit"),
                    ("kind", "period"),
                    "about",
                    ("key", "cited"),
                ]
            },
        )
    ]


class AssessmentInline(StackedPartInline):
    key_from = ("criterion",)
    fieldsets = [(None, {"fields": ["criterion", "judgement", ("judged_by", "judged_on"), ("key", "cited")]})]


class CitationInline(StackedPartInline):
    form = CitationForm
    formset = CitationFormSet
    template = "admin/curation/citations.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "field",
                    "source",
                    ("section", "line_first", "line_last", "locator_note"),
                    "stated_value",
                    "quote",
                    ("rank", "reason"),
                ]
            },
        )
    ]


class AliasInline(PartInline):
    verbose_name_plural = _("other names")
    verbose_name = _("other name")


class OldSlugInline(PartInline):
    verbose_name_plural = _("old ids")
    verbose_name = _("old id")


#: How the parts that every record may have are laid out, in their order on the page: after the kind's own.
COMMON_PARTS: dict[str, type[PartInline]] = {
    "statements": StatementInline,
    "figures": FigureInline,
    "assessments": AssessmentInline,
    "aliases": AliasInline,
    "old_slugs": OldSlugInline,
    "citations": CitationInline,
}


def part_inlines(model: type[Record], layouts: dict[str, type[PartInline]]) -> list[type[PartInline]]:
    """An inline for each part of ``model``, laid out as ``layouts`` says, else as a table."""
    keys = owners(model)
    order = [part for part in keys if part not in COMMON_PARTS] + [part for part in COMMON_PARTS if part in keys]
    if model.aspects is None:
        order.remove("statements")  # there is nothing a statement could say about such a record
    return [
        type(
            f"{model.__name__}{part.title().replace('_', '')}Inline",
            ((COMMON_PARTS | layouts).get(part, PartInline),),
            {"model": keys[part].model, "fk_name": keys[part].name, "part": part},
        )
        for part in order
    ]

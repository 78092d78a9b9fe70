"""The curators' site: one place that says how a record is called where one is to be chosen."""

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from eccp.curation.understood import understood
from eccp.records.models import Record


class RecordChoices(AutocompleteJsonView):
    """The answers of an autocomplete: each record with what tells it from others of the same name."""

    def get_queryset(self):
        queryset = super().get_queryset()
        if issubclass(queryset.model, Record):
            return self.admin_site.with_labels(queryset)
        return queryset

    def serialize_result(self, obj, to_field_name):
        result = super().serialize_result(obj, to_field_name)
        return result | {"text": self.admin_site.choice_label(obj)} if isinstance(obj, Record) else result


class RegistrySite(admin.AdminSite):
    site_title = _("ECCP Registry")
    site_header = _("ECCP Registry: curation")
    index_title = _("What the registry holds")

    def get_urls(self):
        return [path("understood/", self.admin_view(understood), name="understood"), *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return RecordChoices.as_view(admin_site=self)(request)

    def choice_label(self, record: Record) -> str:
        """The record's name with its kind and place, as its admin tells it apart."""
        return self.get_model_admin(type(record)).choice_label(record)

    def with_labels(self, queryset):
        """The records of ``queryset`` with all that their labels read."""
        return queryset.prefetch_related(*self.label_lookups(queryset.model))

    def label_lookups(self, model: type[Record], path: str = "") -> list[str]:
        """What the labels of records of ``model`` read, from where ``path`` leads to them."""
        if not self.is_registered(model):
            return []
        return [f"{path}{name}" for name in self.get_model_admin(model).label_lookups]

"""The curators' side of markets: what is measured and expected, which policies shape them, who is active in them."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter as OnlyUsed

from eccp.curation.admin import RecordAdmin
from eccp.curation.inlines import PartInline, StackedPartInline
from markets.models import Indicator, MarketPlayer, Outlook, PolicyMeasure


class ObservationInline(StackedPartInline):
    key_from = ("period", "kind")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("value", "value_low", "value_high"),
                    ("kind", "period"),
                    ("share_of", "note"),
                    ("key", "cited"),
                ]
            },
        )
    ]


class StepInline(PartInline):
    key_from = ("step",)
    fields = ("step", "on", "what", "key", "cited")


@admin.register(Indicator)
class IndicatorAdmin(RecordAdmin):
    what = ("unit", "sector", "area", "programme", "share_of")
    layouts = {"observations": ObservationInline}
    told_apart_by = ("unit", "area")
    label_lookups = ("area",)
    list_columns = ("sector", "area", "unit")
    list_filters = (("sector", OnlyUsed),)
    list_select_related = ("sector", "area")


@admin.register(Outlook)
class OutlookAdmin(RecordAdmin):
    what = ("direction", "sector", "area")
    who = ("said_by",)
    when = ("period",)
    told_apart_by = ("get_direction_display", "period")
    list_columns = ("sector", "area", "direction", "period", "said_by")
    list_filters = ("direction", ("sector", OnlyUsed))
    list_select_related = ("sector", "area", "said_by")


@admin.register(PolicyMeasure)
class PolicyMeasureAdmin(RecordAdmin):
    what = ("kind", "sectors")
    who = ("bodies",)
    where = ("countries",)
    layouts = {"steps": StepInline}
    told_apart_by = ("get_kind_display", "countries")
    label_lookups = ("countries",)
    list_columns = ("kind", "dated")
    list_filters = ("kind", ("countries", OnlyUsed), ("sectors", OnlyUsed))
    list_prefetch_related = ("steps",)


@admin.register(MarketPlayer)
class MarketPlayerAdmin(RecordAdmin):
    what = ("sector", "area")
    who = ("organisation", "home_country")
    told_apart_by = ("sector", "area")
    label_lookups = ("sector", "area")
    list_columns = ("organisation", "sector", "area", "home_country")
    list_filters = (("sector", OnlyUsed), ("home_country", OnlyUsed))
    list_select_related = ("organisation", "sector", "area", "home_country")

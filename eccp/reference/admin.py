"""The curators' side of who, where and what; clusters have a heading of their own."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter as OnlyUsed
from django.utils.translation import gettext_lazy as _

from eccp.curation.admin import NAMES, TRANSLATIONS, RecordAdmin
from eccp.reference.models import Area, Cluster, Country, Organisation, OrganisationKind, Region, Sector

POSITION = (("latitude", "longitude"), ("tile_column", "tile_row"))


class TranslatedAdmin(RecordAdmin):
    """The base of what also has names in the languages of the interface."""

    search_fields = (*NAMES, *TRANSLATIONS)
    what = (TRANSLATIONS,)


class CodedAdmin(TranslatedAdmin):
    """The base of what has a code for an id: it is typed, never made from the name."""

    prepopulated_fields = {}
    told_apart_by = ("slug",)


@admin.register(Area)
class AreaAdmin(CodedAdmin):
    what = ("area_kind", *TranslatedAdmin.what)
    list_columns = ("slug", "area_kind")
    list_filters = ("area_kind",)


@admin.register(Country)
class CountryAdmin(CodedAdmin):
    search_fields = (*CodedAdmin.search_fields, "alpha3")
    what = ("alpha3", *TranslatedAdmin.what)
    where = POSITION
    list_columns = ("slug", "alpha3", "areas")
    list_filters = (("memberships__area", OnlyUsed),)
    list_prefetch_related = ("memberships__area",)

    @admin.display(description=_("belongs or belonged to"))
    def areas(self, obj):
        return ", ".join(f"{membership.area} ({membership})" for membership in obj.memberships.all())


@admin.register(Region)
class RegionAdmin(CodedAdmin):
    what = (("scheme", "level"), *TranslatedAdmin.what)
    where = ("country", "parent", *POSITION)
    told_apart_by = ("slug", "country")
    label_lookups = ("country",)
    list_columns = ("slug", "country", "scheme", "level")
    list_filters = (("country", OnlyUsed), "scheme", "level")
    list_select_related = ("country",)


@admin.register(Sector)
class SectorAdmin(TranslatedAdmin):
    what = ("parent", "ecosystem", ("nace_code", "nace_revision"), *TranslatedAdmin.what)
    told_apart_by = ("parent",)
    label_lookups = ("parent",)
    list_columns = ("parent", "ecosystem", "nace_code")
    list_filters = ("ecosystem",)
    list_select_related = ("parent",)


@admin.register(Organisation)
class OrganisationAdmin(RecordAdmin):
    what = ("kind", "website", "sectors", "successor")
    where = ("countries", "regions", "stated_countries")
    told_apart_by = ("get_kind_display", "regions", "countries")
    label_lookups = ("regions", "countries")
    list_columns = ("kind", "in_countries", "in_regions")
    list_filters = ("kind", ("countries", OnlyUsed), ("sectors", OnlyUsed))
    list_prefetch_related = ("countries", "regions")

    @admin.display(description=_("countries"))
    def in_countries(self, obj):
        return ", ".join(country.name for country in obj.countries.all())

    @admin.display(description=_("regions"))
    def in_regions(self, obj):
        return ", ".join(region.name for region in obj.regions.all())


@admin.register(Cluster)
class ClusterAdmin(OrganisationAdmin):
    """Clusters alone; what is added here is one."""

    given = {"kind": OrganisationKind.CLUSTER}
    what = ("website", "sectors", "successor")
    where = ("countries", "regions")
    list_columns = ("in_countries", "in_regions")
    list_filters = (("countries", OnlyUsed), ("regions", OnlyUsed), ("sectors", OnlyUsed))

    def get_queryset(self, request):
        return super().get_queryset(request).clusters()

    def get_inlines(self, request, obj):
        # A cluster's own members are companies, counted as a figure; only a consortium names its members.
        return [inline for inline in super().get_inlines(request, obj) if inline.part != "memberships"]

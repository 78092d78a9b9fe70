"""The lists of organisations, sectors, countries and regions, and the pages of their records."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from eccp.listing.addresses import list_path, with_query
from eccp.listing.details import DetailView
from eccp.listing.drawings import tile_map
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.related import named, related
from eccp.listing.views import of_day
from eccp.records.evidence import Evidence
from eccp.records.vocabulary import PublicationStatus
from eccp.reference.columns import COUNTRY_COLUMNS, ORGANISATION_COLUMNS, REGION_COLUMNS, SECTOR_COLUMNS
from eccp.reference.filters import CountryFilterSet, OrganisationFilterSet, RegionFilterSet, SectorFilterSet
from eccp.reference.models import EU, Country, Organisation, OrganisationKind, Region, Sector


class OrganisationList(Listing):
    """Every published organisation: clusters, consortia, authorities, companies …"""

    name = "organisations"
    title = _("Organisations")
    description = _("Clusters, consortia, authorities and all others that take part.")
    counted = ngettext_lazy("%(count)s organisation", "%(count)s organisations", "count")
    queryset = Organisation.objects.published()
    filterset_class = OrganisationFilterSet
    columns = ORGANISATION_COLUMNS
    schema_type = "Organization"
    schema = {"sameAs": "website"}
    default_sort = "name"


class SectorList(Listing):
    """Every published sector."""

    name = "sectors"
    title = _("Sectors")
    description = _("Fields of activity; a sector includes those under it.")
    counted = ngettext_lazy("%(count)s sector", "%(count)s sectors", "count")
    queryset = Sector.objects.published().prefetch_related("outlooks")
    filterset_class = SectorFilterSet
    columns = SECTOR_COLUMNS
    schema_type = "DefinedTerm"
    default_sort = "name"

    reads_names = ("outlooks",)

    @staticmethod
    def search_texts(record):
        # Outlooks have no list of their own: they stand on the page of their sector.
        public = [outlook for outlook in record.outlooks.all() if outlook.is_published]
        return [text for outlook in public for text in (outlook.name, outlook.summary)]


class CountryList(Listing):
    """Every country of ISO 3166-1."""

    name = "countries"
    title = _("Countries")
    description = _("The countries of ISO 3166-1, with their dated membership of the EU.")
    counted = ngettext_lazy("%(count)s country", "%(count)s countries", "count")
    queryset = Country.objects.published().prefetch_related("memberships__area")
    filterset_class = CountryFilterSet
    columns = COUNTRY_COLUMNS
    schema_type = "Country"
    default_sort = "name"


class RegionList(Listing):
    """Every published region."""

    name = "regions"
    title = _("Regions")
    description = _("NUTS regions of Europe, ISO 3166-2 subdivisions elsewhere.")
    counted = ngettext_lazy("%(count)s region", "%(count)s regions", "count")
    queryset = Region.objects.published().select_related("parent", "country")
    filterset_class = RegionFilterSet
    columns = REGION_COLUMNS
    schema_type = "AdministrativeArea"
    default_sort = "name"


PARTNERSHIPS = ("title", "stage", "started", "european_organisations", "partner_organisations")
AGREEMENTS = ("title", "type", "parties", "signed", "ends", "status")
ORGANISATIONS = ("name", "kind", "countries", "regions", "sectors", "partnership_count")
INDICATORS = ("name", "sector", "latest_period", "latest_value", "unit")


class OrganisationDetail(DetailView):
    """One organisation: what it is, what it takes part in, its members if it is a consortium."""

    template_name = "reference/organisation_detail.html"
    left_out = frozenset({"partnership_count", "region_codes"})
    cited = {"countries": ("countries", "stated_countries")}

    def get_parts(self):
        return ("countries", "stated_countries", "predecessors")

    def get_context(self, record, on):
        of = {"organisation": record.slug}
        markets = list(record.markets.published())
        members = list(record.memberships.select_related("member"))
        places = named([row.member_id for row in members], Organisation.countries, Organisation.regions)
        for row in members:
            row.countries, row.regions = (of_member.get(row.member_id, []) for of_member in places)
        return {
            "members": members,
            "consortia": [row.consortium_id for row in record.member_of.order_by("consortium__slug")],
            "is_consortium": record.kind == OrganisationKind.CONSORTIUM,
            "partnerships": related("partnerships", of, PARTNERSHIPS, on),
            "agreements": related("agreements", of, AGREEMENTS, on),
            "activities": related("activities", of, ("title", "kind", "state", "started", "place"), on),
            "participations": related("participations", of, ("programme", "edition", "strand", "target_countries"), on),
            "administered": record.administered_programmes.published().order_by("name"),
            "supported": record.supported_programmes.published().order_by("name"),
            "policy_supports": record.supports.filter(partnership__publication_status=PublicationStatus.PUBLISHED),
            "measures": record.measures.published().order_by("slug"),
            "markets": markets,
            "evidence": Evidence(record, *markets),
        }


class SectorDetail(DetailView):
    """One sector: its partnerships and its markets side by side."""

    template_name = "reference/sector_detail.html"
    optional = frozenset({"parent", "nace_code", "nace_revision"})

    def get_context(self, record, on):
        of = {"sector": record.slug}
        outlooks = record.outlooks.model.objects.published().filter(sector__ancestors=record)
        outlooks = outlooks.with_evidence().order_by("sector", "slug")
        players = record.players.model.objects.published().filter(sector__ancestors=record)
        players = players.order_by("sector", "organisation__name")
        outlooks, players = list(outlooks), list(players)
        return {
            "children": record.children.published().order_by("name"),
            "partnerships": related("partnerships", of, ("title", "stage", "started"), on),
            "organisations": related("organisations", of, ("name", "kind", "countries"), on),
            "agreements": related("agreements", of, ("title", "signed", "status"), on),
            "indicators": related("indicators", of, ("name", "latest_period", "latest_value", "unit"), on, most=20),
            "measures": related("measures", of, ("title", "dated", "status"), on),
            "outlooks": outlooks,
            "players": players,
            "evidence": Evidence(record, *outlooks, *players),
        }


class CountryDetail(DetailView):
    """One country: its regions, organisations, partnerships and measures, and its membership of the EU."""

    template_name = "reference/country_detail.html"
    left_out = frozenset({"parent"})

    def get_parts(self):
        return ("memberships__area",)

    def get_context(self, record, on):
        of = {"country": record.slug}
        tiled = record.regions.published().filter(tile_column__isnull=False)
        return {
            "memberships": [row for row in record.memberships.all() if row.joined_on or row.left_on],
            "areas": [row.area for row in record.memberships.all() if not (row.joined_on or row.left_on)],
            "is_member": any(
                row.area.slug == EU and (row.joined_on or on) <= on <= (row.left_on or on)
                for row in record.memberships.all()
            ),
            "partnerships": related("partnerships", of, PARTNERSHIPS, on),
            "agreements": related("agreements", of, AGREEMENTS, on),
            "organisations": related("organisations", of, ORGANISATIONS, on),
            "indicators": related("indicators", {"area": record.slug}, INDICATORS, on),
            "measures": related("measures", of, ("title", "kind", "sectors", "dated", "status"), on),
            "map": tile_map(region_tiles(tiled, "organisations", "region", on)),
            "regions": with_counts(record.regions.published().order_by("slug"), "organisations", "region", on),
        }


class RegionDetail(DetailView):
    """One region with its organisations, their partnerships and agreements."""

    template_name = "reference/region_detail.html"

    def get_queryset(self, on):
        return super().get_queryset(on).select_related("country")

    def get_context(self, record, on):
        of = {"region": record.slug}
        return {
            "children": record.children.published().order_by("slug"),
            "old_codes": record.old_slugs.all(),
            "partnerships": related("partnerships", of, PARTNERSHIPS, on),
            "agreements": related("agreements", of, AGREEMENTS, on),
            "organisations": related("organisations", of, ORGANISATIONS, on),
        }


def with_counts(places, name: str, word: str, on) -> list[tuple]:
    """Places that rows of the list ``name`` are of, each with their number and the address of exactly these."""
    rows = index.snapshot(LISTINGS[name]).facet(word, on)
    return [
        (place, len(rows[place.slug]), with_query(list_path(name), [(word, place.slug), *of_day(on)]))
        for place in places
        if place.slug in rows
    ]


def region_tiles(regions, name: str, word: str, on):
    """Regions as tiles: the last part of the code, how many rows of the list are of it, and their address."""
    snapshot = index.snapshot(LISTINGS[name])
    rows = snapshot.facet(word, on)
    for region in regions:
        url = with_query(list_path(name), [(word, region.slug), *of_day(on)])
        ref = snapshot.directory.get(region)
        code = region.slug.rpartition("-")[2]
        yield region, ref.label if ref else region.name, code, len(rows.get(region.slug, ())), url


SHOWN = [
    (OrganisationList, OrganisationDetail),
    (SectorList, SectorDetail),
    (CountryList, CountryDetail),
    (RegionList, RegionDetail),
]

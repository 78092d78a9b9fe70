"""The lists of organisations, sectors, countries and regions, and the pages of their records."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.details import DetailView
from eccp.listing.listings import Listing
from eccp.reference.columns import COUNTRY_COLUMNS, ORGANISATION_COLUMNS, REGION_COLUMNS, SECTOR_COLUMNS
from eccp.reference.filters import CountryFilterSet, OrganisationFilterSet, RegionFilterSet, SectorFilterSet
from eccp.reference.models import Country, Organisation, Region, Sector


class OrganisationList(Listing):
    """Every published organisation: clusters, consortia, authorities, companies …"""

    name = "organisations"
    title = _("Organisations")
    description = _("Clusters, consortia, authorities and all others that take part.")
    counted = ("%(count)s organisation", "%(count)s organisations")
    queryset = Organisation.objects.published().for_listing()
    filterset_class = OrganisationFilterSet
    columns = ORGANISATION_COLUMNS
    default_sort = "name"


class SectorList(Listing):
    """Every published sector."""

    name = "sectors"
    title = _("Sectors")
    description = _("Fields of activity; a sector includes those under it.")
    counted = ("%(count)s sector", "%(count)s sectors")
    queryset = Sector.objects.published().select_related("parent")
    filterset_class = SectorFilterSet
    columns = SECTOR_COLUMNS
    default_sort = "name"


class CountryList(Listing):
    """Every country of ISO 3166-1."""

    name = "countries"
    title = _("Countries")
    description = _("The countries of ISO 3166-1, with their dated membership of the EU.")
    counted = ("%(count)s country", "%(count)s countries")
    queryset = Country.objects.published().prefetch_related("memberships__area")
    filterset_class = CountryFilterSet
    columns = COUNTRY_COLUMNS
    default_sort = "name"


class RegionList(Listing):
    """Every published region."""

    name = "regions"
    title = _("Regions")
    description = _("NUTS regions of Europe, ISO 3166-2 subdivisions elsewhere.")
    counted = ("%(count)s region", "%(count)s regions")
    queryset = Region.objects.published().select_related("parent", "country")
    filterset_class = RegionFilterSet
    columns = REGION_COLUMNS
    default_sort = "name"


class OrganisationDetail(DetailView):
    """One organisation: what it is, what it takes part in, its members if it is a consortium."""

    template_name = "reference/organisation_detail.html"


class SectorDetail(DetailView):
    """One sector: its partnerships and its markets side by side."""

    template_name = "reference/sector_detail.html"


class CountryDetail(DetailView):
    """One country: its regions, organisations and membership of the EU."""

    template_name = "reference/country_detail.html"


class RegionDetail(DetailView):
    """One region and its organisations."""

    template_name = "reference/region_detail.html"


SHOWN = [
    (OrganisationList, OrganisationDetail),
    (SectorList, SectorDetail),
    (CountryList, CountryDetail),
    (RegionList, RegionDetail),
]

"""The list of programmes and the page of one of them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from eccp.listing.details import DetailView
from eccp.listing.listings import Listing
from eccp.listing.related import related
from eccp.records.evidence import Evidence
from eccp.records.vocabulary import PublicationStatus
from programmes.columns import PROGRAMME_COLUMNS
from programmes.filters import ProgrammeFilterSet
from programmes.models import Programme


class ProgrammeList(Listing):
    """Every published programme."""

    name = "programmes"
    title = _("Programmes")
    description = _("Programmes and services under which clusters cooperate across borders.")
    counted = ngettext_lazy("%(count)s programme", "%(count)s programmes", "count")
    queryset = Programme.objects.published()
    filterset_class = ProgrammeFilterSet
    columns = PROGRAMME_COLUMNS
    schema_type = "Project"
    schema = {"foundingDate": "started", "dissolutionDate": "ended"}
    default_sort = "name"


class ProgrammeDetail(DetailView):
    """One programme: who runs it, its editions and strands, who may take part and who did."""

    template_name = "programmes/programme_detail.html"
    left_out = frozenset({"partnership_count"})
    optional = frozenset({"acronym", "parent"})

    def get_parts(self):
        return ("supporters",)

    def get_context(self, record, on):
        of = {"programme": record.slug}
        editions = list(record.editions.published().with_evidence().order_by("period_first", "slug"))
        strands = list(record.strands.published().with_evidence().order_by("slug"))
        partnerships = ("title", "stage", "european_countries", "partner_countries", "sectors")
        participations = ("edition", "strand", "consortium", "partnership", "countries", "target_countries")
        return {
            "editions": editions,
            "strands": strands,
            "children": record.children.published().order_by("name"),
            "successors": record.successors.published().order_by("name"),
            "partnerships": related("partnerships", of, partnerships, on, most=20),
            "participations": related("participations", of, participations, on, most=40),
            "policy_supports": record.supports.filter(partnership__publication_status=PublicationStatus.PUBLISHED),
            "indicators": record.indicators.published().order_by("slug"),
            "evidence": Evidence(record, *editions, *strands),
        }


SHOWN = [(ProgrammeList, ProgrammeDetail)]

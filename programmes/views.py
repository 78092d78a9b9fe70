"""The list of programmes and the page of one of them."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.details import DetailView
from eccp.listing.listings import Listing
from programmes.columns import PROGRAMME_COLUMNS
from programmes.filters import ProgrammeFilterSet
from programmes.models import Programme


class ProgrammeList(Listing):
    """Every published programme."""

    name = "programmes"
    title = _("Programmes")
    description = _("Programmes and services under which clusters cooperate across borders.")
    counted = ("%(count)s programme", "%(count)s programmes")
    queryset = Programme.objects.published().for_listing()
    filterset_class = ProgrammeFilterSet
    columns = PROGRAMME_COLUMNS
    default_sort = "name"


class ProgrammeDetail(DetailView):
    """One programme: who runs it, its editions and strands, who may take part and who did."""

    template_name = "programmes/programme_detail.html"


SHOWN = [(ProgrammeList, ProgrammeDetail)]

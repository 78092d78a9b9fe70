"""The lists of partnerships, agreements, activities and participations, and the pages of their records."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.details import DetailView
from eccp.listing.listings import Listing
from partnerships.columns import ACTIVITY_COLUMNS, AGREEMENT_COLUMNS, PARTICIPATION_COLUMNS, PARTNERSHIP_COLUMNS
from partnerships.filters import (
    ActivityFilterSet,
    AgreementFilterSet,
    ParticipationFilterSet,
    PartnershipFilterSet,
)
from partnerships.models import Activity, Agreement, Participation, Partnership


class PartnershipList(Listing):
    """Every published partnership."""

    name = "partnerships"
    title = _("Partnerships")
    description = _("Who works with whom across borders, since when, under which agreement and programme.")
    counted = ("%(count)s partnership", "%(count)s partnerships")
    queryset = Partnership.objects.published().for_listing()
    filterset_class = PartnershipFilterSet
    columns = PARTNERSHIP_COLUMNS
    default_sort = "title"


class AgreementList(Listing):
    """Every published agreement."""

    name = "agreements"
    title = _("Agreements")
    description = _("Memoranda, letters of intent and treaties, with their status on any day.")
    counted = ("%(count)s agreement", "%(count)s agreements")
    queryset = Agreement.objects.published().for_listing()
    filterset_class = AgreementFilterSet
    columns = AGREEMENT_COLUMNS
    default_sort = "title"


class ActivityList(Listing):
    """Every published activity."""

    name = "activities"
    title = _("Activities")
    description = _("Delegations, missions, match-making and meetings, held or announced.")
    counted = ("%(count)s activity", "%(count)s activities")
    queryset = Activity.objects.published().for_listing()
    filterset_class = ActivityFilterSet
    columns = ACTIVITY_COLUMNS
    default_sort = "title"


class ParticipationList(Listing):
    """Every published participation of a partnership or consortium in a programme."""

    name = "participations"
    title = _("Participations")
    description = _("Which partnership or consortium takes part in which programme, edition and strand.")
    counted = ("%(count)s participation", "%(count)s participations")
    queryset = Participation.objects.published().for_listing()
    filterset_class = ParticipationFilterSet
    columns = PARTICIPATION_COLUMNS


class PartnershipDetail(DetailView):
    """One partnership: who with whom, since when, under what, and what came of it."""

    template_name = "partnerships/partnership_detail.html"

    def get_context(self, record, on):
        return {
            "agreements": record.agreements.published().for_listing().with_status(on),
            "activities": record.activities.published().for_listing().order_by("started_first", "slug"),
            "supports": record.supports.select_related("organisation", "programme"),
            "contact_points": record.contact_points.published().select_related("organisation"),
        }


class AgreementDetail(DetailView):
    """One agreement and its life line."""

    template_name = "partnerships/agreement_detail.html"

    def get_queryset(self, on):
        return super().get_queryset(on).with_status(on)

    def get_context(self, record, on):
        return {"renewals": record.renewals.published().with_status(on)}


class ActivityDetail(DetailView):
    """One activity."""

    template_name = "partnerships/activity_detail.html"


class ParticipationDetail(DetailView):
    """One participation in a programme."""

    template_name = "partnerships/participation_detail.html"


SHOWN = [
    (PartnershipList, PartnershipDetail),
    (AgreementList, AgreementDetail),
    (ActivityList, ActivityDetail),
    (ParticipationList, ParticipationDetail),
]

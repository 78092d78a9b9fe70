"""The lists of partnerships, agreements, activities and participations, and the pages of their records."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from eccp.listing.details import DetailView
from eccp.listing.drawings import Span, TimeLine, time_line
from eccp.listing.listings import Listing
from eccp.listing.related import named, related
from eccp.listing.wording import said_date
from eccp.records.evidence import Evidence
from eccp.records.nothing import has_nothing
from eccp.reference.models import Organisation
from partnerships.columns import ACTIVITY_COLUMNS, AGREEMENT_COLUMNS, PARTICIPATION_COLUMNS, PARTNERSHIP_COLUMNS
from partnerships.filters import (
    ActivityFilterSet,
    AgreementFilterSet,
    ParticipationFilterSet,
    PartnershipFilterSet,
)
from partnerships.models import (
    STATUSES_LAST_KNOWN,
    Activity,
    Agreement,
    AgreementParty,
    AgreementStatus,
    GoodPractice,
    Participant,
    Participation,
    Partnership,
    Side,
)


class PartnershipList(Listing):
    """Every published partnership."""

    name = "partnerships"
    title = _("Partnerships")
    description = _("Who works with whom across borders, since when, under which agreement and programme.")
    counted = ngettext_lazy("%(count)s partnership", "%(count)s partnerships", "count")
    queryset = Partnership.objects.published()
    filterset_class = PartnershipFilterSet
    columns = PARTNERSHIP_COLUMNS
    schema_type = "Project"
    schema = {"foundingDate": "started", "dissolutionDate": "ended"}
    default_sort = "title"


class AgreementList(Listing):
    """Every published agreement."""

    name = "agreements"
    title = _("Agreements")
    description = _("Memoranda, letters of intent and treaties, with their status on any day.")
    counted = ngettext_lazy("%(count)s agreement", "%(count)s agreements", "count")
    queryset = Agreement.objects.published()
    filterset_class = AgreementFilterSet
    columns = AGREEMENT_COLUMNS
    schema_type = "CreativeWork"
    schema = {"dateCreated": "signed"}
    default_sort = "title"


class ActivityList(Listing):
    """Every published activity."""

    name = "activities"
    title = _("Activities")
    description = _("Delegations, missions, match-making and meetings, held or announced.")
    counted = ngettext_lazy("%(count)s activity", "%(count)s activities", "count")
    queryset = Activity.objects.published()
    filterset_class = ActivityFilterSet
    columns = ACTIVITY_COLUMNS
    schema_type = "Event"
    schema = {"startDate": "started", "endDate": "ended", "location": "place"}
    default_sort = "title"


class ParticipationList(Listing):
    """Every published participation of a partnership or consortium in a programme."""

    name = "participations"
    title = _("Participations")
    description = _("Which partnership or consortium takes part in which programme, edition and strand.")
    counted = ngettext_lazy("%(count)s participation", "%(count)s participations", "count")
    queryset = Participation.objects.published()
    filterset_class = ParticipationFilterSet
    columns = PARTICIPATION_COLUMNS


def span_of(agreement: Agreement) -> Span | None:
    """An agreement as its time line draws it; None when no day of it is known."""
    starts = agreement.effective or agreement.signed or agreement.negotiated_from
    if starts is None:
        return None
    kind = str(agreement.status)
    return Span(
        f"{agreement.get_type_display()}, {said_date(starts)}",
        agreement.get_absolute_url(),
        kind,
        starts.first,
        starts.last,
        agreement.ends_on,
        agreement.verified_on if kind in STATUSES_LAST_KNOWN else None,
    )


def life_lines(agreements: Iterable[Agreement], on: date, activities: Iterable[Activity] = ()) -> TimeLine | None:
    """Agreements, and the activities between them, on one line of time."""
    points = [(activity.name, activity.state, activity.started.first) for activity in activities if activity.started]
    return time_line(filter(None, map(span_of, agreements)), on, points)


class PartnershipDetail(DetailView):
    """One partnership: who with whom, since when, under what, and what came of it."""

    template_name = "partnerships/partnership_detail.html"
    optional = frozenset({"ended"})
    left_out = frozenset({
        "european_countries", "partner_countries", "european_regions", "partner_regions", "european_organisations",
        "partner_organisations", "agreement_types", "latest_agreement_signed", "good_practice", "programmes",
    })  # fmt: skip

    def get_parts(self):
        participants = Participant.objects.select_related("organisation").order_by("side", "organisation__slug")
        return [Prefetch("participants", participants)]

    def get_context(self, record, on):
        agreements = list(record.agreements.published().with_status(on).order_by("signed_first", "slug"))
        activities = list(record.activities.published().prefetch_related("countries").order_by("started_first", "slug"))
        good_practice = None
        if not has_nothing(record, "good_practice"):
            good_practice = GoodPractice.objects.published().filter(partnership=record).with_evidence().first()
        contact_points = list(record.contact_points.published())
        participants = record.participants.all()
        taking_part = [row.organisation_id for row in participants]
        participations = list(
            Participation.objects.published().filter(Q(partnership=record) | Q(consortium__in=taking_part))
        )
        places = ("regions", "countries", "stated_countries", "members")
        relations = [getattr(Organisation, place) for place in places]
        *found, targets = named([record.pk, *taking_part], *relations, Partnership.target_countries)
        for row in participants:
            for place, of in zip(places, found, strict=True):
                setattr(row, place, of.get(row.organisation_id, []))
        for agreement in agreements:
            agreement.status_label = AgreementStatus(agreement.status).label
        further = [*agreements, *activities, *participations, *contact_points, *([good_practice] * bool(good_practice))]
        return {
            "sides": [
                (side, Side(side).label, [row for row in participants if row.side == side])
                for side in (Side.EUROPEAN, Side.PARTNER)
            ],
            "agreements": agreements,
            "last_known": STATUSES_LAST_KNOWN,
            "line": life_lines(agreements, on, activities),
            "activities": activities,
            "participations": participations,
            "target_countries": targets.get(record.pk, []),
            "supports": record.supports.select_related("organisation").order_by("organisation__slug", "pk"),
            "good_practice": good_practice,
            "contact_points": contact_points,
            "evidence": Evidence(record, *further),
        }


class AgreementDetail(DetailView):
    """One agreement and its life line."""

    template_name = "partnerships/agreement_detail.html"
    left_out = frozenset({"parties", "status", "signed", "ends", "duration_months", "supersedes"})
    optional = frozenset({"regions", "partnership"})
    cited = {"countries": (), "regions": ()}

    def get_queryset(self, on):
        return super().get_queryset(on).with_status(on).select_related("evidence")

    def get_parts(self):
        parties = AgreementParty.objects.select_related("organisation").order_by("side", "organisation__slug")
        return [Prefetch("parties", parties)]

    def get_context(self, record, on):
        renewals = list(record.renewals.published().with_status(on).order_by("slug"))
        earlier = (
            record.supersedes_id
            and Agreement.objects.published().with_status(on).filter(pk=record.supersedes_id).first()
        )
        family = [row for row in (earlier, record, *renewals) if row]
        return {
            "renewals": renewals,
            "earlier": earlier,
            "line": life_lines(family, on),
            "is_last_known": record.status in STATUSES_LAST_KNOWN,
            "status_label": AgreementStatus(record.status).label,
        }


class ActivityDetail(DetailView):
    """One activity: what, when, where, who, and of what it is part."""

    template_name = "partnerships/activity_detail.html"
    optional = frozenset({"ended", "partnership"})
    cited = {"countries": ("countries", "region")}

    def get_queryset(self, on):
        return super().get_queryset(on).select_related("region", "part_of", "programme")

    def get_context(self, record, on):
        return {"activity_parts": record.activity_parts.published().order_by("started_first", "slug")}


class ParticipationDetail(DetailView):
    """One participation in a programme: who, in which edition and strand, with which aim."""

    template_name = "partnerships/participation_detail.html"
    optional = frozenset({"consortium", "partnership", "renewed"})
    cited = {"countries": (), "target_countries": ()}

    def get_queryset(self, on):
        return super().get_queryset(on).select_related("consortium", "edition", "strand")

    def get_context(self, record, on):
        further = [row for row in (record.edition, record.strand) if row]
        columns = ("title", "stage", "european_countries", "partner_countries")
        words = {"organisation": record.consortium.slug} if record.consortium else None
        return {
            "evidence": Evidence(record, *further),
            "partnerships": words and related("partnerships", words, columns, on),
        }


SHOWN = [
    (PartnershipList, PartnershipDetail),
    (AgreementList, AgreementDetail),
    (ActivityList, ActivityDetail),
    (ParticipationList, ParticipationDetail),
]

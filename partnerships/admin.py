"""The curators' side of partnerships: who works with whom, under which agreements, and what came of it."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter as OnlyUsed
from django.utils.translation import gettext_lazy as _

from eccp.curation.admin import RecordAdmin
from partnerships.models import (
    Activity,
    Agreement,
    ContactPoint,
    GoodPractice,
    Participation,
    Partnership,
    Side,
)


@admin.register(Partnership)
class PartnershipAdmin(RecordAdmin):
    what = ("stage", "sectors")
    where = ("target_countries",)
    when = (("started", "ended"), "quiet_since")
    told_apart_by = ("get_stage_display",)
    followed_by = ((Agreement, "partnership"), (Activity, "partnership"), (Participation, "partnership"))
    list_columns = ("stage", "european_side", "partner_side", "started")
    list_filters = ("stage", ("sectors", OnlyUsed))
    list_prefetch_related = ("participants__organisation", "target_countries")

    @admin.display(description=Side.EUROPEAN.label)
    def european_side(self, obj):
        return self._side(obj, Side.EUROPEAN)

    @admin.display(description=Side.PARTNER.label)
    def partner_side(self, obj):
        targets = [country.name for country in obj.target_countries.all()]
        return "; ".join(filter(None, [self._side(obj, Side.PARTNER), *targets]))

    def _side(self, obj, side):
        return "; ".join(row.organisation.name for row in obj.participants.all() if row.side == side)


@admin.register(Participation)
class ParticipationAdmin(RecordAdmin):
    what = ("programme", "edition", "strand")
    who = ("partnership", "consortium")
    when = (("started", "renewed"),)
    told_apart_by = ("programme",)
    label_lookups = ("programme",)
    list_columns = ("programme", "edition", "strand", "partnership", "consortium")
    list_filters = (("programme", OnlyUsed), ("edition", OnlyUsed))
    list_select_related = ("programme", "edition", "strand", "partnership", "consortium")


@admin.register(Agreement)
class AgreementAdmin(RecordAdmin):
    what = (("type", "level"), "partnership", "sectors", "supersedes")
    when = (
        ("is_negotiated", "negotiated_from"),
        ("signed", "effective"),
        ("duration_months", "stated_end", "terminated"),
    )
    evidence = ("evidence",)
    told_apart_by = ("get_type_display", "signed")
    list_columns = ("type", "level", "between", "signed", "ends_on")
    list_filters = ("type", "level", ("sectors", OnlyUsed))
    list_prefetch_related = ("parties__organisation",)

    @admin.display(description=_("between"))
    def between(self, obj):
        return "; ".join(party.organisation.name for party in obj.parties.all())


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    what = (("kind", "state"), "partnership", "programme", "part_of")
    who = ("organisations",)
    where = ("place", "region", "countries", "direction")
    when = (("started", "ended"), "recurrence")
    told_apart_by = ("get_kind_display", "started")
    list_columns = ("kind", "state", "started", "place", "partnership")
    list_filters = ("kind", "state", "direction", ("countries", OnlyUsed))
    list_select_related = ("partnership",)


@admin.register(GoodPractice)
class GoodPracticeAdmin(RecordAdmin):
    what = ("partnership",)
    list_columns = ("partnership",)
    list_select_related = ("partnership",)


@admin.register(ContactPoint)
class ContactPointAdmin(RecordAdmin):
    what = ("role", "partnership")
    who = ("organisation", ("person_name", "email"), "is_person_public", ("basis", "basis_recorded_on"))
    told_apart_by = ("organisation",)
    label_lookups = ("organisation",)
    list_columns = ("organisation", "role", "partnership", "is_person_public")
    list_filters = ("is_person_public",)
    list_select_related = ("organisation", "partnership")

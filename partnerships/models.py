"""Partnerships: who works with whom, since when, under which agreements, and what came of it."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from eccp.records.dates import PartialDate, PartialDateField, PastDayField, day_constraints, partial_date_constraints
from eccp.records.models import RecordModel, RecordQuerySet, Source
from eccp.records.turning import NEXT_DAY, SAME_DAY, Turn, outside, turns
from eccp.records.vocabulary import PublicationStatus, choice_constraint, in_order_constraint, not_itself_constraints
from eccp.reference.models import Country, Organisation, Region, Sector
from programmes.models import Edition, Programme, Strand

PUBLISHED = PublicationStatus.PUBLISHED


class Stage(models.TextChoices):
    TARGETED = "targeted", _("targeted")
    CONTACT = "contact", _("in contact")
    ACTIVE = "active", _("active")
    DORMANT = "dormant", _("dormant")
    ENDED = "ended", pgettext_lazy("partnership", "ended")


class Side(models.TextChoices):
    EUROPEAN = "european", _("European side")
    PARTNER = "partner", _("partner side")


class Role(models.TextChoices):
    LEAD = "lead", _("lead")
    PARTNER = "partner", _("partner")
    ASSOCIATED = "associated", _("associated")
    SUPPORTER = "supporter", _("supporter")
    CONTACT_POINT = "contact_point", _("contact point")


class AgreementType(models.TextChoices):
    MOU = "mou", _("memorandum of understanding")
    LOI = "loi", _("letter of intent")
    MOC = "moc", _("memorandum of cooperation")
    AGREEMENT = "agreement", _("agreement")
    FTA = "fta", _("free trade agreement")
    SPA = "spa", _("strategic partnership agreement")
    JOINT_AGREEMENT = "joint_agreement", _("joint agreement")


class AgreementLevel(models.TextChoices):
    CLUSTER = "cluster", _("cluster")
    REGIONAL = "regional", _("regional")
    MINISTERIAL = "ministerial", _("ministerial")
    PLATFORM = "platform", _("platform")
    INTERNATIONAL = "international", _("international")


class AgreementStatus(models.TextChoices):
    NEGOTIATING = "negotiating", _("under negotiation")
    NOT_YET_SIGNED = "not_yet_signed", _("not yet signed")
    UNKNOWN = "unknown", _("not known")
    SUPERSEDED = "superseded", _("superseded")
    ENDED = "ended", pgettext_lazy("agreement", "ended")
    IN_FORCE = "in_force", _("in force")
    NO_END_RECORDED = "no_end_recorded", _("no end recorded")


LONGEST_TERM = 1200  # months

#: Statuses that dates alone do not prove: shown “as last known on” the day the record was verified.
STATUSES_LAST_KNOWN = frozenset({AgreementStatus.NEGOTIATING, AgreementStatus.NO_END_RECORDED})


class ActivityKind(models.TextChoices):
    DELEGATION = "delegation", _("delegation")
    MISSION = "mission", _("mission")
    MATCHMAKING = "matchmaking", _("match-making")
    CONFERENCE = "conference", _("conference")
    JOINT_MEETING = "joint_meeting", _("joint meeting")
    SEMINAR = "seminar", _("seminar")
    WORKSHOP = "workshop", _("workshop")
    EVENT = "event", _("event")


class ActivityState(models.TextChoices):
    HELD = "held", _("held")
    ANNOUNCED = "announced", _("announced")
    UNCONFIRMED = "unconfirmed", _("unconfirmed")


class ActivityDirection(models.TextChoices):
    TO_PARTNER = "to_partner", _("to the partner country")
    TO_EUROPE = "to_europe", _("to Europe")


class PartnershipQuerySet(RecordQuerySet):
    """The questions the site asks about partnerships, in the site's words."""

    def in_force(self, on: date) -> Self:
        """Those with a published agreement in force on the day ``on`` (rule: agreement status, /about/)."""
        return self.with_agreement_status([AgreementStatus.IN_FORCE], on)

    def with_agreement_status(self, statuses: list[str], on: date) -> Self:
        """Those with a published agreement whose status on the day ``on`` is one of ``statuses``."""
        agreements = Agreement.objects.published().with_status(on).filter(status__in=statuses)
        return self.filter(Exists(agreements.filter(partnership=OuterRef("pk"))))


class Partnership(RecordModel):
    """A cooperation between a European side and a partner side, or a consortium's aim at a country.

    A consortium that names a target country is one partnership (consortium × country) of stage
    ``targeted``; the target country counts as its partner country.
    """

    class PartnershipAspect(models.TextChoices):
        CONTEXT = "context", _("Context")
        OBJECTIVE = "objective", _("Objectives")
        COOPERATION = "cooperation", _("Types of cooperation")
        RESULT = "result", _("Results")
        STATE = "state", _("State of cooperation")
        NO_AGREEMENT = "no-agreement", _("No agreement signed")
        ABSENCE = "absence", _("Stated as absent")

    stage = models.CharField(max_length=8, choices=Stage)
    started = PartialDateField()
    ended = PartialDateField()
    quiet_since = PartialDateField(help_text=_("Since when a source says nothing new was reported."))
    sectors = models.ManyToManyField(Sector, blank=True, related_name="partnerships")
    target_countries = models.ManyToManyField(
        Country, blank=True, related_name="targeted_by",
        help_text=_("Countries a consortium names as its target; they count as partner countries."),
    )  # fmt: skip

    objects = PartnershipQuerySet.as_manager()

    parts = (*RecordModel.parts, "participants", "supports")
    address = "partnerships"
    aspects = PartnershipAspect

    class Meta:
        verbose_name, verbose_name_plural = _("partnership"), _("partnerships")
        ordering = ["slug"]
        constraints = [
            choice_constraint("stage", Stage),
            *partial_date_constraints("started", "ended", "quiet_since"),
            in_order_constraint("started", "ended", _("The partnership ends before it starts.")),
            in_order_constraint("started", "quiet_since", _("The partnership falls quiet before it starts.")),
        ]


class Participant(models.Model):
    """That an organisation takes part in a partnership, on one side and in one role."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="participants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="participations_in")
    side = models.CharField(_("side"), max_length=8, choices=Side)
    role = models.CharField(_("role"), max_length=13, choices=Role, default=Role.PARTNER)

    class Meta:
        verbose_name, verbose_name_plural = _("participant"), _("participants")
        ordering = ["partnership", "side", "organisation"]
        constraints = [
            choice_constraint("side", Side),
            choice_constraint("role", Role),
            models.UniqueConstraint(
                fields=["partnership", "organisation"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This organisation takes part already."),
            ),
        ]

    def __str__(self):
        return str(self.organisation)


class PolicySupport(models.Model):
    """That a body, possibly through a programme, supports a partnership; it does not count as participation."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="supports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="supports")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="supports")

    class Meta:
        verbose_name, verbose_name_plural = _("policy support"), _("policy supports")
        ordering = ["partnership", "organisation"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "organisation", "programme"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This support is recorded already."),
            ),
            models.UniqueConstraint(
                fields=["partnership", "organisation"],
                condition=Q(programme__isnull=True),
                name="%(app_label)s_%(class)s_unique_without_programme",
                violation_error_message=_("This support is recorded already."),
            ),
        ]

    def __str__(self):
        return str(self.organisation)


class Participation(RecordModel):
    """That a partnership, or a consortium, takes part in a programme, in an edition and strand if known."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="participations")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="participations")
    strand = models.ForeignKey(Strand, on_delete=models.PROTECT, null=True, blank=True, related_name="participations")
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    consortium = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="participations", db_index=False
    )
    started = PartialDateField()
    renewed = PartialDateField()

    address = "participations"

    class Meta:
        verbose_name, verbose_name_plural = _("participation"), _("participations")
        ordering = ["slug"]
        indexes = [
            # Most participations are partnerships': counted with those, SQLite would take the index for worthless.
            models.Index(
                fields=["consortium"], condition=Q(consortium__isnull=False), name="participation_by_consortium"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(partnership__isnull=True, consortium__isnull=False)
                | Q(partnership__isnull=False, consortium__isnull=True),
                name="%(app_label)s_%(class)s_one_taker",
                violation_error_message=_("Name either the partnership or the consortium that takes part, not both."),
            ),
            *partial_date_constraints("started", "renewed"),
            in_order_constraint("started", "renewed", _("The participation is renewed before it starts.")),
        ]

    def clean(self):
        super().clean()
        for name in ("edition", "strand"):
            chosen = getattr(self, name)
            if chosen and chosen.programme_id != self.programme_id:
                raise ValidationError(
                    {name: _("This belongs to another programme; choose one of the programme above.")}
                )


class AgreementQuerySet(RecordQuerySet):
    """The questions the site asks about agreements."""

    def ending(self, first: date, last: date) -> Self:
        """Those whose known end lies between two days, and which nothing public renews."""
        renewal = self.model._base_manager.filter(supersedes=OuterRef("pk"), publication_status=PUBLISHED)
        return self.filter(~Exists(renewal), ends_on__range=(first, last))

    def _renewals(self) -> Self:
        """The published agreements that renew the one outside, with the day each ``began``."""
        renewals = self.model._base_manager.filter(supersedes=OuterRef("pk"), publication_status=PUBLISHED)
        return renewals.annotate(began=_runs_from())

    def status_turns(self, row: str = "pk") -> models.QuerySet[Turn]:
        """The status of each on every day, by the days on which it may turn (``eccp.records.turning``)."""
        renewed = self._renewals().filter(began__isnull=False).order_by("began").values("began")[:1]
        days = dict.fromkeys(["known_from", "negotiated_from_first", "signed_first", "effective_first"], SAME_DAY)
        days |= dict.fromkeys(["ends_on", "renewed_from"], NEXT_DAY)
        return turns(self.annotate(known_from=_source_day(), renewed_from=Subquery(renewed)), days, row=row)

    def with_status(self, on: date | F) -> Self:
        """Each with ``status`` on the day ``on`` and the days it rests on: ``runs_from`` and ``known_from``.

        The first rule that fits, as printed on /about/: a start counts from the first day of an
        imprecise date, an end to its last; a renewal only once it is published. ``on`` may be a field; the rule
        compares it with the days of ``status_turns`` alone.
        """
        renewal, that_day = self._renewals(), outside(on)
        signed_by_then = Q(signed_first__lte=on) | Q(effective_first__lte=on)
        under_way = Q(negotiated_from_first__lte=on) | Q(
            is_negotiated=True, negotiated_from_first__isnull=True, known_from__lte=on
        )
        after_end = Q(ends_on__lt=on)
        return self.annotate(
            known_from=_source_day(),
            runs_from=_runs_from(),
            status=Case(
                When(
                    under_way & ~signed_by_then & ~after_end,
                    then=Value(AgreementStatus.NEGOTIATING),
                ),
                When(Q(signed_first__gt=on) | Q(effective_first__gt=on), then=Value(AgreementStatus.NOT_YET_SIGNED)),
                When(
                    Q(signed_first__isnull=True) & (Q(known_from__gt=on) | Q(known_from__isnull=True)),
                    then=Value(AgreementStatus.UNKNOWN),
                ),
                When(
                    Exists(renewal.filter(began__lt=that_day)) | (Exists(renewal) & after_end),
                    then=Value(AgreementStatus.SUPERSEDED),
                ),
                When(after_end, then=Value(AgreementStatus.ENDED)),
                When(ends_on__isnull=False, then=Value(AgreementStatus.IN_FORCE)),
                default=Value(AgreementStatus.NO_END_RECORDED),
                output_field=models.CharField(),
            ),
        )


def _source_day() -> Coalesce:
    """The first day on which the agreement's source is known to speak."""
    return Coalesce("evidence__dated_first", "evidence__consulted_on", output_field=models.DateField())


def _runs_from() -> Coalesce:
    """The day an agreement runs from: it took effect, else was signed, else its source spoke of it."""
    return Coalesce("effective_first", "signed_first", _source_day(), output_field=models.DateField())


class Agreement(RecordModel):
    """A memorandum, letter or treaty between parties; evidence is a source and its link, nothing is uploaded."""

    type = models.CharField(max_length=15, choices=AgreementType)
    level = models.CharField(max_length=13, choices=AgreementLevel)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    sectors = models.ManyToManyField(Sector, blank=True, related_name="agreements")
    is_negotiated = models.BooleanField(
        _("under negotiation"), default=False, help_text=_("A source says it is being negotiated.")
    )
    negotiated_from = PartialDateField(help_text=_("When negotiations started, if stated."))
    signed = PartialDateField()
    effective = PartialDateField(_("in effect from"))
    duration_months = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("In months: 3 years are 36."))
    stated_end = PartialDateField(help_text=_("Only where a source states the end itself, not a duration."))
    terminated = PartialDateField(help_text=_("When a party ended it before its time."))
    ends_on = models.DateField(null=True, editable=False)
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewals", db_index=False,
        help_text=_("The earlier agreement that this one renews."),
    )  # fmt: skip
    evidence = models.ForeignKey(
        Source, verbose_name=_("evidence"), on_delete=models.PROTECT, related_name="agreements",
        help_text=_("The document that tells of it; its date is the day the agreement is known from."),
    )  # fmt: skip

    objects = AgreementQuerySet.as_manager()

    parts = (*RecordModel.parts, "parties")
    address = "agreements"

    class Meta:
        verbose_name, verbose_name_plural = _("agreement"), _("agreements")
        ordering = ["slug"]
        indexes = [
            # Most agreements renew none: counted with those, SQLite would take the index for worthless.
            models.Index(fields=["supersedes"], condition=Q(supersedes__isnull=False), name="agreement_by_supersedes"),
        ]
        constraints = [
            choice_constraint("type", AgreementType),
            choice_constraint("level", AgreementLevel),
            *partial_date_constraints("negotiated_from", "signed", "effective", "stated_end", "terminated"),
            models.CheckConstraint(
                condition=Q(duration_months__isnull=True)
                | Q(duration_months__range=(1, LONGEST_TERM), stated_end__isnull=True),
                name="%(app_label)s_%(class)s_one_end",
                violation_error_message=_("Give a duration of 1 to 1200 months, or a stated end, not both."),
            ),
            models.CheckConstraint(
                condition=Q(negotiated_from__isnull=True) | Q(is_negotiated=True),
                name="%(app_label)s_%(class)s_negotiated",
                violation_error_message=_("A start of negotiations is only for an agreement that was negotiated."),
            ),
            *not_itself_constraints(supersedes=_("An agreement cannot renew itself.")),
            in_order_constraint("negotiated_from", "signed", _("The agreement was signed before it was negotiated.")),
            *[
                in_order_constraint(start, end, message)
                for end in ("stated_end", "terminated")
                for start, message in (
                    ("signed", _("The agreement ends before it was signed.")),
                    ("effective", _("The agreement ends before it takes effect.")),
                )
            ],
        ]

    def derive(self):
        super().derive()
        self.ends_on = self._last_day()

    def clean(self):
        super().clean()
        if self.signed:
            renewed = self.supersedes and self.supersedes.signed
            if renewed and renewed.first > self.signed.last:
                raise ValidationError({"supersedes": _("The agreement that this one renews was signed after it.")})
            if self.pk and self.renewals.filter(signed_last__lt=self.signed.first).exists():
                raise ValidationError({"signed": _("An agreement that renews this one was signed before it.")})
        earlier = self.supersedes
        while earlier and self.pk:
            if earlier.pk == self.pk:
                raise ValidationError({"supersedes": _("These agreements would renew each other in a circle.")})
            earlier = earlier.supersedes

    def _last_day(self) -> date | None:
        """The last day it can have run: the term from the day it runs from, its stated end or its termination."""
        read_on = self.evidence.consulted_on and PartialDate.of_day(self.evidence.consulted_on)
        start = self.effective or self.signed or self.evidence.dated or read_on
        ends = [stated.last for stated in (self.stated_end, self.terminated) if stated]
        if start and self.duration_months:
            ends.append(start.plus_months(self.duration_months))
        return min(ends, default=None)

    @property
    def known_end(self) -> PartialDate | None:
        """The known end: as stated where a source states it, else the last day computed from the term."""
        stated = [end for end in (self.stated_end, self.terminated) if end and end.last == self.ends_on]
        return stated[0] if stated else self.ends_on and PartialDate.of_day(self.ends_on)


@receiver(post_save, sender=Source)
def follow_the_date_of_the_source(instance: Source, raw: bool = False, **kwargs) -> None:
    """An agreement without a date of its own runs from its source's: when that changes, its end does too."""
    if not raw:
        for agreement in instance.agreements.filter(duration_months__isnull=False, signed=None, effective=None):
            agreement.save()


class AgreementParty(models.Model):
    """That an organisation is a party to an agreement."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="parties"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements_as_party")
    side = models.CharField(_("side"), max_length=8, choices=Side, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("agreement party"), _("agreement parties")
        ordering = ["agreement", "side", "organisation"]
        constraints = [
            choice_constraint("side", Side, or_empty=True),
            models.UniqueConstraint(
                fields=["agreement", "organisation"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This organisation is a party already."),
            ),
        ]

    def __str__(self):
        return str(self.organisation)


class Activity(RecordModel):
    """Something that partners did or announced: a delegation, a mission, a meeting, an event."""

    class ActivityAspect(models.TextChoices):
        CONTEXT = "context", _("Context")
        RESULT = "result", _("Results")

    kind = models.CharField(max_length=13, choices=ActivityKind)
    state = models.CharField(max_length=11, choices=ActivityState)
    started = PartialDateField()
    ended = PartialDateField()
    recurrence = models.CharField(max_length=100, blank=True, help_text=_("“Every year, in turn in each country”."))
    place = models.CharField(max_length=200, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="activities")
    countries = models.ManyToManyField(
        Country, blank=True, related_name="activities", help_text=_("Where it took or takes place.")
    )
    direction = models.CharField(max_length=10, choices=ActivityDirection, blank=True)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="activities"
    )
    organisations = models.ManyToManyField(Organisation, blank=True, related_name="activities")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="activities")
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="activity_parts")

    address = "activities"
    aspects = ActivityAspect

    class Meta:
        verbose_name, verbose_name_plural = _("activity"), _("activities")
        ordering = ["slug"]
        constraints = [
            choice_constraint("kind", ActivityKind),
            choice_constraint("state", ActivityState),
            choice_constraint("direction", ActivityDirection, or_empty=True),
            *partial_date_constraints("started", "ended"),
            in_order_constraint("started", "ended", _("The activity ends before it starts.")),
            *not_itself_constraints(part_of=_("An activity cannot be part of itself.")),
        ]


class GoodPractice(RecordModel):
    """That a source presents a partnership as a good practice, judged by the source's own criteria."""

    partnership = models.OneToOneField(Partnership, on_delete=models.PROTECT, related_name="good_practice")

    class Meta:
        verbose_name, verbose_name_plural = _("good practice"), _("good practices")
        ordering = ["slug"]


class ContactPoint(RecordModel):
    """Whom to ask about a partnership: an organisation and a role; a person only where that is made public."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contact_points")
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="contact_points"
    )
    role = models.CharField(_("role"), max_length=200, help_text=_("The function, never the person’s name."))
    person_name = models.CharField(_("person’s name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_person_public = models.BooleanField(_("show name and e-mail to the public"), default=False)
    basis = models.CharField(
        _("basis"), max_length=300, blank=True, help_text=_("Why these data may be kept and shown: consent …")
    )
    basis_recorded_on = PastDayField(
        verbose_name=_("basis recorded on"),
    )

    personal_fields = ("person_name", "email", "is_person_public", "basis", "basis_recorded_on")

    class Meta:
        verbose_name, verbose_name_plural = _("contact point"), _("contact points")
        ordering = ["slug"]
        constraints = [
            *day_constraints("basis_recorded_on"),
            models.CheckConstraint(
                condition=Q(is_person_public=False, person_name="", email="")
                | (~Q(basis="") & Q(basis_recorded_on__isnull=False)),
                name="%(app_label)s_%(class)s_has_basis",
                violation_error_message=_("A person’s name or e-mail needs the basis for keeping it, and its date."),
            ),
        ]

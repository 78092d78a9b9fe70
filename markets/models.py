"""Markets: what is measured, what is expected, which policies shape them and who is active in them."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from eccp.records.dates import PartialDate, PartialDateField, partial_date_constraints
from eccp.records.models import Record, RecordModel, RecordQuerySet, slug_validator
from eccp.records.turning import NEXT_DAY, SAME_DAY, Turn, outside, turns
from eccp.records.vocabulary import ValueMixin, choice_constraint, not_itself_constraints, value_constraints
from eccp.reference.models import Country, Organisation, Sector, limit_to_places
from programmes.models import Programme


class Direction(models.TextChoices):
    GROWING = "growing", _("growing")
    SHRINKING = "shrinking", _("shrinking")
    STABLE = "stable", _("stable")
    EMERGING = "emerging", _("emerging")


class MeasureKind(models.TextChoices):
    LAW = "law", _("law")
    STRATEGY = "strategy", _("strategy")
    PLAN = "plan", _("plan")
    SCHEME = "scheme", _("scheme")
    LIBERALISATION = "liberalisation", _("liberalisation")


class MeasureStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    IN_EFFECT = "in_effect", _("in effect")
    COMPLETED = "completed", _("completed")
    UNKNOWN = "unknown", _("not known")


class StepKind(models.TextChoices):
    DECIDED = "decided", _("decided")
    STARTED = "started", _("started")
    COMPLETED = "completed", _("completed")
    REVIEWED = "reviewed", _("reviewed")
    PLANNED = "planned", _("planned")


class Indicator(RecordModel):
    """One thing that is measured about a market or a programme, in one unit, for one area."""

    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, null=True, blank=True, related_name="indicators")
    area = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, blank=True, related_name="indicators_about",
        limit_choices_to=limit_to_places,
    )  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="indicators")
    unit = models.CharField(max_length=80, help_text=_("With currency and scale: “trillion JPY”, “% of imports”."))
    share_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="shares",
        help_text=_("For a share: the indicator of which it is a part."),
    )  # fmt: skip

    parts = (*RecordModel.parts, "observations")
    address = "indicators"

    class Meta:
        verbose_name, verbose_name_plural = _("indicator"), _("indicators")
        ordering = ["slug"]
        constraints = not_itself_constraints(share_of=_("An indicator cannot be a share of itself."))


class Observation(ValueMixin):
    """One value of an indicator for one period, as a source measured, projected or aimed at it.

    The unit is the indicator's; ``share_of`` says of what a percentage is.
    """

    unit = None
    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.CASCADE, related_name="observations"
    )
    key = models.CharField(
        _("key"), max_length=60, validators=[slug_validator], help_text=_("Such as “2013” or “2035-projected”.")
    )
    share_of = models.CharField(max_length=200, blank=True, help_text=_("For a percentage: of what it is."))
    note = models.CharField(_("note"), max_length=300, blank=True)

    address = "observations"

    class Meta:
        verbose_name, verbose_name_plural = _("observation"), _("observations")
        ordering = ["indicator", F("period_first").asc(nulls_last=True), "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "key"],
                name="%(app_label)s_%(class)s_key_unique",
                violation_error_message=_("Another observation of this indicator has this key."),
            ),
            *value_constraints(),
        ]

    def __str__(self):
        return self.key


class Outlook(RecordModel):
    """Where a market is said to be going, over which time, and by whom."""

    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="outlooks")
    area = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, blank=True, related_name="+", limit_choices_to=limit_to_places
    )
    direction = models.CharField(
        max_length=10,
        choices=Direction,
        blank=True,
        help_text=_("Empty where a source speaks of a position, not a trend."),
    )
    period = PartialDateField(help_text=_("From when to when, if stated."))
    said_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="outlooks")

    class Meta:
        verbose_name, verbose_name_plural = _("outlook"), _("outlooks")
        ordering = ["slug"]
        constraints = [
            choice_constraint("direction", Direction, or_empty=True),
            *partial_date_constraints("period"),
        ]


class PolicyMeasureQuerySet(RecordQuerySet):
    """The questions the site asks about policy measures."""

    def status_turns(self) -> models.QuerySet[Turn]:
        """The status of each on every day, by the days on which it may turn (``eccp.records.turning``)."""
        return turns(self, {"verified_on": SAME_DAY, "steps__on_first": SAME_DAY, "steps__on_last": NEXT_DAY})

    def with_status(self, on: date | F) -> Self:
        """Each with ``status``: what is known of it on the day ``on``, from its dated steps.

        Completed after the last day of a stated completion; in effect from the first day of a start or
        review; before that, a plan or a decision makes it planned; else not known. A step that happened
        on a day nobody states is known from the day somebody checked the source. ``on`` may be a field; the rule
        compares it with the days of ``status_turns`` alone.
        """
        that_day = outside(on)
        steps = MeasureStep.objects.filter(measure=OuterRef("pk"))
        checked = Q(on__isnull=True, measure__verified_on__lte=that_day)
        began = steps.filter(Q(on_first__lte=that_day) | checked, step__in=(StepKind.STARTED, StepKind.REVIEWED))
        completed = steps.filter(Q(on_last__lt=that_day) | checked, step=StepKind.COMPLETED)
        return self.annotate(
            status=Case(
                When(Exists(completed), then=Value(MeasureStatus.COMPLETED)),
                When(Exists(began), then=Value(MeasureStatus.IN_EFFECT)),
                When(Exists(steps.filter(step=StepKind.PLANNED)), then=Value(MeasureStatus.PLANNED)),
                When(Exists(steps.filter(on_first__lte=that_day)), then=Value(MeasureStatus.PLANNED)),
                default=Value(MeasureStatus.UNKNOWN),
                output_field=models.CharField(),
            )
        )


class PolicyMeasure(RecordModel):
    """A law, strategy, plan, scheme or liberalisation that shapes a market, known by its dated steps."""

    kind = models.CharField(max_length=14, choices=MeasureKind)
    countries = models.ManyToManyField(Country, blank=True, related_name="measures")
    sectors = models.ManyToManyField(Sector, blank=True, related_name="measures")
    bodies = models.ManyToManyField(Organisation, blank=True, related_name="measures")

    objects = PolicyMeasureQuerySet.as_manager()

    parts = (*RecordModel.parts, "steps")
    address = "measures"

    class Meta:
        verbose_name, verbose_name_plural = _("policy measure"), _("policy measures")
        ordering = ["slug"]
        constraints = [choice_constraint("kind", MeasureKind)]

    @property
    def dated(self) -> PartialDate | None:
        """The first step known to have happened; a plan is not a happening."""
        dates = [step.on for step in self.steps.all() if step.on and step.step != StepKind.PLANNED]
        return min(dates, key=lambda stated: (stated.first, stated.last), default=None)


class MeasureStep(models.Model):
    """One dated step in the life of a measure."""

    measure = models.ForeignKey(
        PolicyMeasure, verbose_name=_("measure"), on_delete=models.CASCADE, related_name="steps"
    )
    key = models.CharField(_("key"), max_length=60, validators=[slug_validator])
    step = models.CharField(_("step"), max_length=9, choices=StepKind)
    on = PartialDateField(
        verbose_name=_("on"),
    )
    what = models.CharField(_("what happened"), max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("measure step"), _("measure steps")
        ordering = ["measure", F("on_first").asc(nulls_last=True), "key"]
        constraints = [
            choice_constraint("step", StepKind),
            models.UniqueConstraint(
                fields=["measure", "key"],
                name="%(app_label)s_%(class)s_key_unique",
                violation_error_message=_("Another step of this measure has this key."),
            ),
            *partial_date_constraints("on"),
        ]

    def __str__(self):
        return f"{self.step} {self.on or ''}".strip()


class MarketPlayer(RecordModel):
    """That an organisation is active in a market: a sector in an area."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="markets")
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="players")
    area = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+", limit_choices_to=limit_to_places)
    home_country = models.ForeignKey(
        Country, on_delete=models.PROTECT, null=True, blank=True, related_name="players",
        help_text=_("Where the company comes from, if stated."),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("market player"), _("market players")
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sector", "area"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This organisation is recorded in this market already."),
            ),
        ]

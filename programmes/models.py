"""Programmes that support international cluster cooperation, their editions and strands."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from eccp.records.dates import PartialDateField, partial_date_constraints
from eccp.records.models import Record, RecordModel, TreeModel
from eccp.records.vocabulary import choice_constraint, in_order_constraint, not_itself_constraints
from eccp.reference.models import Organisation, limit_to_places


class ProgrammeKind(models.TextChoices):
    FUNDING = "funding", _("funding")
    TIE_UP = "tie_up", _("tie-up")
    PARTNERSHIP_LABEL = "partnership_label", _("partnership label")
    RESEARCH = "research", _("research")
    SERVICE = "service", _("service")
    POLICY = "policy", _("policy")


class Programme(TreeModel):
    """A programme or service under which clusters cooperate: JETRO RIT, COSME, ESCP-4i …"""

    class ProgrammeAspect(models.TextChoices):
        CONTEXT = "context", _("Context")
        OBJECTIVE = "objective", _("Objective")
        ELIGIBILITY = "eligibility", _("Who can take part")
        SUPPORT = "support", _("Support offered")

    kind = models.CharField(max_length=17, choices=ProgrammeKind)
    acronym = models.CharField(max_length=40, blank=True)
    jurisdiction = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, blank=True, related_name="+", limit_choices_to=limit_to_places,
        help_text=_("The country or area whose programme it is."),
    )  # fmt: skip
    administrator = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="administered_programmes"
    )
    supporters = models.ManyToManyField(
        Organisation, blank=True, related_name="supported_programmes",
        help_text=_("Bodies that fund or support it without running it."),
    )  # fmt: skip
    started = PartialDateField()
    ended = PartialDateField()
    predecessor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors")
    supports_internationalisation = models.BooleanField(null=True, blank=True)
    website = models.URLField(max_length=500, blank=True)

    address = "programmes"
    aspects = ProgrammeAspect

    class Meta:
        verbose_name, verbose_name_plural = _("programme"), _("programmes")
        ordering = ["slug"]
        constraints = [
            choice_constraint("kind", ProgrammeKind),
            *not_itself_constraints(
                parent=_("A programme cannot stand under itself."),
                predecessor=_("A programme cannot be its own predecessor."),
            ),
            *partial_date_constraints("started", "ended"),
            in_order_constraint("started", "ended", _("The programme ends before it starts.")),
        ]  # fmt: skip


class PartOfProgramme(RecordModel):
    """What belongs to one programme for good, once anything took part in it."""

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.pk and self.participations.exclude(programme=self.programme_id).exists():
            raise ValidationError(
                {"programme": _("Participations name this under another programme; change or remove them first.")}
            )


class Edition(PartOfProgramme):
    """One round of a programme: RIT 2016, the second generation of ESCP-4i."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="editions")
    period = PartialDateField(help_text=_("When it ran: “2018/2019”."))

    class Meta:
        verbose_name, verbose_name_plural = _("edition"), _("editions")
        ordering = ["slug"]
        constraints = partial_date_constraints("period")


class Strand(PartOfProgramme):
    """One line of a programme with rules of its own: Strand 1, preparation."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="strands")

    class Meta:
        verbose_name, verbose_name_plural = _("strand"), _("strands")
        ordering = ["slug"]

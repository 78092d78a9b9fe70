"""What is kept about changes: every version a record has had, changes that wait, and what was said of two records."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from eccp.curation.importing.models import Import
from eccp.curation.reasons import SHORTEST_JAPANESE
from eccp.records.models import Record
from eccp.records.vocabulary import choice_constraint

__all__ = ["Act", "Distinction", "Import", "Proposal", "ProposalStatus", "Revision"]

USER = settings.AUTH_USER_MODEL


class Act(models.TextChoices):
    """What brought a record to one of its versions."""

    LOADED = "loaded", _("loaded from a file")
    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    SUBMITTED = "submitted", _("submitted for review")
    RETURNED = "returned", _("returned to its curator")
    PUBLISHED = "published", _("published")
    CORRECTED = "corrected", _("corrected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    RESTORED = "restored", _("published again")
    MERGED = "merged", _("merged with a duplicate")
    UNMERGED = "unmerged", _("parted again from what was no duplicate")


#: Acts that change what the public reads: they always say why.
ACTS_THAT_SAY_WHY = tuple(act.value for act in (Act.CORRECTED, Act.WITHDRAWN, Act.RESTORED, Act.MERGED, Act.UNMERGED))


def reason_constraint(condition: Q) -> models.CheckConstraint:
    """A CHECK that where ``condition`` holds somebody said why (the form asks more: see ``reasons``)."""
    return models.CheckConstraint(
        condition=~condition | GreaterThanOrEqual(Length(Trim("reason")), SHORTEST_JAPANESE),
        name="%(app_label)s_%(class)s_says_why",
        violation_error_message=_("Say why: the reason stays with the record for ever."),
    )


def undone_constraint(message: Promise) -> models.CheckConstraint:
    """A CHECK that what was undone says when and why, and nothing else does."""
    return models.CheckConstraint(
        condition=Q(undone_at__isnull=True, undo_reason="") | Q(undone_at__isnull=False) & ~Q(undo_reason=""),
        name="%(app_label)s_%(class)s_undone_says_why",
        violation_error_message=message,
    )


class RevisionQuerySet(models.QuerySet):
    """The questions the site asks about the history of records."""

    def public(self) -> Self:
        """Versions that the public could read, and changes that are not about personal data alone."""
        return self.filter(is_public=True)


class Revision(models.Model):
    """A record as it was at one of its versions, and who brought it there, when and why."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("version"), help_text=_("The record’s own version."))
    act = models.CharField(max_length=9, choices=Act)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    state = models.JSONField(help_text=_("The whole record as text (see eccp.records.aggregate)."))
    is_public = models.BooleanField(help_text=_("Whether the public reads of this act in the record’s history."))

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["record", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "number"],
                name="%(app_label)s_%(class)s_number_unique",
                violation_error_message=_("This version of the record is kept already."),
            ),
            choice_constraint("act", Act),
            reason_constraint(Q(act__in=ACTS_THAT_SAY_WHY)),
        ]

    def __str__(self):
        return f"{self.number}: {self.get_act_display()}"


class ProposalStatus(models.TextChoices):
    """How far a change of a published record is on its way to the public."""

    OPEN = "open", _("being written")
    SUBMITTED = "submitted", pgettext_lazy("change", "in review")
    RETURNED = "returned", pgettext_lazy("change", "returned")
    APPROVED = "approved", pgettext_lazy("change", "approved")
    DISCARDED = "discarded", pgettext_lazy("change", "discarded")


#: A change in one of these still waits for somebody.
PENDING = (ProposalStatus.OPEN.value, ProposalStatus.SUBMITTED.value, ProposalStatus.RETURNED.value)


class ProposalQuerySet(models.QuerySet):
    """The questions the site asks about changes that wait."""

    def pending(self) -> Self:
        """Those nobody has decided on."""
        return self.filter(status__in=PENDING)

    def submitted(self) -> Self:
        """Those a publisher is asked to decide on."""
        return self.filter(status=ProposalStatus.SUBMITTED)


class Proposal(models.Model):
    """A change of a published record that the public does not see until a publisher approves it.

    ``state`` is the whole record as it would be; ``base_version`` the published version it was made from.
    """

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="proposals")
    base_version = models.PositiveIntegerField(_("made from version"))
    state = models.JSONField()
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="proposals")
    reason = models.CharField(max_length=300, help_text=_("The public reads it once the change is approved."))
    status = models.CharField(max_length=9, choices=ProposalStatus, default=ProposalStatus.OPEN)
    saves = models.PositiveIntegerField(default=1, help_text=_("How often its author has saved it."))
    changed_at = models.DateTimeField(_("last saved"))
    comment = models.CharField(max_length=1000, blank=True, help_text=_("What its author should know."))
    decided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("change awaiting publication")
        verbose_name_plural = _("changes awaiting publication")
        permissions = [("publish", "Can decide what the public sees: approve, return, publish, withdraw, merge")]
        constraints = [
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(status__in=PENDING),
                name="%(app_label)s_%(class)s_one_pending",
                violation_error_message=_("Another change of this record is waiting already."),
            ),
            choice_constraint("status", ProposalStatus),
            reason_constraint(Q()),
            models.CheckConstraint(
                condition=Q(status__in=(ProposalStatus.OPEN, ProposalStatus.SUBMITTED))
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="%(app_label)s_%(class)s_says_who_decided",
                violation_error_message=_("Who returned, approved or discarded a change, and when, is recorded."),
            ),
            models.CheckConstraint(
                condition=~Q(status=ProposalStatus.RETURNED) | ~Q(comment=""),
                name="%(app_label)s_%(class)s_returned_says_why",
                violation_error_message=_("Say what its author should change."),
            ),
        ]

    def __str__(self):
        return f"{self.state.get('name', '')}: {self.reason}"

    @property
    def is_pending(self) -> bool:
        return self.status in PENDING


def _called(record: Record) -> str:
    """A record as one of two that are called alike: its id tells it apart."""
    return f"{record.name} ({record.slug})"


class StandingQuerySet(models.QuerySet):
    """What the site asks about what was said of two records."""

    def standing(self) -> Self:
        """Those nobody has undone."""
        return self.filter(undone_at__isnull=True)


class Merger(models.Model):
    """That two records were found to be one: ``loser`` gave all it had to ``winner``, and its address leads there.

    ``changes`` is the journal of every row that changed, from which the merger is undone; ``touched`` the records
    whose history tells of it.
    """

    winner = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="mergers", verbose_name=_("the record that stayed")
    )
    loser = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="merged_into", verbose_name=_("the duplicate")
    )
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("merged by"))
    at = models.DateTimeField(_("merged"))
    reason = models.CharField(_("reason"), max_length=300)
    changes = models.JSONField()
    touched = models.JSONField()
    undone_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undo_reason = models.CharField(_("why it was undone"), max_length=300, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")
        constraints = [
            models.UniqueConstraint(
                fields=["loser"],
                condition=Q(undone_at__isnull=True),
                name="%(app_label)s_%(class)s_loser_once",
                violation_error_message=_("This record is merged already."),
            ),
            models.CheckConstraint(
                condition=~Q(winner=models.F("loser")),
                name="%(app_label)s_%(class)s_not_itself",
                violation_error_message=_("A record cannot be merged with itself."),
            ),
            reason_constraint(Q()),
            undone_constraint(_("A merger that was undone says when and why.")),
        ]

    def __str__(self):
        return f"{_called(self.loser)} → {_called(self.winner)}"


class Distinction(models.Model):
    """That two records look alike and are two: they are no likely duplicates until a name of either changes."""

    one = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="+", verbose_name=_("the one"))
    other = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="+", verbose_name=_("the other"))
    #: Of each of the two all names it had then: under others it is not said.
    names = models.JSONField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("said by"))
    at = models.DateTimeField(_("said"))
    reason = models.CharField(_("reason"), max_length=300)
    undone_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undo_reason = models.CharField(_("why it was taken back"), max_length=300, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("pair that is no duplicate")
        verbose_name_plural = _("pairs that are no duplicates")
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                condition=Q(undone_at__isnull=True),
                name="%(app_label)s_%(class)s_said_once",
                violation_error_message=_("It is said of these two already that they are no duplicates."),
            ),
            models.CheckConstraint(
                condition=Q(one__lt=models.F("other")),
                name="%(app_label)s_%(class)s_in_order",
                violation_error_message=_("A pair is two records, the older one first."),
            ),
            reason_constraint(Q()),
            undone_constraint(_("What was taken back says when and why.")),
        ]

    def __str__(self):
        return f"{_called(self.one)} ≠ {_called(self.other)}"

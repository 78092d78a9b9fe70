"""What the desk keeps: readers' reports and what was found at web addresses."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eccp.records.models import Record
from eccp.records.vocabulary import choice_constraint, filled_constraint

MESSAGE_LIMIT, EVIDENCE_LIMIT = 2000, 500  # characters of a report
PATIENCE = timedelta(days=7)  # a server may be down this long before its link counts as broken


class ErrorReportQuerySet(models.QuerySet):
    """The questions the desk asks about reports."""

    def open(self) -> Self:
        """Those nobody has answered yet."""
        return self.filter(closed_at__isnull=True)

    def with_stale_contact(self, before: datetime) -> Self:
        """Those received before an instant that still hold the sender's e-mail."""
        return self.filter(received_at__lt=before).exclude(email="")


class ErrorReport(models.Model):
    """That a reader says something is wrong: about a record, or about the registry as a whole."""

    record = models.ForeignKey(
        Record, on_delete=models.SET_NULL, null=True, blank=True, related_name="error_reports",
        verbose_name=_("record"), editable=False,
    )  # fmt: skip
    page = models.CharField(
        _("page"), max_length=500, blank=True, editable=False, help_text=_("Where the reader saw the error.")
    )
    received_at = models.DateTimeField(_("received"), editable=False)
    message = models.TextField(_("what is wrong"), max_length=MESSAGE_LIMIT, editable=False)
    evidence = models.CharField(_("where it is stated"), max_length=EVIDENCE_LIMIT, blank=True, editable=False)
    email = models.EmailField(_("e-mail for questions"), blank=True, editable=False)
    outcome = models.TextField(
        _("what came of it"), blank=True, max_length=MESSAGE_LIMIT,
        help_text=_("What was changed, or why nothing was. Once it is filled the report is closed."),
    )  # fmt: skip
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+",
        verbose_name=_("closed by"), editable=False,
    )  # fmt: skip

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "pk"]
        verbose_name = _("error report")
        verbose_name_plural = _("error reports")
        constraints = [
            filled_constraint("message", _("Say what is wrong.")),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="%(app_label)s_%(class)s_closed_says_why",
                violation_error_message=_("A closed report says what came of it; an open one has no outcome yet."),
            ),
        ]

    def __str__(self):
        return self.message[:80]


class LinkOutcome(models.TextChoices):
    """What was found at a web address."""

    FOUND = "found", _("found")
    MOVED = "moved", _("moved for good")
    BROKEN = "broken", _("not there")
    DOWN = "down", _("no answer")
    NOT_ASKED = "not_asked", _("does not let itself be checked")


class LinkCheckQuerySet(models.QuerySet):
    """The questions the desk asks about web addresses."""

    def broken(self, on: date) -> Self:
        """Those where nothing is, or from which nothing has come for longer than a server is usually down."""
        return self.filter(
            Q(outcome=LinkOutcome.BROKEN) | Q(outcome=LinkOutcome.DOWN, failing_since__lte=on - PATIENCE)
        )


class LinkCheck(models.Model):
    """What was found at one web address when it was last asked, whatever records name it."""

    url = models.URLField(_("web address"), max_length=500, unique=True, editable=False)
    checked_on = models.DateField(_("checked on"), editable=False)
    outcome = models.CharField(_("found"), max_length=9, choices=LinkOutcome, editable=False)
    detail = models.CharField(_("detail"), max_length=200, blank=True, editable=False)
    moved_to = models.CharField(_("leads to"), max_length=2000, blank=True, editable=False)
    failing_since = models.DateField(_("failing since"), null=True, editable=False)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        ordering = ["url"]
        verbose_name = _("checked link")
        verbose_name_plural = _("checked links")
        constraints = [
            choice_constraint("outcome", LinkOutcome),
            models.CheckConstraint(
                condition=Q(outcome__in=(LinkOutcome.BROKEN, LinkOutcome.DOWN), failing_since__isnull=False)
                | ~Q(outcome__in=(LinkOutcome.BROKEN, LinkOutcome.DOWN)) & Q(failing_since__isnull=True),
                name="%(app_label)s_%(class)s_failing_since",
                violation_error_message=_("An address that fails has failed since some day; no other has."),
            ),
        ]
        indexes = [models.Index(fields=["outcome", "failing_since"])]

    def __str__(self):
        return self.url

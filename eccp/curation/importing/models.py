"""What is kept of an import: who wanted what, when and why, and the file only until that is decided."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eccp.curation.reasons import LONGEST, check_reason
from eccp.records.vocabulary import choice_constraint

#: How long a file that nobody decides on is kept.
KEPT = timedelta(days=7)


class ImportState(models.TextChoices):
    """How far an import has come."""

    UPLOADED = "uploaded", _("not checked yet")
    FAULTY = "faulty", _("has errors")
    CHECKED = "checked", _("checked, waits for your word")
    APPLIED = "applied", _("imported")
    DISCARDED = "discarded", _("discarded")


#: In one of these the file is still needed.
OPEN = (ImportState.UPLOADED.value, ImportState.FAULTY.value, ImportState.CHECKED.value)


class ImportQuerySet(models.QuerySet):
    """The questions the site asks about imports."""

    def undecided(self) -> Self:
        """Those whose file is still kept."""
        return self.filter(state__in=OPEN)

    def forget(self, at: datetime) -> int:
        """Let go of every file that nobody decided on in time; returns how many there were."""
        return self.undecided().filter(uploaded_at__lt=at - KEPT).update(
            state=ImportState.DISCARDED, decided_at=at, content=None, report=[]
        )  # fmt: skip


class Import(models.Model):
    """A file that somebody wants to import: kept until it is imported or discarded, then only that it was."""

    listing = models.CharField(_("list"), max_length=40)
    file_name = models.CharField(_("file"), max_length=200)
    encoding = models.CharField(max_length=12, blank=True)
    reason = models.CharField(_("reason"), max_length=LONGEST, validators=[check_reason])
    state = models.CharField(_("state"), max_length=9, choices=ImportState, default=ImportState.UPLOADED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    uploaded_at = models.DateTimeField(_("uploaded"))
    started_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(_("imported or discarded"), null=True)
    content = models.BinaryField(null=True)
    #: What the check found: see ``running``.
    report = models.JSONField(default=list)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    faults = models.PositiveIntegerField(_("rows with errors"), default=0)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            choice_constraint("state", ImportState),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, content__isnull=False, decided_at__isnull=True)
                | ~Q(state__in=OPEN) & Q(content__isnull=True, decided_at__isnull=False),
                name="%(app_label)s_%(class)s_keeps_file_while_open",
                violation_error_message=_("The file is kept until the import is decided on, and no longer."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ImportState.CHECKED, ImportState.APPLIED)) | Q(faults=0),
                name="%(app_label)s_%(class)s_all_or_nothing",
                violation_error_message=_("A file with errors is not imported."),
            ),
        ]

    def __str__(self):
        return f"{self.file_name} ({self.listing})"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def was_interrupted(self) -> bool:
        """Whether it was begun and has not ended: it still runs, or was cut off and left nothing behind."""
        return self.is_open and self.started_at is not None

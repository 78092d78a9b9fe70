"""What is remembered of logins: who, when, from where, and what came of it; for as long as a setting says."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from eccp.records.vocabulary import choice_constraint


class Outcome(models.TextChoices):
    """What came of an attempt to enter, or of a change to what is asked of a person who enters."""

    ENTERED = "entered", _("entered with the password")
    REFUSED = "refused", _("name or password wrong")
    LOCKED_OUT = "locked_out", _("shut out after too many attempts")
    CONFIRMED = "confirmed", _("second factor confirmed")
    RECOVERED = "recovered", _("entered with a recovery code")
    CODE_REFUSED = "code_refused", _("second factor wrong")
    ENROLLED = "enrolled", _("second factor set up")
    CODES_RENEWED = "codes_renewed", _("recovery codes renewed")
    REMOVED = "removed", _("second factor removed")
    LEFT = "left", _("logged out")


class LoginQuerySet(models.QuerySet):
    """The questions asked about logins."""

    def before(self, instant: datetime) -> Self:
        """Those older than ``instant``."""
        return self.filter(at__lt=instant)


class Login(models.Model):
    """One attempt of somebody to enter the curators' side. What was typed is not kept: it may be a password."""

    at = models.DateTimeField(_("when"), editable=False, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, editable=False, related_name="+",
        verbose_name=_("who"), help_text=_("Empty where no account has the name that was typed."),
    )  # fmt: skip
    outcome = models.CharField(_("what came of it"), max_length=20, choices=Outcome.choices, editable=False)
    address = models.GenericIPAddressField(_("from where"), null=True, editable=False)

    objects = LoginQuerySet.as_manager()

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        ordering = ("-at", "-pk")
        constraints = (choice_constraint("outcome", Outcome),)

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_outcome_display()}"

"""Remembers logins as they happen, and forgets them in time."""

from datetime import timedelta

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth import get_user_model, user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from eccp.guard import client
from eccp.guard.models import Login, Outcome


def remember(outcome: Outcome, user, request: HttpRequest | None) -> None:
    """Write down what happened now, and drop what is older than the registry may keep."""
    now = timezone.now()
    Login.objects.create(at=now, user=user, outcome=outcome, address=client.address(request) if request else None)
    Login.objects.before(now - timedelta(days=settings.LOGIN_LOG_DAYS)).delete()


def _account(name: str | None):
    """Whom a typed name belongs to."""
    users = get_user_model()
    return users._default_manager.filter(**{users.USERNAME_FIELD: name}).first() if name else None


def _entered(sender, request, user, **kwargs):
    remember(Outcome.ENTERED, user, request)


def _left(sender, request, user, **kwargs):
    if user is not None:
        remember(Outcome.LEFT, user, request)


def _refused(sender, credentials, request=None, **kwargs):
    if not getattr(request, "axes_locked_out", False):
        remember(Outcome.REFUSED, _account(credentials.get("username")), request)


def _locked_out(sender, request, username, **kwargs):
    remember(Outcome.LOCKED_OUT, _account(username), request)


def watch() -> None:
    """Listen to what Django and axes say about logins."""
    user_logged_in.connect(_entered, dispatch_uid="eccp.guard.entered")
    user_logged_out.connect(_left, dispatch_uid="eccp.guard.left")
    user_login_failed.connect(_refused, dispatch_uid="eccp.guard.refused")
    user_locked_out.connect(_locked_out, dispatch_uid="eccp.guard.locked_out")

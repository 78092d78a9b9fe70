"""People at the door, and the codes their apps show."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

PASSWORD = "correct horse battery"
#: When every code here is shown and typed: a tenth of a second before the next would be shown.
NOW = 1_700_000_000 // 30 * 30 + 29.9


@pytest.fixture(autouse=True)
def _nobody_has_tried(db):
    cache.clear()


@pytest.fixture(autouse=True)
def _the_half_minute_lasts(monkeypatch):
    """App and server read a clock that stands still, so that no code runs out while a test takes its time."""
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time", SimpleNamespace(time=lambda: NOW))
    monkeypatch.setattr("django_otp.oath.time", lambda: NOW)


@pytest.fixture
def person(db):
    """Makes somebody by role, ``superuser`` among them, who has a password and nothing else."""

    def make(role, name=""):
        name = name or role
        if role == "superuser":
            return User.objects.create_superuser(name, f"{name}@example.eu", PASSWORD)
        user = User.objects.create_user(name, f"{name}@example.eu", PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def door():
    """A browser that knows nobody: Django's own client, which has to go through the door."""
    return Client()


def enter(client, user, password=PASSWORD, address="/admin/login/?next=/admin/", **headers):
    """Type name and password, as a person does."""
    return client.post(address, {"username": user.username, "password": password}, **headers)


def code(user, steps=0):
    """What the app of ``user`` shows, ``steps`` half-minutes from now."""
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key, t0=-30 * steps if steps else 0):06d}"


def let_time_pass(user):
    """A code counts once: let the next be a new one, and forget wrong ones."""
    TOTPDevice.objects.filter(user=user).update(
        last_t=int(NOW // 30) - 5, throttling_failure_timestamp=None, throttling_failure_count=0
    )

"""The second factor: one-time codes of an authenticator app, and recovery codes for the day it is lost.

Who decides what the public sees, or who has an account, must have one; anybody else may.
"""

import qrcode
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django_otp import login, verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10
CODE_LENGTH = 6  # of the app; a recovery code is longer


def is_required(user) -> bool:
    """Whether ``user`` may do nothing without one."""
    return user.is_superuser or any(user.has_perm(right) for right in settings.SECOND_FACTOR_FOR)


def device_of(user) -> TOTPDevice | None:
    """The app that ``user`` has set up."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def is_missing(user) -> bool:
    """Whether ``user`` has to show one, or to set one up, before anything else."""
    return not user.is_verified() and (is_required(user) or device_of(user) is not None)


def device_to_set_up(user) -> TOTPDevice:
    """The app that ``user`` is about to set up: the same secret until it is confirmed, in two windows too."""
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)
        begun = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
        return begun or TOTPDevice.objects.create(user=user, confirmed=False, name="app")


@transaction.atomic
def set_up(user, token: str) -> bool:
    """Confirm the app by a code that it shows, and give recovery codes."""
    device = device_to_set_up(user)
    if not verify_token(user, device.persistent_id, token):
        return False
    TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    renew_codes(user)
    return True


def shown(user, token: str) -> TOTPDevice | StaticDevice | None:
    """The device whose code ``token`` is: of the app, or one of the recovery codes, which is then used up."""
    device = device_of(user)
    if len(token) != CODE_LENGTH:
        device = StaticDevice.objects.filter(user=user, confirmed=True).first()
    return device and verify_token(user, device.persistent_id, token)


def seconds_to_wait(user) -> int:
    """How long no code is looked at, after wrong ones: longer with each."""
    waits = [0]
    for device in (*TOTPDevice.objects.filter(user=user), *StaticDevice.objects.filter(user=user)):
        is_allowed, reason = device.verify_is_allowed()
        if not is_allowed and reason:
            waits.append(device.get_throttle_factor() * 2 ** (device.throttling_failure_count - 1))
    return int(max(waits))


def admit(request, device) -> None:
    """Let the session count as that of somebody who has shown a second factor, under a new key."""
    login(request, device)
    request.session.cycle_key()


@transaction.atomic
def renew_codes(user) -> list[str]:
    """New recovery codes in place of all earlier ones."""
    get_user_model().objects.select_for_update().get(pk=user.pk)
    held = StaticDevice.objects.filter(user=user).order_by("pk").first()
    device = held or StaticDevice.objects.create(user=user, name="recovery codes")
    StaticToken.objects.filter(device__user=user).delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def codes_left(user) -> list[str]:
    """The recovery codes not yet used."""
    return list(StaticToken.objects.filter(device__user=user).values_list("token", flat=True).order_by("pk"))


@transaction.atomic
def remove(user) -> None:
    """Forget app and recovery codes; sessions that showed them count for nothing from now on."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def drawing(address: str) -> tuple[int, str]:
    """A QR code as the size of a square and the path of an SVG in it."""
    code = qrcode.QRCode(border=4)
    code.add_data(address)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return len(rows), path

"""Somebody of the staff at the door: signed in as the site itself would have let them in."""

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from eccp.guard import second_factor


class StaffClient(Client):
    """A client whose ``force_login`` brings in somebody who has shown whatever the account owes.

    Who must have a second factor gets an app and a session that has confirmed it; what happens at the door
    itself is tested through the door (``tests/guard``).
    """

    def force_login(self, user, backend=None):
        super().force_login(user, backend)
        if second_factor.is_required(user):
            device, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=True, defaults={"name": "app"})
            session = self.session
            session[DEVICE_ID_SESSION_KEY] = device.persistent_id
            session.save()

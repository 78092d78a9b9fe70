"""Who comes in and how often: guessed passwords, second factors, what is remembered of logins, limits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuardConfig(AppConfig):
    name = "eccp.guard"
    label = "guard"
    verbose_name = _("Logins")

    def ready(self):
        from eccp.guard import memory

        memory.watch()

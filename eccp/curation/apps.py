"""How people change what the registry holds: the curators' forms, the acts of publication, what becomes of a change."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CurationConfig(AppConfig):
    name = "eccp.curation"
    label = "curation"
    verbose_name = _("Curation")

    def ready(self):
        from eccp.curation import roles

        roles.watch(self)

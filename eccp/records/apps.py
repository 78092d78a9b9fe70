"""The ground under every record: what each one has, and what stands behind each of its facts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "eccp.records"
    label = "records"
    verbose_name = _("Sources and citations")

    def ready(self):
        from eccp.records import references, version

        version.watch()
        references.watch()

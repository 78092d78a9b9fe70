"""Who, where and what: organisations, countries, areas, regions and sectors."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferenceConfig(AppConfig):
    name = "eccp.reference"
    label = "reference"
    verbose_name = _("Who, where, what")

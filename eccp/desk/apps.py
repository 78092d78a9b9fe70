"""What there is to do: the curators' front page, readers' reports, likely duplicates, links and privacy."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "eccp.desk"
    label = "desk"
    verbose_name = _("Quality desk")

"""The pages that look across every kind of record."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "eccp.portal"
    label = "portal"

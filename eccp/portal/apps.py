"""The pages that look across every kind of record."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "eccp.portal"
    label = "portal"

    def ready(self):
        # The lists of sources and citations look across every kind of record, so they are declared here.
        from eccp.portal import sources  # noqa: F401

"""Who, where and what: organisations, countries, areas, regions and sectors."""

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "eccp.reference"
    label = "reference"
    verbose_name = "Who, where, what"

"""How every list is shown: from one declaration to page, facets, files and JSON."""

from django.apps import AppConfig


class ListingConfig(AppConfig):
    name = "eccp.listing"
    label = "listing"

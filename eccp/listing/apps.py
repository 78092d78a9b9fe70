"""How every list is shown: from one declaration to page, facets, files and JSON."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ListingConfig(AppConfig):
    name = "eccp.listing"
    label = "listing"

    def ready(self):
        # Every list is declared in its app's views, as every admin in its app's admin.
        autodiscover_modules("views")
        from eccp.listing.showing import rows_showing
        from eccp.records import version

        version.shown_by(rows_showing)

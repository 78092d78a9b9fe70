"""How every list is shown: from one declaration to page, facets, files and JSON."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules


class ListingConfig(AppConfig):
    name = "eccp.listing"
    label = "listing"

    def ready(self):
        connection_created.connect(_compare_in_one, dispatch_uid="eccp.listing")
        # Every list is declared in its app's views, as every admin in its app's admin.
        autodiscover_modules("views")
        from eccp.listing.showing import rows_showing
        from eccp.records import version

        version.shown_by(rows_showing)


def _compare_in_one(connection, **kwargs) -> None:
    """Let SQLite look keys up as “in”, as PostgreSQL does.

    Django looks up tuples, of one key too, by as many comparisons joined by “or”, of which SQLite takes a
    thousand: no list with more related records could be read. No key here is made of two columns.
    """
    if connection.vendor == "sqlite":
        connection.features.supports_tuple_lookups = True

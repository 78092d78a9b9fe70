"""What the operator asks: whether the process lives, and whether it can serve."""

import threading

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.records.models import Record

_looking_at_index = threading.Lock()


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return _said("ok")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 once the database answers, migrations are applied, data is loaded and this process's index is at their
    version; else 503 and what is missing.
    """
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return _said("migrations are not applied", 503)
        if not Record.objects.published().exists():
            return _said("no data is loaded", 503)
        # To make the index may take long, and who asks again meanwhile must not wait for it with a thread each.
        if not _looking_at_index.acquire(blocking=False):
            return _said("the index is being made", 503)
        try:
            for listing in LISTINGS.values():
                index.snapshot(listing)  # at the data version that this answer began with, or StaleError
        finally:
            _looking_at_index.release()
    except DatabaseError:
        return _said("the database does not answer", 503)
    return _said("ready")


def _said(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})

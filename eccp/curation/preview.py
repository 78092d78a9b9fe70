"""A record as the public will see it: its own public page, made inside a rehearsal of which nothing stays."""

import copy

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import resolve

from eccp.curation.actions import in_the_way
from eccp.listing.index import index
from eccp.listing.versions import data_version
from eccp.records.models import Record, RecordModel
from eccp.records.vocabulary import PublicationStatus

PUBLISHED = PublicationStatus.PUBLISHED


def public_page(request: HttpRequest, record: RecordModel) -> HttpResponse:
    """The public page of ``record`` if it, and what it names, were public as it stands; only for a rehearsal.

    What the index builds for the page is held under a data version that is undone with the rehearsal, and dropped.
    The page says that it is a preview, and where its form is (``request.preview_of``); a new record has none yet.
    """
    named = list(in_the_way(record).values_list("pk", flat=True))
    # Each for itself, so that it is noted which rows show it: the lists are not built anew for one page.
    for hidden in Record.objects.filter(pk__in=[record.pk, *named]).exclude(publication_status=PUBLISHED):
        hidden.publication_status = PUBLISHED
        hidden.save(update_fields=["publication_status", "changed_at"])
    address = record.get_absolute_url()
    asked = copy.copy(request)
    asked.method, asked.path, asked.path_info = "GET", address, address
    asked.preview_of, asked.preview_is_stored = request.path, bool(request.opening.record)
    asked.GET = asked.POST = QueryDict()
    asked.resolver_match = found = resolve(address)
    try:
        response = found.func(asked, *found.args, **found.kwargs)
        if hasattr(response, "render"):
            response.render()
    finally:
        index.forget(data_version())
    return response

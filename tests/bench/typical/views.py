"""The yardstick's page, facets, file and record, written the usual way: no index, no cache, nothing stored."""

import csv
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.query import QuerySet
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render

from eccp.records.models import Record
from partnerships.columns import PARTNERSHIP_COLUMNS
from partnerships.models import Partnership
from tests.bench.typical.columns import cells, complete
from tests.bench.typical.filters import FACETS, PartnershipFilter

PUBLISHED = Partnership.objects.published()


def found(data):
    """The rows that the words of an address ask for, by name."""
    return PartnershipFilter(data, queryset=PUBLISHED).qs.order_by("name", "slug")


def counted(data) -> dict[str, dict[str, int]]:
    """Each facet by GROUP BY, its own choice ignored."""
    counts = {}
    for name, (path, condition) in FACETS.items():
        others = data.copy()
        others.pop(name, None)
        rows = Partnership.objects.filter(condition, pk__in=found(others).order_by().values("pk"))
        groups = rows.order_by().values_list(path).annotate(rows=Count("pk", distinct=True))
        counts[name] = {code: rows for code, rows in groups if code is not None}
    return counts


def page(request):
    """Fifty rows with every facet."""
    shown = Paginator(complete(found(request.GET)), 50).get_page(request.GET.get("page"))
    return render(request, "typical/list.html", {"page": shown, "facets": counted(request.GET)})


def facets(request):
    """The facets with no page around them."""
    return JsonResponse({"count": found(request.GET).count(), "facets": counted(request.GET)})


def record(request, slug):
    """One partnership."""
    return render(request, "typical/record.html", {"row": get_object_or_404(complete(PUBLISHED), slug=slug)})


class Echo:
    """A file that gives back what is written to it, as Django's manual has it."""

    def write(self, text):
        return text


def table(request):
    """The whole answer as CSV, with the columns of the registry."""
    writer = csv.writer(Echo())

    def lines():
        yield writer.writerow([column.name for column in PARTNERSHIP_COLUMNS])
        for row in complete(found(request.GET)).iterator(chunk_size=2000):
            yield writer.writerow(map(said, cells(row)))

    return StreamingHttpResponse(lines(), content_type="text/csv")


def said(value) -> str:
    """A value as text."""
    if value is None or isinstance(value, str):
        return value or ""
    return "; ".join(map(str, value)) if hasattr(value, "__iter__") else str(value)


@lru_cache
def read(name: str) -> bytes:
    return (Path(settings.VAR_DIR) / "bench" / "bytes" / Path(name).name).read_bytes()


def bare(request, name):
    """The floor: the same bytes, from memory."""
    return HttpResponse(read(name))


def change(request, kind, slug, name):
    """Rename a record: as a curator does, or (``plainly``) with an UPDATE that tells nobody."""
    if "plainly" in request.GET:
        QuerySet(Record).filter(record_kind=kind, slug=slug).update(name=name)
    else:
        row = get_object_or_404(Record, record_kind=kind, slug=slug)
        row = getattr(row, f"as_{kind}")
        row.name = name
        row.save()
    return HttpResponse(status=204)

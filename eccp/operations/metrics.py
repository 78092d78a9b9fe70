"""What a Prometheus server reads: requests, statements, files on their way, the age of the data, what waits.

With several processes (``PROMETHEUS_MULTIPROC_DIR``, set by eccp/gunicorn.py) each writes to files of its own, and
whichever is asked adds them up.
"""

import os
import time
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as written
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from eccp.desk.items import ITEMS
from eccp.listing.index import index
from eccp.listing.versions import data_version
from eccp.operations import statements

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
REQUESTS = Counter("eccp_requests", "Answers by view, method and status.", ["view", "method", "status"])
SECONDS = Histogram("eccp_request_seconds", "Time until an answer began.", ["view"], buckets=_SECONDS)
STATEMENTS = Histogram(
    "eccp_request_statements", "Database statements of an answer.", ["view"], buckets=(0, 1, 2, 5, 10, 20, 50, 100, 200)
)
STATEMENT_SECONDS = Counter("eccp_statement_seconds", "Time spent waiting for the database.", ["view"])
FILES = Gauge("eccp_files_running", "Files that are on their way to a reader.", multiprocess_mode="livesum")


class MetricsMiddleware:
    """Counts every request under the name of its view, of which there are few."""

    def __init__(self, get_response):
        self.get_response = get_response
        statements.watch_all()  # once for each process that answers requests

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        with statements.counted() as tally:
            response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or match.route) if match else "none"
        method = request.method if request.method in ("GET", "HEAD", "POST") else "other"
        REQUESTS.labels(view, method, str(response.status_code)).inc()
        SECONDS.labels(view).observe(time.monotonic() - begun)
        STATEMENTS.labels(view).observe(tally.statements)
        STATEMENT_SECONDS.labels(view).inc(tally.seconds)
        if response.streaming:
            FILES.inc()
            response._resource_closers.append(FILES.dec)
        return response


class _State:
    """What is true of the registry at the moment it is asked about."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        number, changed_at = data_version()
        now = timezone.now()
        yield GaugeMetricFamily("eccp_data_version", "How often the data has changed.", number)
        age = (now - changed_at).total_seconds() if changed_at else 0
        yield GaugeMetricFamily("eccp_data_age_seconds", "Time since the data last changed.", age)
        held = GaugeMetricFamily(
            "eccp_index_version", "The data version of each list in the process asked.", labels=["list"]
        )
        for name, held_at in index.versions().items():
            held.add_metric([name], held_at)
        yield held
        waiting = GaugeMetricFamily("eccp_desk_waiting", "What waits for the curators.", labels=["item"])
        for name, item in ITEMS.items():
            waiting.add_metric([name], item.question(timezone.localdate(now)).count())
        yield waiting


def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, for who knows ``METRICS_TOKEN``; anybody else finds nothing here."""
    stated = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(stated, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    counted = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(counted)
    else:
        counted = REGISTRY
    state = CollectorRegistry()
    state.register(_State())
    return HttpResponse(
        written(counted) + written(state), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )

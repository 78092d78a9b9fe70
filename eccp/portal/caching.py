"""HTTP caching: a public answer depends on its address, the data version and the day, and on nothing else."""

import hashlib
from datetime import datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags

from eccp.listing.middleware import unreachable
from eccp.listing.versions import data_version

SHARED_SECONDS = settings.SHARED_SECONDS  # a proxy may serve an answer this long before it asks whether it still holds
STALE_SECONDS = settings.STALE_SECONDS  # and this much longer while it asks
_PRIVATE = (settings.STAFF_PATH, "/healthz", "/readyz", "/metrics", settings.STATIC_URL)


class PublicCacheMiddleware:
    """Names each public answer by what it depends on, and answers 304 without making it again.

    A browser asks each time (the question costs one query); a shared cache may keep an answer for
    ``SHARED_SECONDS``, never past midnight in Brussels, when answers “as of today” change.

    ``Last-Modified`` says when the data changed and is no name of an answer: the same data is answered otherwise on
    another day and by another release, so ``If-Modified-Since`` is not honoured.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or request.path.startswith(_PRIVATE):
            return self.get_response(request)
        now = timezone.localtime()
        # Compared weakly (RFC 9110, 13.1.2): a proxy that packs an answer marks its name as weak.
        held = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
        try:
            # Who holds nothing is answered without asking first: the answer says at which version it was made.
            version = data_version() if held else None
        except (OperationalError, InterfaceError) as problem:
            return unreachable(problem)
        if version and (etag := name_of(request, *version, now)) in held:
            response: HttpResponseBase = HttpResponse(status=304)
            del response["Content-Type"]
        else:
            response = self.get_response(request)
            # The data may have changed since: an answer is named by the version that it was made at.
            version = getattr(request, "data_version", None)
            if response.status_code != 200 or version is None:
                # A browser may keep a 301 for ever; but a record that was renamed may get its first name again.
                response.headers.setdefault("Cache-Control", "no-cache")
                return response
            etag = name_of(request, *version, now)
        number, changed_at = version
        response["ETag"] = etag
        response["Cache-Control"] = freshness(now)
        response["Cache-Tag"] = f"data-{number}"  # by which caches that know it forget a version at once
        if changed_at:
            response["Last-Modified"] = http_date(changed_at.timestamp())
        patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
        return response


def name_of(request: HttpRequest, number: int, changed_at: datetime | None, now: datetime) -> str:
    """The strong ETag of the answer to ``request``: the same on every machine that runs the same release."""
    is_partial = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    depends_on = (release(), number, changed_at, now.date(), request.get_full_path(), is_partial)
    return f'"{hashlib.sha256(repr(depends_on).encode()).hexdigest()[:32]}"'


def freshness(now: datetime) -> str:
    """How long an answer may be kept: while it is asked about too, it does not outlive its day."""
    left = seconds_left(now)
    shared = min(SHARED_SECONDS, left)
    stale = min(STALE_SECONDS, left - shared)
    return f"public, max-age=0, s-maxage={shared}, stale-while-revalidate={stale}"


def seconds_left(now: datetime) -> int:
    """Whole seconds until the day ``now`` lies in is over, at least one."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    return max(1, int((midnight - now).total_seconds()))


@cache
def release() -> str:
    """A name for the code that answers, made from the code itself: a new release makes every old answer stale."""
    digest = hashlib.sha256()
    folders = [settings.BASE_DIR / name for name in (*settings.OWN_CODE, "templates")]
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.suffix in (".py", ".html", ".css", ".js", ".mo", ".svg") and path.is_file():
            digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + path.read_bytes())
    return digest.hexdigest()

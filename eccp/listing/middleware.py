"""Every public answer is only read, and made at one data version and from one database, however many lists it reads."""

import logging

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from eccp.listing.versions import StaleError, one_version
from eccp.records.databases import PRIMARY, reading, reading_from, replicas, took_too_long

TRIES = 5  # before a reader is asked to come back: the data would have to change while each is answered
READING = ("GET", "HEAD")
#: Whoever has just changed something carries this, and is answered from the primary and past the proxy's cache.
WROTE = "wrote"

log = logging.getLogger(__name__)


class ReadingMiddleware:
    """Tells whoever sends something to a public address that it is only read (405).

    But for a form that readers send: it takes no token of ours (``csrf_exempt``), since readers get no cookie.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs):
        if (
            request.method in READING
            or request.path.startswith(settings.STAFF_PATH)
            or getattr(view, "csrf_exempt", False)
        ):
            return None
        return HttpResponseNotAllowed(READING)


class ReplicaMiddleware:
    """Answers a public question from a replica that has kept up, except to those who have just written."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        is_staff = request.path.startswith(settings.STAFF_PATH)
        if request.method not in READING:
            response = self.get_response(request)
            if is_staff and response.status_code < 400:
                self._remember(response)
            return response
        if not replicas.all or is_staff or WROTE in request.COOKIES:
            return self.get_response(request)
        with reading_from(replicas.choose()):
            return self.get_response(request)

    @staticmethod
    def _remember(response) -> None:
        """Let this browser read what it wrote, until it can be read everywhere."""
        response.set_cookie(
            WROTE, "1", max_age=settings.VISIBLE_WITHIN_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip


class OneVersionMiddleware:
    """Asks a public view again when the data changed, or the replica that was read went away, while it answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs):
        if request.path.startswith(settings.STAFF_PATH):
            return None
        alias = reading()
        for _try in range(TRIES):
            try:
                with reading_from(alias), one_version() as request.data_version:
                    return view(request, *args, **kwargs)
            except StaleError:
                continue
            except (OperationalError, InterfaceError) as problem:
                if took_too_long(problem):
                    raise  # the primary would take as long
                if alias == PRIMARY:
                    return unreachable(problem)
                replicas.leave_out(alias, problem)
                alias = PRIMARY
        return come_back("The data is changing faster than this can be answered. Please ask again.\n", 2)


def unreachable(problem: Exception) -> HttpResponse:
    """What a reader is told while the database does not answer; the log is told why."""
    log.error("The database does not answer: %s", problem, exc_info=problem)
    return come_back("The registry cannot be read at the moment. Please ask again.\n", 10)


def come_back(text: str, seconds: int) -> HttpResponse:
    """503, and when to ask again."""
    return HttpResponse(
        text, status=503, content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(seconds), "Cache-Control": "no-store"},
    )  # fmt: skip

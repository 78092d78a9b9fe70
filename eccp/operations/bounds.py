"""What one request and one client may ask at most, so that nobody takes the site away from the others."""

import threading
from http import HTTPStatus

from django.conf import settings
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from eccp.guard import client, limits
from eccp.listing.refusing import problem_details

FILES = (".csv", ".xlsx")
SLOT_SECONDS = 600  # after which what a killed process held is forgotten


class BoundsMiddleware:
    """Refuses a request that is too big before anything reads it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _length(request) > (
            settings.MOST_STAFF_BYTES if request.path.startswith(settings.STAFF_PATH) else settings.MOST_BYTES
        ):
            return refusal(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("What was sent is too big."))
        if request.META.get("QUERY_STRING", "").count("&") >= settings.MOST_VALUES:
            return self._too_many_values(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """A number beyond what the database can hold is no record's: Django asks for it all the same.

        Of the curators' pages only: public views are called by ``OneVersionMiddleware`` itself, whose faults Django
        does not bring here, and none of them asks for a number that a reader typed.
        """
        if _is_out_of_range(exception):
            raise Http404 from exception

    def _too_many_values(self, request: HttpRequest) -> HttpResponse:
        said = _("A question takes at most %(most)d values.") % {"most": settings.MOST_VALUES}
        if request.path.endswith((*FILES, ".json", ".atom")):
            return refusal(request, HTTPStatus.BAD_REQUEST, said)
        # Not even the request is handed on: a page would say all of its words again.
        page = render_to_string("400.html", {"said": said})
        return HttpResponse(page, status=HTTPStatus.BAD_REQUEST, headers={"Cache-Control": "no-store"})


def _is_out_of_range(problem: Exception) -> bool:
    if isinstance(problem, OverflowError):
        return "SQLite INTEGER" in str(problem)
    return isinstance(problem, DataError) and getattr(problem.__cause__, "sqlstate", None) == "22003"


def _length(request: HttpRequest) -> int:
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isdecimal() else settings.MOST_STAFF_BYTES + 1


class FilesMiddleware:
    """Bounds how many files are on their way at once: to one client, and from one process.

    A file occupies a thread of the server for as long as its reader takes. With at most half of a process's
    threads giving out files, slow readers never keep the pages from others.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.free = threading.BoundedSemaphore(settings.FILES_PER_PROCESS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not request.path.endswith(FILES):
            return self.get_response(request)
        if not self.free.acquire(blocking=False):
            said = _("Too many files are being fetched at the moment. Please ask again.")
            return _wait(refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, said), 5)
        who = client.key(request)
        if not limits.take_slot("files", who, most=settings.FILES_PER_CLIENT, seconds=SLOT_SECONDS):
            self.free.release()
            said = _("You are fetching %(most)d files already. Please wait for one to end.")
            said %= {"most": settings.FILES_PER_CLIENT}
            return _wait(refusal(request, HTTPStatus.TOO_MANY_REQUESTS, said), 10)
        held = _Held(self.free, who)
        try:
            response = self.get_response(request)
        except BaseException:
            held.close()
            raise
        if response.streaming:
            response._resource_closers.append(held.close)  # called when the last byte is out, or the reader gone
        else:
            held.close()
        return response


class _Held:
    """A place among the files that are on their way, given back once."""

    def __init__(self, free: threading.BoundedSemaphore, who: str):
        self.free, self.who = free, who
        self.is_open = True

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.free.release()
            limits.give_back("files", self.who)


def as_utf8(site):
    """The WSGI application ``site``, to which all that is sent is UTF-8.

    Django reads a question by the charset that a header names, though an answer is kept under its address alone; and a
    charset that is none would end in a fault before anything of ours could catch it.
    """

    def application(environ, start_response):
        parts = environ.get("CONTENT_TYPE", "").split(";")
        environ["CONTENT_TYPE"] = ";".join(part for part in parts if not part.strip().lower().startswith("charset"))
        return site(environ, start_response)

    return application


def refusal(request: HttpRequest, status: HTTPStatus, said: str) -> HttpResponse:
    """Why a request was not answered: problem details where JSON was asked for, else one line of text."""
    if request.path.endswith(".json"):
        response = problem_details(status, status.phrase, detail=said)
    else:
        response = HttpResponse(f"{said}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _wait(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response

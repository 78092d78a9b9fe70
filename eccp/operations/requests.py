"""Every request has an id: in its log lines, in the header of its answer, and on the page that says something broke."""

import sys

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django_structlog import signals
from django_structlog.middlewares import RequestMiddleware

from eccp.records.databases import took_too_long


class RequestLogMiddleware(RequestMiddleware):
    """Gives each request an id of its own making, and writes what became of it.

    Of the request a line says method and path; what was searched for may be a person's name, and who asked is
    nobody's business, so neither query nor address nor browser is written.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.prepare(request)
        request.request_id = structlog.contextvars.get_contextvars()["request_id"]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id
        self.handle_response(request, response)
        return response

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


def _without_browser(sender, log_kwargs, **kwargs):
    del log_kwargs["user_agent"]


signals.bind_extra_request_metadata.connect(_without_browser, dispatch_uid="eccp.operations.requests")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what broke, which names the request so that the log can be searched for it.

    A statement that took too long is not a fault but a bound: 503, and when to try again.
    """
    problem = sys.exc_info()[1]
    is_bound = problem is not None and took_too_long(problem)
    context = {"request_id": getattr(request, "request_id", ""), "is_bound": is_bound, "at": timezone.now()}
    response = HttpResponse(render_to_string("500.html", context), status=503 if is_bound else 500)
    if is_bound:
        response["Retry-After"] = "60"
    return response

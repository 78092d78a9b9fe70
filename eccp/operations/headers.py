"""The headers that every answer carries, whoever made it (a view, a middleware, a static file or an error), and those
that are asked for alone.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class HeadersMiddleware:
    """Adds what ``SECURE_HEADERS`` names where an answer does not already say it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.SECURE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def alone(site):
    """The WSGI application ``site``, which answers HEAD with the headers alone.

    Django makes the body all the same, and a server that is given one drops it and warns.
    """

    def application(environ, start_response):
        answer = site(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return answer
        if hasattr(answer, "close"):
            answer.close()
        return []

    return application

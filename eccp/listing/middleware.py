"""Every public answer is made at one data version, however many lists it reads."""

from django.http import HttpRequest, HttpResponse

from eccp.listing.index import StaleError, one_version

TRIES = 5  # before a reader is asked to come back: the data would have to change while each is answered
STAFF = "/admin/"


class OneVersionMiddleware:
    """Asks a public view again when the data changed while it answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs):
        if request.path.startswith(STAFF):
            return None
        for _try in range(TRIES):
            try:
                with one_version():
                    return view(request, *args, **kwargs)
            except StaleError:
                continue
        return HttpResponse(
            "The data is changing faster than this can be answered. Please ask again.\n",
            status=503,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": "2"},
        )

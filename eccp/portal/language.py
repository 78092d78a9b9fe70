"""The language of a page is that of its address: /ja/, /fr/, /de/, and English without a prefix.

The curators' side has one address for all, whatever they read; each chooses a language there, which a cookie keeps that
no browser sends to any other page.
"""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation


class AddressLanguageMiddleware:
    """Activates the language the address names, and nothing else: in public no cookie and no header decides.

    Django's own LocaleMiddleware would look at both and have to say so with ``Vary``.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


def language_of(request: HttpRequest) -> str:
    """The language in which a request is answered."""
    codes = {code for code, _name in settings.LANGUAGES}
    if request.path_info.startswith(settings.STAFF_PATH):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    else:
        chosen = request.path_info.split("/", 2)[1]
        codes.discard(settings.LANGUAGE_CODE)  # English stands without a prefix
    return chosen if chosen in codes else settings.LANGUAGE_CODE

"""The language of a page is that of its address: /ja/, /fr/, /de/, and English without a prefix."""

from django.conf import settings
from django.utils import translation


class AddressLanguageMiddleware:
    """Activates the language the address names, and nothing else: no cookie, no header decides.

    Django's own LocaleMiddleware would look at both and have to say so with ``Vary``.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        prefix = request.path_info.split("/", 2)[1]
        codes = {code for code, _name in settings.LANGUAGES}
        language = prefix if prefix in codes - {settings.LANGUAGE_CODE} else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response

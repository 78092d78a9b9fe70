"""Addresses of lists, their files and their records, in the language of the page."""

from functools import cache
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import LocalePrefixPattern, Resolver404, URLResolver, get_resolver, resolve, reverse
from django.utils.translation import get_language

#: The forms in which a list can be taken away.
FORMATS = ("csv", "xlsx", "json", "atom")
_IN_PATHS = "~:@!$&'()*+,;="  # what may stand in a part of a path as it is (RFC 3986)


def list_path(name: str) -> str:
    """The page of a list."""
    return _list_path(name, get_language())


@cache
def _list_path(name: str, _language: str) -> str:
    """Asked for each link of a page, and always the same in one language."""
    return reverse(f"{name}:list")


def file_path(name: str, form: str) -> str:
    """A file, the JSON or the feed of a list; these exist in English only."""
    return f"/{name}.{form}"


def crosstab_path(name: str, form: str = "") -> str:
    """The cross-tabulation of a list, or its file in the format ``form``, which exists in English only."""
    return f"/{name}/crosstab.{form}" if form else reverse(f"{name}:crosstab")


def record_path(name: str, slug: str) -> str:
    """The page of one record of a list."""
    return below(list_path(name), slug)


def below(path: str, slug: str) -> str:
    """The page of one record of the list whose page is at ``path``."""
    return f"{path}{quote(slug, safe=_IN_PATHS)}/"


def in_every_language(request: HttpRequest) -> dict[str, str]:
    """The address of the page asked for, its query with it, in each language; the same where it exists in one only.

    Django's ``translate_url`` gives the same, but resolves and reverses the address for every language.
    """
    here, codes = request.get_full_path(), [code for code, _name in settings.LANGUAGES]
    if not _is_in_every_language(request):
        return dict.fromkeys(codes, here)
    first, _slash, rest = request.path[1:].partition("/")
    path = quote(rest if first in codes else request.path[1:], safe=f"{_IN_PATHS}/")
    query = here[here.find("?") :] if "?" in here else ""
    return {code: f"{_prefix(code)}{path}{query}" for code in codes}


def _prefix(code: str) -> str:
    """How the addresses of pages in a language begin."""
    return "/" if code == settings.LANGUAGE_CODE else f"/{code}/"


def _is_in_every_language(request: HttpRequest) -> bool:
    """Whether what answers stands under the prefixes of the languages."""
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return False
    prefixed = _prefixed()
    if match.namespaces:
        return match.namespaces[0] in prefixed.namespace_dict
    return match.url_name in prefixed.reverse_dict


@cache
def _prefixed() -> URLResolver:
    """The one door to all pages, under whose prefix each exists in every language."""
    (found,) = (each for each in get_resolver().url_patterns if isinstance(each.pattern, LocalePrefixPattern))
    return found


def with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    """``path`` with a query string; the same pairs always give the same address."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def absolute(path: str) -> str:
    """The full public address of a path of this site."""
    return f"{settings.SITE_URL}{path}"

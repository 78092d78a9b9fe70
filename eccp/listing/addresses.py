"""Addresses of lists, their files and their records, in the language of the page."""

from functools import cache
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
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
    return f"{list_path(name)}{quote(slug, safe=_IN_PATHS)}/"


def with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    """``path`` with a query string; the same pairs always give the same address."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def absolute(path: str) -> str:
    """The full public address of a path of this site."""
    return f"{settings.SITE_URL}{path}"

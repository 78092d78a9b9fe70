"""Every public address, found in the site's own URL configuration: a new page is walked without being listed here."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS

STAFF = "admin/"
LANGUAGES = ("", "ja/", "fr/", "de/")


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the public site with what its pattern says, languages marked ``<language>``."""
    for entry in (resolver or get_resolver()).url_patterns:
        localised = isinstance(getattr(entry, "pattern", None), LocalePrefixPattern)
        route = prefix + ("<language>" if localised else str(entry.pattern))
        if route.startswith(STAFF):
            continue
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def plain(route: str) -> str:
    """A route without the marks of regular expressions, of alternatives the first; its argument is ``{}``."""
    route = re.sub(r"\(\?:([^|)]*)[^)]*\)", r"\1", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "{}", route).replace("^", "").replace("$", "").replace("\\", "")
    return re.sub(r"<(?!language)[^>]+>", "{}", route)


def list_of(route: str) -> str:
    """The list to which a route with an argument belongs."""
    return next((part for part in plain(route).removeprefix("<language>").split("/") if part in LISTINGS), "")


def public_addresses(ids: dict[str, list[str]] | None = None, languages=LANGUAGES) -> Iterator[str]:
    """Every address of the public site, with every published record (or the given ``ids``) where a record stands."""
    for route, _pattern in patterns():
        address = plain(route)
        arguments = [""]
        if "{}" in address:
            name = list_of(route)
            if name not in LISTINGS:
                raise AssertionError(f"{route}: a public address whose argument no test knows how to fill")
            arguments = (ids or {}).get(name) or index.snapshot(LISTINGS[name]).ids
        for argument in arguments:
            filled = address.replace("{}", argument)
            if "<language>" in filled:
                yield from (f"/{filled.replace('<language>', language)}" for language in languages)
            else:
                yield f"/{filled}"

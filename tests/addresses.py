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
    """A route without the marks of regular expressions, of alternatives the first; arguments stand as ``{name}``."""
    route = re.sub(r"\(\?:([^|)]*)[^)]*\)", r"\1", route)
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route).translate({ord(char): None for char in "^$\\"})
    return re.sub(r"<(?:\w+:)?(?!language)(\w+)>", r"{\1}", route)


def arguments(route: str, ids: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """What may stand in the arguments of a route: the ids of the list it belongs to, or the lists themselves."""
    named = set(re.findall(r"{(\w+)}", route))
    if named == {"slug"}:
        name = next(part for part in route.removeprefix("<language>").split("/") if part in LISTINGS)
        yield from ({"slug": slug} for slug in ids.get(name) or index.snapshot(LISTINGS[name]).ids)
    elif named == {"name", "page"}:
        yield from ({"name": name, "page": "1"} for name in LISTINGS)
    elif named:
        raise AssertionError(f"{route}: a public address whose arguments {named} no test knows how to fill")
    else:
        yield {}


def public_addresses(ids: dict[str, list[str]] | None = None, languages=LANGUAGES) -> Iterator[str]:
    """Every address of the public site, with every published record (or the given ``ids``) where a record stands."""
    for route, _pattern in patterns():
        address = plain(route)
        for argument in arguments(address, ids or {}):
            filled = re.sub(r"{(\w+)}", lambda found, given=argument: given[found[1]], address)
            if "<language>" in filled:
                yield from (f"/{filled.replace('<language>', language)}" for language in languages)
            else:
                yield f"/{filled}"

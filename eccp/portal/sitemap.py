"""``/sitemap.xml`` and ``/robots.txt``: every page worth finding, list by list, from the snapshots that readers see."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import override

from eccp.listing.addresses import absolute, list_path, record_path
from eccp.listing.index import Snapshot, index
from eccp.listing.listings import LISTINGS

MOST_ADDRESSES = 10_000  # in one file; the protocol allows 50,000 and 50 MB
PAGES = ("front", "about", "accessibility", "data-dictionary", "api")  # besides lists and records
TYPE = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKS = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def sitemap_index(request: HttpRequest) -> HttpResponse:
    """``/sitemap.xml``: the files for each list."""
    lines = [f"{_HEAD}<sitemapindex {_NAMES}>"]
    for name, listing in LISTINGS.items():
        snapshot = index.snapshot(listing)
        for page in range(1, pages_of(snapshot) + 1):
            path = reverse("sitemap-of-list", args=[name, page])
            lines.append(f"<sitemap><loc>{escape(absolute(path))}</loc></sitemap>")
    lines.append("</sitemapindex>")
    return HttpResponse("\n".join(lines) + "\n", content_type=TYPE)


def pages_of(snapshot: Snapshot) -> int:
    """How many files the addresses of a list fill."""
    return max(1, -(-len(snapshot) // MOST_ADDRESSES))


def sitemap_of_list(request: HttpRequest, name: str, page: int) -> StreamingHttpResponse:
    """``/sitemap-<list>-<page>.xml``: the list and its records, each with its address in every language."""
    if name not in LISTINGS:
        raise Http404
    snapshot = index.snapshot(LISTINGS[name])
    if not 1 <= page <= pages_of(snapshot):
        raise Http404
    return StreamingHttpResponse(blocks(name, snapshot, page), content_type=TYPE)


def blocks(name: str, snapshot: Snapshot, page: int) -> Iterator[str]:
    """The file, an address at a time."""
    yield f"{_HEAD}<urlset {_NAMES} {_LINKS}>\n"
    if page == 1:
        yield entry(in_every_language(list_path, name))
        if name == next(iter(LISTINGS)):
            yield from (entry(in_every_language(reverse, page_name)) for page_name in PAGES)
    for at in islice(snapshot.order("id", False, date.min), (page - 1) * MOST_ADDRESSES, page * MOST_ADDRESSES):
        row = snapshot.row(at)
        yield entry(in_every_language(record_path, name, row.id), row.changed)
    yield "</urlset>\n"


def in_every_language(make, *args: str) -> dict[str, str]:
    """The full address of a page in each language, English first."""
    addresses = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            addresses[code] = escape(absolute(make(*args)))
    return addresses


def entry(addresses: dict[str, str], changed: datetime | None = None) -> str:
    """One page: its English address, when it changed, and the addresses of its translations."""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}"/>' for code, address in addresses.items()
    )
    day = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{addresses[settings.LANGUAGE_CODE]}</loc>{day}{links}</url>\n"


def robots(request: HttpRequest) -> HttpResponse:
    """``/robots.txt``: lists and records are to be found; every way to filter and sort them is not, being endless."""
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /*?", "", f"Sitemap: {absolute('/sitemap.xml')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

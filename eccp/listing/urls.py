"""The addresses of a list, all made from its declaration."""

from django.conf import settings
from django.http import HttpResponsePermanentRedirect
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import override

from eccp.listing.crosstab import CrosstabCsv, CrosstabJson, CrosstabPage
from eccp.listing.details import DetailView
from eccp.listing.feeds import ListFeed
from eccp.listing.listings import Listing
from eccp.listing.views import ListCsv, ListCsvw, ListJson, ListPage, ListXlsx


def pages(listing: type[Listing], detail: type[DetailView]) -> URLResolver:
    """The pages of a list and of its records, to be included once per language."""
    return path(
        f"{listing.name}/",
        include(
            (
                [
                    path("", ListPage.as_view(listing=listing), name="list"),
                    path("crosstab/", CrosstabPage.as_view(listing=listing), name="crosstab"),
                    re_path(r"^(?P<slug>[^/\x00]+)/$", detail.as_view(listing=listing), name="detail"),
                ],
                listing.name,
            )
        ),
    )


def downloads(listing: type[Listing], detail: type[DetailView]) -> list[URLPattern]:
    """The files, JSON and feed of a list, which exist once, in English."""
    views = [ListCsv, ListXlsx, ListJson, ListCsvw, ListFeed]
    tables = [CrosstabCsv, CrosstabJson]
    return [
        *(path(f"{listing.name}/crosstab.{view.form}", english(view.as_view(listing=listing))) for view in tables),
        *(path(f"{listing.name}.{view.form}", english(view.as_view(listing=listing))) for view in views),
        re_path(
            rf"^{listing.name}/(?P<slug>[^/\x00]+)\.json$", english(detail.as_view(listing=listing)), {"form": "json"}
        ),
    ]


def in_other_languages(english_only: list[URLPattern]) -> URLPattern | URLResolver:
    """Addresses that exist in English only, under the prefixes of the other languages: they lead to the English."""
    codes = "|".join(code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)
    return re_path(rf"^(?:{codes})/", include([URLPattern(found.pattern, without_prefix) for found in english_only]))


def without_prefix(request, **kwargs):
    """Leads to the same address without its first part."""
    return HttpResponsePermanentRedirect("/" + request.get_full_path().split("/", 2)[2])


def english(view):
    """``view`` in English, whatever language is active."""

    def answer(request, *args, **kwargs):
        with override("en"):
            return view(request, *args, **kwargs)

    return answer

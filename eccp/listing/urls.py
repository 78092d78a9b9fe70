"""The addresses of a list, all made from its declaration."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import override

from eccp.listing.details import DetailView
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
                    re_path(r"^(?P<slug>[^/]+)/$", detail.as_view(listing=listing), name="detail"),
                ],
                listing.name,
            )
        ),
    )


def downloads(listing: type[Listing], detail: type[DetailView]) -> list[URLPattern]:
    """The files and JSON of a list, which exist once, in English."""
    views = [ListCsv, ListXlsx, ListJson, ListCsvw]
    return [
        *(path(f"{listing.name}.{view.form}", english(view.as_view(listing=listing))) for view in views),
        re_path(rf"^{listing.name}/(?P<slug>[^/]+)\.json$", english(detail.as_view(listing=listing)), {"form": "json"}),
    ]


def english(view):
    """``view`` in English, whatever language is active."""

    def answer(request, *args, **kwargs):
        with override("en"):
            return view(request, *args, **kwargs)

    return answer

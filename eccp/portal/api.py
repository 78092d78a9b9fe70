"""The pages for those who take data away: the data dictionary, and the JSON explained by live examples."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import resolve
from django.utils.translation import gettext, override

from eccp.listing import dictionary, files, openapi
from eccp.listing.addresses import FORMATS, absolute, file_path, with_query
from eccp.listing.fields import LONGEST_TEXT, MOST_TERMS, MOST_VALUES
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.views import today
from partnerships.views import PartnershipList

_ITEMS = 2  # of a list that an excerpt shows
_CHARACTERS = 90  # of a text


def data_dictionary(request: HttpRequest) -> HttpResponse:
    """``/data-dictionary/``: every column, every filter word, every vocabulary."""
    context = {
        "entries": list(dictionary.entries(index.directory())),
        "controls": dictionary.controls(),
        "vocabularies": dictionary.vocabularies(),
    }
    return render(request, "portal/data_dictionary.html", context)


@dataclass(frozen=True)
class Example:
    """A question with the beginning of what is answered to it now."""

    title: str
    url: str
    status: int
    excerpt: str


def api(request: HttpRequest) -> HttpResponse:
    """``/api/``: how to ask, with answers of this moment."""
    context = {
        "addresses": [
            (listing, [(form, file_path(name, form)) for form in (*FORMATS, "csv-metadata.json")])
            for name, listing in LISTINGS.items()
        ],
        "examples": [example(title, path) for title, path in examples(PartnershipList)],
        "licence": files.LICENCE,
        "licence_name": files.LICENCE_NAME,
        "limits": {"values": MOST_VALUES, "characters": LONGEST_TEXT, "words": MOST_TERMS},
    }
    return render(request, "portal/api.html", context)


def schema(request: HttpRequest) -> HttpResponse:
    """``/api/schema/``: the OpenAPI document."""
    with override("en"):
        document = openapi.document(index.directory())
        document["paths"] |= {"/search.json": search_operation()}
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})


def search_operation() -> dict[str, Any]:
    """The search over everything, which is no list."""
    row = {
        "id": openapi.TEXT,
        "name": openapi.TEXT,
        "native_name": openapi.or_null(openapi.TEXT),
        "url": openapi.ADDRESS,
    }
    results = {"type": "array", "items": openapi.record_of(row)}
    group = {"list": openapi.TEXT, "count": openapi.COUNT, "url": openapi.ADDRESS, "results": results}
    found = {"query": openapi.TEXT, "count": openapi.COUNT, "did_you_mean": openapi.or_null(openapi.TEXT)}
    found |= {"licence": openapi.ADDRESS, "groups": {"type": "array", "items": openapi.record_of(group)}}
    said = gettext("Words, all of which must be found.")
    asked = openapi.parameter("q", openapi.TEXT | {"maxLength": LONGEST_TEXT}, said) | {"required": True}
    answers = {
        "200": openapi.answer(gettext("The best rows of each list."), "application/json", openapi.record_of(found)),
        "400": openapi.problem(gettext("The question was not understood.")),
    }
    return openapi.operation("search", "search", gettext("Search over every list at once"), [asked], answers)


def examples(listing: type[Listing]) -> list[tuple[str, str]]:
    """Questions worth asking, all of which this data answers."""
    snapshot, path = index.snapshot(listing), file_path(listing.name, "json")
    names = ",".join(column.name for column in listing.columns[:3])
    made = [
        (gettext("A page of a list"), with_query(path, [("per_page", "1")])),
        (gettext("Chosen columns, in another order"), with_query(path, [("columns", names), ("sort", "-id")])),
        (gettext("Found by words"), with_query("/search.json", [("q", "japan")])),
        (gettext("A bad question"), with_query(path, [("nonsense", "1")])),
    ]
    down, across = list(listing.facet_words())[:2]
    crosstab = with_query(f"/{listing.name}/crosstab.json", [("rows", down), ("columns", across)])
    made.insert(2, (gettext("Counted by two filters"), crosstab))
    if len(snapshot):
        values = {code: len(rows) for code, rows in snapshot.facet(down, today()).items()}
        best = max(values, key=values.get)
        made.insert(1, (gettext("Filtered"), with_query(path, [(down, best), ("per_page", "1")])))
        made.insert(2, (gettext("A record with its citations"), f"/{listing.name}/{snapshot.id(snapshot.all[0])}.json"))
    return made


def example(title: str, path: str) -> Example:
    """What ``path`` answers now, long lists and texts cut short."""
    asked, _mark, query = path.partition("?")
    request = HttpRequest()
    request.method, request.path, request.path_info, request.GET = "GET", asked, asked, QueryDict(query)
    found = resolve(asked)
    with override("en"):
        response = found.func(request, *found.args, **found.kwargs)
    body = json.dumps(cut(json.loads(response.content)), ensure_ascii=False, indent=2)
    return Example(title, absolute(path), response.status_code, body)


def cut(value: Any) -> Any:
    """``value`` with the beginnings of its long lists and texts."""
    if isinstance(value, dict):
        return {name: cut(part) for name, part in value.items()}
    if isinstance(value, list):
        return [cut(part) for part in value[:_ITEMS]] + (["…"] if len(value) > _ITEMS else [])
    return f"{value[:_CHARACTERS]}…" if isinstance(value, str) and len(value) > _CHARACTERS else value

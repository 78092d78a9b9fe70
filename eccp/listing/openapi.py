"""The OpenAPI 3.1 description of every list's addresses, made from the same declarations as their answers."""

from typing import Any

from django.utils.translation import gettext

from eccp.listing import files
from eccp.listing.addresses import absolute
from eccp.listing.belongings import BELONGINGS, CITATIONS
from eccp.listing.columns import Column, with_twins
from eccp.listing.dictionary import choices_of, controls, values_of
from eccp.listing.directory import Directory
from eccp.listing.feeds import ListFeed
from eccp.listing.fields import LONGEST_TEXT, MOST_VALUES, UNKNOWN
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.views import ListCsv, ListingView, ListJson, ListXlsx
from eccp.listing.words import AsOfWord, RecordWord, SearchWord, Word
from eccp.records.models import Record, record_models

Schema = dict[str, Any]

TEXT = {"type": "string"}
DAY = {"type": "string", "format": "date"}
ADDRESS = {"type": "string", "format": "uri"}
COUNT = {"type": "integer", "minimum": 0}
DATE = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?$"}
TYPES = {
    "string": TEXT,
    "decimal": {"type": "number"},
    "date": DATE,
    "boolean": {"type": "boolean"},
    "anyURI": ADDRESS,
    "reference": {"$ref": "#/components/schemas/Reference"},
}
FILES: tuple[type[ListingView], ...] = (ListCsv, ListXlsx, ListFeed)
PROBLEM = "application/problem+json"


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def record_of(properties: dict[str, Schema], **more: Any) -> Schema:
    """An object that has exactly the given properties."""
    return {"type": "object", "required": list(properties), "properties": properties, **more}


# ── what is answered ──


def column_schema(column: Column) -> Schema:
    """What a column's cell is in JSON."""
    choices = choices_of(column)
    one = {"type": "string", "enum": choices.values} if choices else TYPES[column.datatype]
    schema = {"type": "array", "items": one} if column.many else one if column.name in ("id", "url") else or_null(one)
    return schema | {"description": str(column.help or column.label)}


def properties(columns: list[Column]) -> dict[str, Schema]:
    return {column.name: column_schema(column) for column in columns}


def schemas() -> dict[str, Schema]:
    """Every shape an answer may have."""
    shared = {"as_of": DAY, "licence": ADDRESS}
    made = {
        "Reference": record_of({"id": TEXT, "name": TEXT, "url": or_null(ADDRESS)}),
        "Problem": {
            "type": "object",
            "description": gettext("What is wrong, by word (RFC 9457)."),
            "required": ["type", "title", "status"],
            "properties": {
                "type": TEXT,
                "title": TEXT,
                "status": {"type": "integer"},
                "detail": TEXT,
                "errors": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
            },
        },
        "Crosstab": _crosstab_schema(shared),
    }
    for part in BELONGINGS:
        made[part.name] = record_of(properties(part.columns), description=str(part.label))
    for listing in LISTINGS.values():
        columns = properties(list(with_twins(listing.columns).values()))
        parts = BELONGINGS if issubclass(listing.queryset.model, Record) else [CITATIONS]
        belonging = {part.name: {"type": "array", "items": ref(part.name)} for part in parts}
        needed = belonging if parts is BELONGINGS else {}
        made[f"{listing.name}.row"] = {"type": "object", "properties": columns, "additionalProperties": False}
        made[f"{listing.name}.record"] = {
            "type": "object",
            "required": [*columns, *needed, *shared],
            "properties": columns | belonging | shared,
            "additionalProperties": False,
        }
        page = {"count": COUNT, "as_of": DAY, "query": TEXT, "licence": ADDRESS}
        page |= {"next": or_null(ADDRESS), "previous": or_null(ADDRESS)}
        page["results"] = {"type": "array", "items": ref(f"{listing.name}.row")}
        made[f"{listing.name}.page"] = record_of(page)
    return made


def _crosstab_schema(shared: dict[str, Schema]) -> Schema:
    value = record_of({"id": or_null(TEXT), "name": TEXT, "total": COUNT})
    axis = record_of({"word": TEXT, "name": TEXT, "left_out": COUNT, "values": {"type": "array", "items": value}})
    lines = {"type": "array", "items": {"type": "array", "items": COUNT}}
    return record_of({"count": COUNT, "query": TEXT, **shared, "rows": axis, "columns": axis, "counts": lines})


# ── what is asked ──


def word_parameter(name: str, word: Word, directory: Directory) -> Schema:
    """A filter word as a query parameter."""
    said = f"{word.label}: {str(word.phrase) % {'values': '…'}}"
    if word.is_choice:
        values = [*values_of(word, directory)]
        one: Schema = {"type": "string", "enum": [*values, UNKNOWN]} if values else TEXT
        kinds = word.kinds if isinstance(word, RecordWord) else ()
        names = ", ".join(str(record_models()[kind]._meta.verbose_name) for kind in kinds)
        said += "; " + gettext("id of: %(names)s, or unknown") % {"names": names} if names else ""
        schema = {"type": "array", "items": one, "maxItems": MOST_VALUES}
        return parameter(name, schema, said) | {"style": "form", "explode": True}
    if isinstance(word, SearchWord):
        return parameter(name, TEXT | {"maxLength": LONGEST_TEXT}, said)
    return parameter(name, DAY if isinstance(word, AsOfWord) else TEXT, said)


def parameter(name: str, schema: Schema, said: str, place: str = "query") -> Schema:
    made = {"name": name, "in": place, "required": place == "path", "schema": schema, "description": said}
    # A form sends every word of it: one without a value is as if it had not been sent.
    return made | ({"allowEmptyValue": True} if place == "query" else {})


def control_schema(name: str, listing: type[Listing]) -> Schema:
    """What a word that shapes the answer may be."""
    columns = list(with_twins(listing.columns))
    numbers = {"page": {"minimum": 1, "default": 1}, "per_page": {"minimum": 1, "maximum": 200, "default": 50}}
    if name in numbers:
        return {"type": "integer"} | numbers[name]
    if name == "sort":
        return {"type": "string", "enum": [f"{sign}{column}" for column in columns for sign in ("", "-")]}
    return {"type": "string", "enum": ["0", "1"]} if name == "bom" else TEXT


def parameters(directory: Directory) -> dict[str, Schema]:
    """All that the addresses of the lists may be asked, each under the name of its list and its own."""
    made = {}
    for listing in LISTINGS.values():
        for name, word in listing.filterset_class.base_filters.items():
            made[f"{listing.name}.{name}"] = word_parameter(name, word, directory)
        for name, said in controls().items():
            made[f"{listing.name}.{name}"] = parameter(name, control_schema(name, listing), said)
    return made


def asked_of(listing: type[Listing], view: type[ListingView] | None = None) -> list[Schema]:
    """The words an address of the list takes; without a view, those that filter."""
    names = [*listing.filterset_class.base_filters, *(name for name in controls() if view and name not in view.refused)]
    return [{"$ref": f"#/components/parameters/{listing.name}.{name}"} for name in names]


# ── the addresses ──


def answer(said: str, media: str, schema: Schema | None = None) -> Schema:
    return {"description": said, "content": {media: {"schema": schema} if schema else {}}}


def problem(said: str) -> Schema:
    return answer(said, PROBLEM, ref("Problem"))


def operation(name: str, tag: str, said: str, asked: list[Schema], answers: dict[str, Schema]) -> Schema:
    answers = answers | {"414": {"description": gettext("The address is longer than the server reads.")}}
    return {"get": {"operationId": name, "tags": [tag], "summary": said, "parameters": asked, "responses": answers}}


def paths() -> dict[str, Schema]:
    """Every address of every list."""
    made = {}
    refused = problem(gettext("The question was not understood; the answer says which word and what is possible."))
    for name, listing in LISTINGS.items():
        title, row = str(listing.title), f"{name}.page"
        made[f"/{name}.json"] = operation(
            f"{name}_list", name, f"{title}: {listing.description}", asked_of(listing, ListJson),
            {
                "200": answer(gettext("A page of rows."), "application/json", ref(row)),
                "400": refused,
                "404": problem(gettext("There is no such page.")),
            },
        )  # fmt: skip
        for view in FILES:
            media = view.content_type.partition(";")[0] or "application/atom+xml"
            made[f"/{name}.{view.form}"] = operation(
                f"{name}_{view.form}", name, f"{title}: {view.form.upper()}", asked_of(listing, view),
                {
                    "200": answer(gettext("The whole answer, or in a feed its newest entries."), media),
                    "400": answer(gettext("The question was not understood."), "text/plain", TEXT),
                },
            )  # fmt: skip
        made[f"/{name}/{{id}}.json"] = _record_operation(listing, refused)
        made[f"/{name}/crosstab.json"] = _crosstab_operation(listing, refused)
    return made


def _record_operation(listing: type[Listing], refused: Schema) -> Schema:
    asked = [
        parameter("id", TEXT, gettext("The record’s id; an old one leads to the newest."), "path"),
        parameter("as_of", DAY, gettext("The day on which derived values are asked for; today without it.")),
    ]
    answers = {
        "200": answer(gettext("The record with its facts."), "application/json", ref(f"{listing.name}.record")),
        "301": {"description": gettext("The record has another id now.")},
        "400": refused,
        "404": problem(gettext("There is no such record.")),
        "410": problem(gettext("The record was withdrawn; the answer says when and why.")),
    }
    return operation(
        f"{listing.name}_record", listing.name, f"{listing.title}: " + gettext("one record"), asked, answers
    )


def _crosstab_operation(listing: type[Listing], refused: Schema) -> Schema:
    axis = {"type": "string", "enum": list(listing.facet_words())}
    asked = [
        parameter("rows", axis, gettext("The filter word to count by in rows.")) | {"required": True},
        parameter("columns", axis, gettext("The filter word to count by in columns.")) | {"required": True},
        *asked_of(listing),
    ]
    answers = {
        "200": answer(gettext("Counts of distinct rows."), "application/json", ref("Crosstab")),
        "400": refused,
    }
    return operation(
        f"{listing.name}_crosstab", listing.name, f"{listing.title}: " + gettext("cross-tabulation"), asked, answers
    )


def document(directory: Directory) -> Schema:
    """The description of all lists, in English."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": gettext("ECCP Registry"),
            "version": "1",
            "description": gettext(
                "Every list of the registry, with the same words, rows and order as its page. "
                "Within one word several values mean “or”, between words “and”."
            ),
            "license": {"name": files.LICENCE_NAME, "url": files.LICENCE},
        },
        "servers": [{"url": absolute("")}],
        "tags": [{"name": name, "description": str(listing.title)} for name, listing in LISTINGS.items()],
        "paths": paths(),
        "components": {"schemas": schemas(), "parameters": parameters(directory)},
    }

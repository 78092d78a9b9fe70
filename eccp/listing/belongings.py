"""The facts that belong to a record, as its JSON carries them: names, statements, figures, judgements, citations.

``BELONGINGS`` names each part once: the JSON, its description and the pages that explain it are made from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eccp.listing.addresses import absolute, record_path
from eccp.listing.columns import Column, Date, Number, Text, Word
from eccp.listing.directory import Directory
from eccp.records.evidence import Evidence
from eccp.records.models import Record
from eccp.records.text import fold
from eccp.records.vocabulary import AliasKind, FigureKind, Rank


class Named(Column):
    """Another record as id, name and address; null when there is none or it is not public."""

    datatype = "reference"

    def read(self, record, directory):
        return directory.get(self.value(record))

    def json(self, cell):
        return cell and {"id": cell.slug, "name": cell.name, "url": absolute(cell.url) if cell.url else None}


@dataclass(frozen=True)
class Belonging:
    """One part of a record: how it is called, what it means, where its rows are, what each of them says."""

    name: str
    label: str | Promise
    rows: Callable[[Record], Any]
    columns: list[Column]

    def json(self, rows: Iterable, directory: Directory) -> list[dict[str, Any]]:
        return [{column.name: column.json(column.read(row, directory)) for column in self.columns} for row in rows]


def text(name: str, help: str | Promise) -> Text:  # noqa: A002 - as the column calls it
    """A field of the row as it is, empty text as null."""
    return Text(name, name, lambda row: getattr(row, name), help)


def number(name: str, help: str | Promise) -> Number:  # noqa: A002
    return Number(name, name, lambda row: getattr(row, name), help)


KEY = Text("id", "id", lambda row: row.key, _("Its id within the record."))

CITATIONS = Belonging(
    "citations",
    _("What each source states about it, and what the registry made of it."),
    lambda record: Evidence(record).citations,
    [
        Text("id", "id", lambda row: row.key, _("The citation’s id in addresses.")),
        text("field", _("The field it supports.")),
        text("stated_value", _("Exactly as in the source.")),
        Word("rank", "rank", lambda row: row.rank, _("Whether the registry follows it."), choices=Rank),
        text("reason", _("Why it was or was not followed.")),
        Named("source", "source", lambda row: row.source, _("The source that states it.")),
        text("locator", _("Section, line, footnote.")),
        text("quote", _("Word for word, short.")),
        Text(
            "url",
            "url",
            lambda row: absolute(record_path("citations", row.key)),
            _("The page of the citation."),
        ),
    ],
)

BELONGINGS = [
    Belonging(
        "other_names",
        _("Other names under which it is found."),
        lambda record: sorted(record.aliases.all(), key=lambda alias: (fold(alias.name), alias.name)),
        [
            text("name", _("The name.")),
            Word("kind", "kind", lambda row: row.kind, _("What kind of name it is."), choices=AliasKind),
        ],
    ),
    Belonging(
        "statements",
        _("What sources say about it in words."),
        lambda record: record.statements.all(),
        [
            KEY,
            text("aspect", _("What it is about.")),
            text("text", _("What is said, in the registry’s words.")),
            Date("period", "period", lambda row: row.period, _("The time it is about.")),
        ],
    ),
    Belonging(
        "figures",
        _("What sources count or measure of it."),
        lambda record: record.figures.all(),
        [
            KEY,
            text("what", _("What is counted or measured.")),
            number("value", _("Where the source gives one number.")),
            number("value_low", _("Lower bound of a range, or a floor.")),
            number("value_high", _("Upper bound of a range.")),
            text("unit", _("With currency and scale.")),
            Word("kind", "kind", lambda row: row.kind, _("Measured, projected or aimed at."), choices=FigureKind),
            Date("period", "period", lambda row: row.period, _("The time it is about.")),
            Named("about", "about", lambda row: row.about, _("The place it is restricted to, if any.")),
        ],
    ),
    Belonging(
        "assessments",
        _("How it is judged."),
        lambda record: record.assessments.all(),
        [
            KEY,
            text("criterion", _("What is judged.")),
            text("judgement", _("How.")),
            Named("judged_by", "judged_by", lambda row: row.judged_by, _("By whom.")),
            Date("judged_on", "judged_on", lambda row: row.judged_on, _("When.")),
        ],
    ),
    CITATIONS,
]


def belongings(record: Record, directory: Directory) -> dict[str, list[dict[str, Any]]]:
    """All that belongs to ``record``, which comes from ``with_evidence()``, as far as it is public."""
    return {part.name: part.json(part.rows(record), directory) for part in BELONGINGS}

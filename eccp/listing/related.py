"""What stands around a record on its page: the rows of other lists that name it, and its statements in order.

A page on a lower floor shows what stands above it by asking the list of that name, never by importing it:
the rows, their cells and their count are then those that the list itself shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.functional import Promise

from eccp.listing.columns import Column
from eccp.listing.directory import Ref
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.question import Question
from eccp.listing.views import TableRow, table_rows, today

MOST_ROWS = 12  # of another list on a record's page; the rest is one link away


@dataclass(frozen=True)
class Related:
    """The rows of another list that name the record, as far as a page has room for them."""

    listing: type[Listing]
    columns: list[Column]
    rows: list[TableRow]
    count: int
    url: str
    sentence: str

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than shown."""
        return self.count > len(self.rows)


def related(
    name: str,
    words: dict[str, str],
    columns: Iterable[str],
    on: date,
    *,
    most: int = MOST_ROWS,
    sort: str = "",
) -> Related:
    """What the list ``name`` answers to ``words`` on the day ``on``."""
    data = QueryDict(mutable=True)
    data.update(words)
    now = today()
    if on != now:
        data["as_of"] = on.isoformat()
    if sort:
        data["sort"] = sort
    question = Question(index.snapshot(LISTINGS[name]), data, now)
    if question.problems:
        raise ValueError(f"a page asks the list {name} what it does not understand: {question.problems}")
    shown = [question.snapshot.columns[column] for column in columns]
    return Related(
        question.listing,
        shown,
        table_rows(question, shown, question.window(0, most)),
        question.count,
        question.url(),
        question.sentence,
    )


def named(relation, keys: Iterable[int]) -> dict[int, list[Ref | None]]:
    """What each of the records with ``keys`` names by a many-to-many field (``Model.field``), in order of id.

    Only the links are read: the directory knows the rest. What is not public is none, and stands last.
    """
    this, other = relation.field.m2m_field_name(), relation.field.m2m_reverse_field_name()
    links = relation.through._default_manager.filter(**{f"{this}__in": list(keys)}).order_by()
    directory = index.directory()
    found: dict[int, list[Ref | None]] = {}
    for key, named_key in links.values_list(f"{this}_id", f"{other}_id"):
        found.setdefault(key, []).append(directory.find(named_key))
    for refs in found.values():
        refs.sort(key=lambda ref: (ref is None, ref.slug if ref else ""))
    return found


@dataclass(frozen=True)
class Aspect:
    """The statements about one aspect of a record."""

    word: str
    label: str | Promise
    statements: list

    @property
    def is_absence(self) -> bool:
        """Whether they say that something is not: an absence that a source states is not the same as not known."""
        return self.word in ("absence", "no-agreement")


def by_aspect(record) -> list[Aspect]:
    """The statements of a record in the order of its kind's vocabulary."""
    choices = record.aspects.choices if getattr(record, "aspects", None) else ()
    said: dict[str, list] = {word: [] for word, _label in choices}
    for statement in sorted(record.statements.all(), key=lambda statement: (statement.position, statement.key)):
        said.setdefault(statement.aspect, []).append(statement)
    labels = dict(choices)
    return [Aspect(word, labels.get(word, word), rows) for word, rows in said.items() if rows]

"""What stands around a record on its page: the rows of other lists that name it, and its statements in order.

A page on a lower floor shows what stands above it by asking the list of that name, never by importing it:
the rows, their cells and their count are then those that the list itself shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import connections
from django.http import QueryDict
from django.utils.functional import Promise

from eccp.listing.columns import Column
from eccp.listing.directory import Ref
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.question import Question
from eccp.listing.views import TableRow, of_day, table_rows, today
from eccp.records.databases import reading

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
    data.update(of_day(on))
    if sort:
        data["sort"] = sort
    question = Question(index.snapshot(LISTINGS[name]), data, today())
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


def named(keys: Iterable[int], *relations) -> list[dict[int, list[Ref | None]]]:
    """What each of the records with ``keys`` names by each many-to-many field (``Model.field``), in order of id.

    Only the links are read, all with one statement: the directory knows the rest. What is not public is none, and
    stands last.
    """
    keys, directory = list(keys), index.directory()
    found: list[dict[int, list[Ref | None]]] = [{} for _relation in relations]
    for at, key, named_key in _links(keys, relations) if keys else ():
        found[at].setdefault(key, []).append(directory.find(named_key))
    for refs in chain.from_iterable(of.values() for of in found):
        refs.sort(key=lambda ref: (ref is None, ref.slug if ref else ""))
    return found


def _links(keys: list[int], relations: Iterable) -> list[tuple[int, int, int]]:
    """The place of the relation, who names and who is named, both by key."""
    places = ", ".join(["%s"] * len(keys))
    parts = []
    for at, field in enumerate(relation.field for relation in relations):
        this, other = field.m2m_column_name(), field.m2m_reverse_name()
        parts.append(f'SELECT {at}, "{this}", "{other}" FROM "{field.m2m_db_table()}" WHERE "{this}" IN ({places})')  # noqa: S608 - names of our own tables
    with connections[reading()].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), keys * len(parts))
        return cursor.fetchall()


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

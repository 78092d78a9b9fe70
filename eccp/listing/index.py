"""The index: every list as rows and bitmaps in memory, built from its declaration, true to one data version.

A page, a file and a count read the same snapshot, so they can never disagree. Each process notices a new
data version at its next request (one query) and builds anew what is asked for, reading one state of the
database. Nothing that depends on the day is kept with the rows: such words are read from the database once
for each day, and only while it still is at the snapshot's version; else the whole question is asked again.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cached_property
from operator import attrgetter

from django.db import connections, transaction
from pyroaring import BitMap

from eccp.listing.columns import Cell, DayWord, Many, One, Texts, Word, with_twins
from eccp.listing.directory import Directory, Ref
from eccp.listing.words import UNKNOWN, BoundWord, ChoiceWord
from eccp.records.databases import reading
from eccp.records.models import DataVersion
from eccp.records.text import finds, needles, searchable

_KEPT_VERSIONS = 3  # the newest data versions, of which slow readers may hold the older ones
_KEPT_ANSWERS = 128  # derived words and orders that a snapshot keeps, those last asked for

Token = tuple  # number and instant of a data version


class StaleError(Exception):
    """The data has changed since this question began to be answered: ask it again."""


def data_version() -> Token:
    """The data version as the database that is read has it now."""
    return DataVersion.objects.token()


_begun_at: ContextVar[Token | None] = ContextVar("begun_at", default=None)


@contextmanager
def one_version() -> Iterator[Token]:
    """Everything inside is answered at the data version it begins with, which is given, or StaleError is raised."""
    version = data_version()
    token = _begun_at.set(version)
    try:
        yield version
    finally:
        _begun_at.reset(token)


@contextmanager
def _one_state() -> Iterator[None]:
    """All queries inside see the database as it is at the first of them, and hold no writer up."""
    connection = connections[reading()]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Django's own transactions are made to write (IMMEDIATE); one that reads must not wait for them.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


class Snapshot:
    """One list at one data version: its rows in order of id, and what finds, counts and sorts them."""

    def __init__(self, listing, directory: Directory, token: Token):
        self.listing, self.directory, self.token = listing, directory, token
        self.columns = with_twins(listing.columns)
        self.queryset = listing.get_queryset()
        records = sorted(self.queryset.all(), key=listing.row_id)
        self.ids = [listing.row_id(record) for record in records]
        self.keys = [record.pk for record in records]
        self.cells: dict[str, list[Cell]] = {
            column.name: [column.read(record, directory) for record in records] for column in listing.columns
        }
        self.positions = {key: position for position, key in enumerate(self.keys)}
        self.changed = [attrgetter(listing.changed.replace("__", "."))(record) for record in records]
        self.refs = [self._ref(position, record) for position, record in enumerate(records)]
        self.texts = [self._search_text(position, record) for position, record in enumerate(records)]
        self.dates = {
            word.of: [getattr(record, word.of) for record in records]
            for word in listing.filterset_class.base_filters.values()
            if isinstance(word, BoundWord)
        }
        self.all = BitMap(range(len(self.ids)))
        self._facets = {
            name: self._rows_by_code(word, date.min)
            for name, word in listing.filterset_class.base_filters.items()
            if word.is_choice and not word.depends_on_day
        }
        self._kept: OrderedDict = OrderedDict()
        self._lock = threading.Lock()

    def _ref(self, position: int, record) -> Ref:
        """The row as it is named and found."""
        own = self.directory.get(record) if hasattr(record, "record_kind") else None
        return own or Ref("", self.ids[position], self.listing.row_name(record))

    def _search_text(self, position: int, record) -> str:
        """What ``q`` looks through: the row's own names and summary, and the names of what it names."""
        texts = [self.ids[position]]
        refs = []
        for column in self.listing.columns:
            cell = self.cells[column.name][position]
            if isinstance(column, One | Many):
                refs += [cell] if isinstance(cell, Ref) else cell or ()
            elif column.searched and cell:
                texts += cell if isinstance(column, Texts) else [cell]
        texts += [getattr(record, "summary", ""), *self.listing.search_texts(record)]
        return "".join([searchable(*texts), *(ref.search_text for ref in [self.refs[position], *refs])])

    def _keep(self, key, make):
        """What ``make`` gives, kept under ``key`` while it is among the last asked for."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT_ANSWERS:
                self._kept.popitem(last=False)
        return made

    def _read(self, make):
        """What ``make`` reads from the database; StaleError when that is no longer at the snapshot's version."""
        with _one_state():
            if data_version() != self.token:
                raise StaleError
            return make()

    def _rows_by_code(self, word: ChoiceWord, on: date) -> dict[str, BitMap]:
        known = word.labels(self.directory)
        rows: dict[str, BitMap] = {}
        for key, code in word.pairs(self.queryset, on):
            if (code in known or code == UNKNOWN) and key in self.positions:
                rows.setdefault(code, BitMap()).add(self.positions[key])
        stated_unknown = rows.pop(UNKNOWN, BitMap())
        rows[UNKNOWN] = (self.all - BitMap.union(BitMap(), *rows.values())) | stated_unknown
        return rows

    def facet(self, name: str, on: date) -> dict[str, BitMap]:
        """The rows of each value of a word of choice on the day ``on``, those without one under ``unknown``."""
        if name in self._facets:
            return self._facets[name]
        word: ChoiceWord = self.listing.filterset_class.base_filters[name]
        return self._keep((name, on), lambda: self._read(lambda: self._rows_by_code(word, on)))

    def matching(self, text: str) -> BitMap:
        """The rows in which every word of ``text`` is found."""
        looked_for = needles(text)
        return BitMap(at for at, line in enumerate(self.texts) if finds(looked_for, line))

    def within(self, word: BoundWord, value) -> BitMap:
        """The rows whose date the bound admits."""
        return BitMap(at for at, stated in enumerate(self.dates[word.of]) if word.admits(stated, value))

    def column_cells(self, name: str, on: date) -> list[Cell]:
        """The cells of a column, in order of id; of a column that depends on the day, those of ``on``."""
        column = self.columns[name]
        if not isinstance(column, DayWord):
            return self.cells[name if name in self.cells else column.of]

        def make():
            by_key = dict(column.on_day(self.queryset, on))
            return [by_key.get(key) for key in self.keys]

        return self._keep(("column", name, on), lambda: self._read(make))

    def order(self, name: str, descending: bool, on: date) -> list[int]:
        """All positions sorted by a column: unknown last either way, ties broken by id."""
        column = self.columns[name]

        def make():
            cells = self.column_cells(name, on)
            not_known = (None, (), UNKNOWN) if isinstance(column, Word) else (None, ())
            known = [at for at, cell in enumerate(cells) if cell not in not_known]
            known.sort(key=lambda at: column.sort_key(cells[at]), reverse=descending)
            return known + [at for at, cell in enumerate(cells) if cell in not_known]

        day = on if isinstance(column, DayWord) else None
        return self._keep(("order", name, descending, day), make)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The position of each id."""
        return {row_id: at for at, row_id in enumerate(self.ids)}


class Index:
    """What a process holds: the directory and one snapshot of each list, at the data versions last seen."""

    def __init__(self):
        self._versions: OrderedDict[Token, dict] = OrderedDict()
        self._building: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def snapshot(self, listing) -> Snapshot:
        """The list as it is now; built when the data version is new to this process."""
        return self._get(listing.name, lambda held, token: Snapshot(listing, held["directory"], token))

    def directory(self) -> Directory:
        """Every published record as it is now."""
        return self._get("directory", lambda held, token: held["directory"])

    def forget(self, token: Token) -> None:
        """Drop what was built at a data version that never came to be: one of a rehearsal."""
        with self._lock:
            self._versions.pop(token, None)

    def _held(self, token: Token) -> dict:
        with self._lock:
            held = self._versions.setdefault(token, {})
            self._versions.move_to_end(token)
            while len(self._versions) > _KEPT_VERSIONS:
                self._versions.popitem(last=False)
            return held

    def _get(self, name: str, make):
        """What is held under ``name``, else what ``make`` builds: readers of other lists do not wait for it."""
        begun_at = _begun_at.get()
        held = self._held(begun_at or data_version())
        if name in held:
            return held[name]
        with self._lock:
            building = self._building.setdefault(name, threading.Lock())
        with building, _one_state():
            token = data_version()
            if begun_at not in (None, token):
                raise StaleError
            held = self._held(token)
            if "directory" not in held:
                held["directory"] = Directory()
            if name not in held:
                held[name] = make(held, token)
            return held[name]


#: What this process holds.
index = Index()

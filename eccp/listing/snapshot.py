"""A snapshot: one list as rows and bitmaps in memory at one data version, and the next one made from it.

Nothing that depends on the day is kept with the rows: such words are read from the database once for each day,
and only while it still is at the snapshot's version; else the whole question is asked again.
A snapshot never changes once it is read. The next one shares with it all that no change has touched.
"""

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import date
from functools import cached_property
from operator import attrgetter

from django.db import connections, transaction
from pyroaring import BitMap

from eccp.listing.columns import Cell, DayWord, Many, One, Texts, Word, with_twins
from eccp.listing.directory import Directory, Ref
from eccp.listing.finder import Finder
from eccp.listing.words import UNKNOWN, BoundWord, ChoiceWord
from eccp.records.databases import reading
from eccp.records.models import DataVersion
from eccp.records.text import needles, searchable

_KEPT_ANSWERS = 128  # derived words and orders that a snapshot keeps, those last asked for
_MOST_SORTED_IN = 500  # changed rows that are put in their place one by one; more are sorted anew
_READ_AT_ONCE = 2000

Token = tuple  # number and instant of a data version


class StaleError(Exception):
    """The data has changed since this question began to be answered: ask it again."""


def data_version() -> Token:
    """The data version as the database that is read has it now."""
    return DataVersion.objects.token()


@contextmanager
def one_state() -> Iterator[None]:
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
        keys = list(self.queryset.order_by("pk").values_list("pk", flat=True))
        self.ids: list[str] = [""] * len(keys)
        self.keys: list[int] = keys
        self.changed: list = [None] * len(keys)
        self.refs: list[Ref] = [None] * len(keys)
        self.texts: list[str] = [""] * len(keys)
        self.cells: dict[str, list[Cell]] = {column.name: [None] * len(keys) for column in listing.columns}
        words = listing.filterset_class.base_filters
        self.dates: dict[str, list] = {
            word.of: [None] * len(keys) for word in words.values() if isinstance(word, BoundWord)
        }
        for position, record in enumerate(self._records(list(keys))):
            self._put(position, record)
        origin = sorted(range(len(keys)), key=self.ids.__getitem__)
        self.ids = [self.ids[at] for at in origin]
        self._move(origin, is_moved=True)
        self._facets = {
            name: self._rows_by_code(word, date.min)
            for name, word in words.items()
            if word.is_choice and not word.depends_on_day
        }
        self._finder = Finder(zip(self.keys, self.texts, strict=True))
        self._kept: OrderedDict = OrderedDict()
        self._lock = threading.Lock()

    def _records(self, keys: list[int]) -> Iterator:
        """The public records among ``keys``, in parts: with all that belongs to them they take much room."""
        for start in range(0, len(keys), _READ_AT_ONCE):
            yield from self.queryset.filter(pk__in=keys[start : start + _READ_AT_ONCE])

    def _put(self, position: int, record) -> None:
        """Make ``record`` the row at ``position``."""
        listing = self.listing
        self.ids[position], self.keys[position] = listing.row_id(record), record.pk
        self.changed[position] = attrgetter(listing.changed.replace("__", "."))(record)
        for column in listing.columns:
            self.cells[column.name][position] = column.read(record, self.directory)
        for of, dates in self.dates.items():
            dates[position] = getattr(record, of)
        self.refs[position] = self._ref(position, record)
        self.texts[position] = self._search_text(position, record)

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
        with one_state():
            if data_version() != self.token:
                raise StaleError
            return make()

    def _rows_by_code(self, word: ChoiceWord, on: date, keys: Collection[int] | None = None) -> dict[str, BitMap]:
        """The rows of each value of ``word``, of all rows or of those with ``keys``."""
        known = word.labels(self.directory)
        positions = self.positions
        rows: dict[str, BitMap] = {}
        asked = self.all if keys is None else BitMap(positions[key] for key in keys)
        queryset = self.queryset if keys is None else self.queryset.filter(pk__in=keys)
        for key, code in word.pairs(queryset, on):
            if (code in known or code == UNKNOWN) and key in positions:
                rows.setdefault(code, BitMap()).add(positions[key])
        stated_unknown = rows.pop(UNKNOWN, BitMap())
        rows[UNKNOWN] = (asked - BitMap.union(BitMap(), *rows.values())) | stated_unknown
        return rows

    @cached_property
    def positions(self) -> dict[int, int]:
        """The position of each primary key."""
        return {key: position for position, key in enumerate(self.keys)}

    def facet(self, name: str, on: date) -> dict[str, BitMap]:
        """The rows of each value of a word of choice on the day ``on``, those without one under ``unknown``."""
        if name in self._facets:
            return self._facets[name]
        word: ChoiceWord = self.listing.filterset_class.base_filters[name]
        return self._keep((name, on), lambda: self._read(lambda: self._rows_by_code(word, on)))

    def matching(self, text: str) -> BitMap:
        """The rows in which every word of ``text`` is found."""
        looked_for = needles(text)
        return BitMap(map(self.positions.get, self._finder.matching(looked_for))) if looked_for else self.all

    def within(self, word: BoundWord, value) -> BitMap:
        """The rows whose date the bound admits; an unknown date is not within it."""

        def make():
            stated = enumerate(self.dates[word.of])
            days = sorted((getattr(day, word.edge_of_row), at) for at, day in stated if day is not None)
            return [day for day, _at in days], [at for _day, at in days]

        days, positions = self._keep(("days", word.of, word.edge), make)
        if word.edge == "from":
            return BitMap(positions[bisect_left(days, value.first) :])
        return BitMap(positions[: bisect_right(days, value.last)])

    def extent(self, name: str) -> tuple[date, date] | None:
        """The first and the last day of a column of dates; None when it holds none."""

        def make():
            known = [cell for cell in self.cells[name] if cell]
            return (min(cell.first for cell in known), max(cell.last for cell in known)) if known else None

        return self._keep(("extent", name), make)

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
            not_known = self._not_known(column)
            known = [at for at, cell in enumerate(cells) if cell not in not_known]
            known.sort(key=lambda at: column.sort_key(cells[at]), reverse=descending)
            return known + [at for at, cell in enumerate(cells) if cell in not_known]

        day = on if isinstance(column, DayWord) else None
        return self._keep(("order", name, descending, day), make)

    @staticmethod
    def _not_known(column) -> tuple:
        return (None, (), UNKNOWN) if isinstance(column, Word) else (None, ())

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The position of each id."""
        return {row_id: at for at, row_id in enumerate(self.ids)}

    # ── the next one ──

    def refreshed(self, directory: Directory, token: Token, keys: Collection[int]) -> "Snapshot":
        """The list at a later version, when the rows with ``keys`` may have changed, come or gone."""
        new = copy(self)
        new.directory, new.token, new.queryset = directory, token, self.listing.get_queryset()
        new._lock = threading.Lock()
        with self._lock:
            new._kept = OrderedDict(self._kept)
        if keys:
            new._take_in(keys)
        return new

    def _take_in(self, keys: Collection[int]) -> None:
        """Read the rows with ``keys`` anew; only the next snapshot does so, before anyone reads it."""
        for name in ("positions", "ranks"):
            self.__dict__.pop(name, None)
        records = list(self._records(sorted(keys)))
        before = {key: at for at, key in enumerate(self.keys)}
        ids = {record.pk: self.listing.row_id(record) for record in records}
        stayed = {key for key, row_id in ids.items() if key in before and self.ids[before[key]] == row_id}
        gone = BitMap(before[key] for key in keys if key in before and key not in stayed)
        old_lines = [(key, self.texts[before[key]]) for key in keys if key in before]
        origin = self._origin(gone, sorted(row_id for key, row_id in ids.items() if key not in stayed))
        is_moved = bool(gone) or -1 in origin
        self._move(origin, is_moved)
        moved = {old: at for at, old in enumerate(origin) if old >= 0} if is_moved else None
        ranks = self.ranks
        for record in records:
            self._put(ranks[ids[record.pk]], record)
        new_lines = [(key, self.texts[ranks[row_id]]) for key, row_id in ids.items()]
        self._finder = self._finder.refreshed(old_lines, new_lines)
        self._take_in_answers(set(ids), moved)

    def _origin(self, gone: BitMap, new_ids: list[str]) -> list[int]:
        """For each position of the new order the old one, or -1 for a row that is new."""
        origin = [at for at in range(len(self.ids)) if at not in gone]
        ids = [self.ids[at] for at in origin]
        for row_id in new_ids:
            at = bisect_left(ids, row_id)
            ids.insert(at, row_id)
            origin.insert(at, -1)
        self.ids = ids
        return origin

    def _move(self, origin: list[int], is_moved: bool) -> None:
        """Copy all that is kept by position, each to the place where ``origin`` names its old one."""

        def moved(array: list) -> list:
            return [array[at] if at >= 0 else None for at in origin]

        copied = moved if is_moved else list
        self.keys, self.changed = copied(self.keys), copied(self.changed)
        self.refs, self.texts = copied(self.refs), copied(self.texts)
        self.cells = {name: copied(array) for name, array in self.cells.items()}
        self.dates = {name: copied(array) for name, array in self.dates.items()}
        self.all = BitMap(range(len(origin)))

    def _take_in_answers(self, keys: set[int], moved: dict[int, int] | None) -> None:
        """Bring what is kept of words, columns and orders up to date with the rows ``keys``, already in place."""
        changed = BitMap(self.positions[key] for key in keys)
        words = self.listing.filterset_class.base_filters
        self._facets = {
            name: self._taken_in(rows, moved, changed, self._rows_by_code(words[name], date.min, keys))
            for name, rows in self._facets.items()
        }
        kept, self._kept = self._kept, OrderedDict()
        for key, answer in kept.items():
            if key[0] in ("order", "days", "extent"):
                continue  # an order comes after its column; days are quickly counted anew
            if key[0] == "column":
                _column, name, on = key
                by_key = dict(self.columns[name].on_day(self.queryset.filter(pk__in=keys), on))
                cells = list(answer) if moved is None else [None] * len(self.ids)
                for old, at in (moved or {}).items():
                    cells[at] = answer[old]
                for row in keys:
                    cells[self.positions[row]] = by_key.get(row)
                self._kept[key] = cells
            else:
                found = self._rows_by_code(words[key[0]], key[1], keys)
                self._kept[key] = self._taken_in(answer, moved, changed, found)
        for key, answer in kept.items():
            is_readable = key[-1] is None or ("column", key[1], key[-1]) in self._kept
            if key[0] == "order" and is_readable and len(changed) <= _MOST_SORTED_IN:
                self._kept[key] = self._sorted_in(key, answer, moved, changed)

    @staticmethod
    def _taken_in(rows: dict[str, BitMap], moved, changed: BitMap, found: dict[str, BitMap]) -> dict[str, BitMap]:
        """Rows by value with what is ``found`` for the rows that have ``changed``; values without rows are left out."""
        taken = {}
        for code, positions in rows.items():
            if moved is not None:
                positions = BitMap(moved[at] for at in positions if at in moved)
            if positions.intersect(changed):
                positions = positions - changed
            taken[code] = positions
        for code, positions in found.items():
            taken[code] = taken[code] | positions if code in taken else positions
        return {code: positions for code, positions in taken.items() if positions or code == UNKNOWN}

    def _sorted_in(self, key: tuple, order: list[int], moved, changed: BitMap) -> list[int]:
        """An order of all positions with the changed rows put where they now belong."""
        _order, name, descending, on = key
        column, cells = self.columns[name], self.column_cells(name, on)
        stay = order if moved is None else [moved[at] for at in order if at in moved]
        stay = [at for at in stay if at not in changed]
        not_known = self._not_known(column)
        end = len(stay)
        while end and cells[stay[end - 1]] in not_known:
            end -= 1
        known, unknown = stay[:end], stay[end:]
        if descending:
            known.reverse()  # by key, and rows that are alike from the last id to the first

        def place(at: int) -> tuple:
            return column.sort_key(cells[at]), -at if descending else at

        for at in changed:
            if cells[at] in not_known:
                unknown.insert(bisect_left(unknown, at), at)
            else:
                known.insert(bisect_left(known, place(at), key=place), at)
        if descending:
            known.reverse()
        return known + unknown

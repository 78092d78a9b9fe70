"""The index: every list as rows and bitmaps in memory, built from its declaration, true to one data version.

A page, a file and a count read the same snapshot, so they can never disagree. Each process notices a new
data version at its next request (one query) and builds anew what is asked for. Nothing that depends on
the day is kept with the rows: such words are read from the database once for each day and version.
"""

import threading
from collections import OrderedDict
from datetime import date
from functools import cached_property
from operator import attrgetter

from pyroaring import BitMap

from eccp.listing.columns import Cell, DayWord, Many, One, Texts, with_twins
from eccp.listing.directory import Directory, Ref
from eccp.listing.words import UNKNOWN, BoundWord, ChoiceWord
from eccp.records.models import DataVersion
from eccp.records.text import needle, searchable, words

_KEPT = 3  # data versions of which snapshots are kept: the newest, and those a slow reader may hold
_DAYS = 32  # days for which a snapshot keeps derived words

Token = tuple  # number and instant of a data version


def data_version() -> Token:
    """The data version as the database has it now; the instant tells apart versions of two histories."""
    return DataVersion.objects.values_list("number", "changed_at").first() or (0, None)


class Snapshot:
    """One list at one data version: its rows in order of id, and what finds, counts and sorts them."""

    def __init__(self, listing, directory: Directory):
        self.listing, self.directory = listing, directory
        self.columns = with_twins(listing.columns)
        self.queryset = listing.get_queryset()
        records = sorted(self.queryset, key=listing.row_id)
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
            while len(self._kept) > _DAYS * 4:
                self._kept.popitem(last=False)
        return made

    def facet(self, name: str, on: date) -> dict[str, BitMap]:
        """The rows of each value of a word of choice on the day ``on``, those without one under ``unknown``."""
        word: ChoiceWord = self.listing.filterset_class.base_filters[name]

        def make() -> dict[str, BitMap]:
            known = word.labels(self.directory)
            rows: dict[str, BitMap] = {}
            for key, code in word.pairs(self.queryset, on):
                if code in known and key in self.positions:
                    rows.setdefault(code, BitMap()).add(self.positions[key])
            rows[UNKNOWN] = self.all - BitMap.union(BitMap(), *rows.values())
            return rows

        return self._keep((name, on if word.depends_on_day else None), make)

    def matching(self, text: str) -> BitMap:
        """The rows in which every word of ``text`` is found."""
        needles = [needle(word) for word in words(text)]
        return BitMap(at for at, line in enumerate(self.texts) if all(part in line for part in needles))

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

        return self._keep(("column", name, on), make)

    def order(self, name: str, descending: bool, on: date) -> list[int]:
        """All positions sorted by a column: unknown last either way, ties broken by id."""
        column = self.columns[name]

        def make():
            cells = self.column_cells(name, on)
            known = [at for at, cell in enumerate(cells) if cell not in (None, ())]
            known.sort(key=lambda at: column.sort_key(cells[at]), reverse=descending)
            unknown = [at for at, cell in enumerate(cells) if cell in (None, ())]
            return known + unknown

        day = on if isinstance(column, DayWord) else None
        return self._keep(("order", name, descending, day), make)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The position of each id."""
        return {row_id: at for at, row_id in enumerate(self.ids)}


class Index:
    """The snapshots a process holds: one of each list, at the data version last seen."""

    def __init__(self):
        self._versions: OrderedDict[Token, dict] = OrderedDict()
        self._lock = threading.RLock()

    def snapshot(self, listing) -> Snapshot:
        """The list as it is now; built when the data version is new to this process."""
        return self._get(listing.name, lambda directory: Snapshot(listing, directory))

    def directory(self) -> Directory:
        """Every published record as it is now."""
        return self._get("", lambda directory: directory)

    def _get(self, name: str, make):
        while True:
            token = data_version()
            with self._lock:
                held = self._versions.setdefault(token, {})
                self._versions.move_to_end(token)
                while len(self._versions) > _KEPT:
                    self._versions.popitem(last=False)
                if name in held:
                    return held[name]
                if "directory" not in held:
                    held["directory"] = Directory()
                made = make(held["directory"])
                # Nothing was committed while we read: what we hold is this version and no mixture.
                if data_version() == token:
                    held[name] = made
                    return made
                self._versions.pop(token, None)


#: What this process holds.
index = Index()

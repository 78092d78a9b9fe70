"""A snapshot: one list at one data version, as a segment and the rows that have changed since it was written.

A row keeps its place as long as there is one; new rows get the next. The next snapshot shares the segment and all
that no change has touched, so a change costs what it touches, however long the list. Nothing that depends on the day
is kept with the rows: such words follow from spans of days that are, or rest on others and on what the database says
of these, while it still is at the snapshot's version; else the whole question is asked again. A snapshot never changes.
"""

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from datetime import date, datetime
from functools import cached_property
from itertools import islice, takewhile

from pyroaring import BitMap

from eccp.listing.columns import Cell, Column, DayWord, Packed, with_twins
from eccp.listing.directory import Directory, Ref
from eccp.listing.fields import UNKNOWN
from eccp.listing.finder import Needles, Postings
from eccp.listing.overlay import Overlaid
from eccp.listing.reading import Entry, at_instant, codes_on, rows_read, said_anew
from eccp.listing.segment import Segment, sort_key, sorted_columns
from eccp.listing.sorting import Merged, Sorted
from eccp.listing.versions import StaleError, Token, data_version, one_state
from eccp.listing.words import BoundWord, ChoiceWord
from eccp.records.text import finds, fold, needles

_KEPT_ANSWERS = 128  # derived words, orders and extents that a snapshot keeps, those last asked for
_KEPT_WHOLE = 6  # of these that are orders worked out whole: of a million rows each takes 8 MB


class Row:
    """One row of a snapshot; a cell is made when it is asked for."""

    def __init__(self, kept: dict, snapshot: "Snapshot"):
        self._kept, self._snapshot = kept, snapshot
        self.key: int = kept["key"]
        self.id: str = kept["id"]

    @property
    def changed(self) -> datetime:
        """When it last changed."""
        return at_instant(self._kept["changed"])

    @property
    def ref(self) -> Ref:
        """The row as it is named and found."""
        return Ref("", self.id, self._kept["name"]) if self._kept["name"] else self._snapshot.directory.at(self.key)

    def cell(self, column: Column) -> Cell:
        """What it holds in ``column``, whatever the day."""
        return column.unpack(self._kept["cells"][self._snapshot.numbers[column.name]], self._snapshot.directory)


class Snapshot:
    """One list at one data version: its rows by place, and what finds, counts and sorts them."""

    def __init__(self, listing, directory: Directory, token: Token, segment: Segment):
        self.listing, self.directory, self.token, self.segment = listing, directory, token, segment
        self.columns = with_twins(listing.columns)
        self.numbers = {column.name: at for at, column in enumerate(listing.columns)}
        for name, column in self.columns.items():
            self.numbers.setdefault(name, self.numbers[getattr(column, "of", "") or name])
        self.queryset = listing.get_queryset()
        #: The rows read since the segment was written, by place, and those of its places that hold no longer.
        self.fresh: dict[int, Entry] = {}
        self.replaced = BitMap()
        self.all: BitMap = segment.all
        self._places: dict[int, int] = {}  # of new rows, by key
        self._facets = segment.facets
        self._kept: OrderedDict = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.all)

    # ── rows ──

    def _entry(self, at: int) -> dict:
        entry = self.fresh.get(at)
        return entry.row if entry else self.segment.row(at)

    def _traits(self, at: int) -> dict:
        entry = self.fresh.get(at)
        return entry.traits if entry else self.segment.traits(at)

    def row(self, at: int) -> Row:
        """The row at a place."""
        return Row(self._entry(at), self)

    def packed(self, at: int) -> list[Packed]:
        """All cells of the row at a place, as they are kept."""
        return self._entry(at)["cells"]

    def key(self, at: int) -> int:
        """The primary key of the row at a place."""
        return self.fresh[at].row["key"] if at in self.fresh else self.segment.keys[at]

    def changed(self, at: int) -> int:
        """When the row at a place last changed, in microseconds since 1970."""
        return self.fresh[at].row["changed"] if at in self.fresh else self.segment.changed[at]

    def id(self, at: int) -> str:
        """The public id of the row at a place."""
        return self.fresh[at].row["id"] if at in self.fresh else self.segment.ids[at].decode()

    @cached_property
    def ids(self) -> list[str]:
        """Every public id, in order."""
        return [self.id(at) for at in self._in_order_of_id]

    @cached_property
    def _in_order_of_id(self) -> list[int]:
        return sorted(self.all, key=self.id)

    def line(self, at: int) -> bytes:
        """The line of the row at a place, as ``kept_line`` makes it."""
        return self.fresh[at].line if at in self.fresh else self.segment.lines[at]

    def find(self, row_id: str) -> int | None:
        """The place of the row with a public id; None when there is none."""
        at = self._fresh_ids.get(row_id)
        if at is None:
            at = self.segment.at_id(row_id)
            return None if at is None or at in self.replaced else at
        return at

    @cached_property
    def _fresh_ids(self) -> dict[str, int]:
        return {entry.row["id"]: at for at, entry in self.fresh.items()}

    def place(self, key: int) -> int | None:
        """The place of the row with a primary key; None when there is none."""
        at = self._places.get(key)
        at = self.segment.at_key(key) if at is None else at
        return at if at is not None and at in self.all else None

    def cell(self, at: int, column: Column, on: date) -> Cell:
        """What the row at a place holds in ``column`` on the day ``on``."""
        if isinstance(column, DayWord):
            return next((code for code, places in self.facet(column.name, on).items() if at in places), None)
        return self.row(at).cell(column)

    # ── what is kept of answers ──

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
            whole = [key for key, kept in self._kept.items() if isinstance(kept, Sorted)]
            for key in whole[:-_KEPT_WHOLE]:
                del self._kept[key]
        return made

    def _read(self, make):
        """What ``make`` reads from the database; StaleError when that is no longer at the snapshot's version."""
        with one_state():
            if data_version() != self.token:
                raise StaleError
            return make()

    # ── finding ──

    def facet(self, name: str, on: date) -> Mapping[str, BitMap]:
        """The rows of each value of a word of choice on the day ``on``, those without one under ``unknown``."""
        if name in self._facets:
            return self._facets[name]
        word: ChoiceWord = self.listing.filterset_class.base_filters[name]
        if word.rests_on:
            return self._keep(("word", name, on), lambda: self._read(lambda: self._resting(name, word, on)))
        return self._keep(("word", name, on), lambda: self._turned(name, on))

    def _resting(self, name: str, word: ChoiceWord, on: date) -> dict[str, BitMap]:
        """The rows of each value of a word that rests on others."""
        return self._with_valueless(word.rows_on(on, {part: self._facets[f"{name}.{part}"] for part in word.rests_on}))

    def _turned(self, name: str, on: date) -> dict[str, BitMap]:
        """The rows of each value of a word that turns with the day."""
        kept = {code: places - self.replaced for code, places in self.segment.on_day(name, on.toordinal()).items()}
        fresh = self._fresh_on(name, on, self.fresh)
        return self._with_valueless(
            {code: kept.get(code, BitMap()) | fresh.get(code, BitMap()) for code in {*kept, *fresh}}
        )

    def _with_valueless(self, rows: dict[str, BitMap]) -> dict[str, BitMap]:
        """The values that have rows, and under ``unknown`` besides its own all rows that have no value."""
        valueless = self.all - BitMap.union(BitMap(), *rows.values())
        rows = {code: places for code, places in rows.items() if places}
        return rows | {UNKNOWN: rows.get(UNKNOWN, BitMap()) | valueless}

    def _fresh_on(self, name: str, on: date, places: Iterable[int]) -> dict[str, BitMap]:
        """The same of rows at ``places`` that were read since the segment was written."""
        return _by_value((at, codes_on(self.fresh[at].traits, name, on.toordinal())) for at in places)

    def matching(self, text: str) -> BitMap:
        """The rows in which every word of ``text`` is found."""
        return self._matching(needles(text), self.segment.postings, "text") if needles(text) else self.all

    def named(self, text: str) -> BitMap:
        """Those of the same in whose own names every word of ``text`` is found."""
        return self._matching(needles(text), self.segment.names, "names")

    def _matching(self, looked_for: Needles, postings: Postings, field: str) -> BitMap:
        fresh = BitMap(at for at, entry in self.fresh.items() if finds(looked_for, getattr(entry, field)))
        return (postings.matching(looked_for) - self.replaced) | fresh

    def starting(self, column: Column, start: str, most: int) -> BitMap:
        """Rows whose text in a column begins with ``start`` (folded): of those in the segment the first ``most``."""

        def folded(kept: dict) -> str:
            cell = column.unpack(kept["cells"][self.numbers[column.name]], self.directory)
            return fold(column.text(cell))

        order = self.segment.order(column.name)
        first = bisect_left(range(order.known), start, key=lambda rank: folded(self.segment.row(order.up[rank])))
        places = order.up[first : min(first + most, order.known)]
        found = takewhile(lambda at: folded(self.segment.row(at)).startswith(start), places)
        fresh = (at for at, entry in self.fresh.items() if folded(entry.row).startswith(start))
        return (BitMap(found) - self.replaced) | BitMap(fresh)

    def within(self, word: BoundWord, value) -> BitMap:
        """The rows whose date the bound admits; an unknown date is not within it."""
        number, edge = (1, "last") if word.edge == "from" else (0, "first")
        days, places = self.segment.days(word.of, edge)
        if word.edge == "from":
            day = value.first.toordinal()
            found = BitMap(places[bisect_left(days, day) :])
        else:
            day = value.last.toordinal()
            found = BitMap(places[: bisect_right(days, day)])
        fresh = ((at, entry.traits["dates"][word.of]) for at, entry in self.fresh.items())
        admitted = (
            at for at, stated in fresh if stated and (stated[number] >= day if number else stated[number] <= day)
        )
        return (found - self.replaced) | BitMap(admitted)

    def undated(self, of: str) -> BitMap:
        """The rows whose date is not known."""
        dated = BitMap(self.segment.days(of, "first")[1]) - self.replaced
        return self.all - dated - BitMap(at for at, entry in self.fresh.items() if entry.traits["dates"][of])

    def extent(self, of: str) -> tuple[date, date] | None:
        """The first and the last day of a column of dates; None when it holds none."""
        return self._keep(("extent", of), lambda: self._extent(of))

    def _extent(self, of: str) -> tuple[date, date] | None:
        days = [day for entry in self.fresh.values() if entry.traits["dates"][of] for day in entry.traits["dates"][of]]
        for edge, turned in (("first", iter), ("last", reversed)):
            kept, places = self.segment.days(of, edge)
            days += islice((kept[n] for n in turned(range(len(kept))) if places[n] not in self.replaced), 1)
        return (date.fromordinal(min(days)), date.fromordinal(max(days))) if days else None

    # ── sorting ──

    def order(self, name: str, descending: bool, on: date) -> Merged | Sorted:
        """All places sorted by a column: unknown last either way, ties broken by id."""
        column = self.columns[name]
        day = on if isinstance(column, DayWord) else None
        return self._keep(("order", name, descending, day), lambda: self._sorted(column, descending, on))

    def _sorted(self, column: Column, descending: bool, on: date) -> Merged | Sorted:
        if column.name in sorted_columns(self.listing):
            return Merged(self, column, descending)
        if isinstance(column, DayWord):
            rows = self.facet(column.name, on)
            code_of = {at: code for code in rows.keys() - {UNKNOWN} for at in rows[code]}
            keys = {code: column.sort_key(code) for code in rows}
            return Sorted.by({at: keys.get(code_of.get(at)) for at in self._in_order_of_id}, descending)
        keys = {at: sort_key(column, self.row(at).cell(column)) for at in self._in_order_of_id}
        return Sorted.by(keys, descending)

    def in_order(self, rows: BitMap, order: Merged | Sorted, first: int, last: int) -> Iterable[int]:
        """The ``rows`` in ``order``, those from ``first`` on and before ``last``."""
        count = len(rows)
        last = min(last, count)
        if count == len(self.all):
            return islice(order, first, last)
        # To look through the order until enough are found, or to rank each row: whichever is less.
        if last * len(self.all) < 4 * count * count:
            return islice((at for at in order if at in rows), first, last)
        return sorted(rows, key=order.rank)[first:last]

    # ── the next one ──

    def refreshed(
        self, directory: Directory, token: Token, keys: Collection[int], renamed: Collection[int] = ()
    ) -> "Snapshot":
        """The list at a later version, when its rows with ``keys`` may have changed, come or gone.

        What names one of the records that were ``renamed`` is not read anew for that: it says the new name.
        """
        new = copy(self)
        new.directory, new.token, new.queryset = directory, token, self.listing.get_queryset()
        new._lock = threading.Lock()
        with self._lock:
            new._kept = OrderedDict(self._kept)
        read = BitMap(at for key in keys if (at := self.place(key)) is not None)
        saying = BitMap.union(BitMap(), *map(self._naming, renamed)) - read
        if keys or saying:
            new._take_in(sorted(keys), saying)
        else:
            new._forget_what_rests_on_others()
        return new

    def _naming(self, record: int) -> BitMap:
        """The rows of which a cell names the record with the key ``record``."""
        fresh = (at for at, entry in self.fresh.items() if record in entry.named)
        return (self.segment.naming(record) - self.replaced) | BitMap(fresh)

    def _take_in(self, keys: list[int], saying: BitMap) -> None:
        """Read the rows with ``keys`` anew and have those ``saying`` a new name say it.

        Only the next snapshot does so, before anyone reads it.
        """
        for made in ("_fresh_ids", "ids", "_in_order_of_id"):
            self.__dict__.pop(made, None)
        before = {at: self._traits(at)["codes"] for key in keys if (at := self.place(key)) is not None}
        said = {at: said_anew(self.listing, self.directory, self._entry(at), self._traits(at)) for at in saying}
        self.fresh, self._places = {**self.fresh, **said}, dict(self._places)
        for at in before:
            self.fresh.pop(at, None)
        self.replaced = self.replaced | BitMap(at for at in (*before, *said) if at < len(self.segment.keys))
        after = {}
        for read in rows_read(self.listing, self.directory, keys):
            at = self._place_for(read.row["key"])
            self.fresh[at], after[at] = Entry.of(self.listing, read), read.traits["codes"]
        self.all = (self.all - BitMap(before)) | BitMap(after)
        self._facets = {
            word: _taken_in(rows, [(at, codes[word]) for at, codes in before.items()],
                            [(at, codes[word]) for at, codes in after.items()])
            for word, rows in self._facets.items()
        }  # fmt: skip
        self._forget_what_rests_on_others()
        self._take_in_answers({*before, *after}, set(after), saying)

    def _place_for(self, key: int) -> int:
        """The place a row has, or had, or gets now."""
        at = self._places.get(key)
        at = self.segment.at_key(key) if at is None else at
        if at is None:
            at = self._places[key] = len(self.segment.keys) + len(self._places)
        return at

    def _forget_what_rests_on_others(self) -> None:
        """Drop what is kept of words that follow from other records than the rows too: who was a member when."""
        words = self.listing.filterset_class.base_filters
        for key in [key for key in self._kept if key[0] == "word" and words[key[1]].rests_on]:
            del self._kept[key]

    def _take_in_answers(self, places: set[int], came: set[int], saying: BitMap) -> None:
        """Bring what is kept of words and orders up to date with what has changed at ``places``, and is there now.

        What only is ``saying`` a new name stands for the same words, but may belong elsewhere in an order.
        """
        changed = BitMap(places)
        kept, self._kept = self._kept, OrderedDict()
        for key, answer in kept.items():
            if key[0] == "word":
                found = self._fresh_on(key[1], key[2], came)
                codes = {*answer, *found}
                rows = {code: (answer.get(code, BitMap()) - changed) | found.get(code, BitMap()) for code in codes}
                self._kept[key] = {code: rows[code] for code in rows if rows[code] or code == UNKNOWN}
            elif key[0] == "order" and key[1] in self.numbers and key[1] in sorted_columns(self.listing):
                self._kept[key] = answer.refreshed(self, self.columns[key[1]], places | set(saying))


def _taken_in(rows: Overlaid, before: list, after: list) -> Overlaid:
    """Rows by value, when some had the values ``before`` and have those ``after``; only what changes is copied."""
    went, came = _by_value(before), _by_value(after)
    if went == came:
        return rows
    nothing = BitMap()
    taken = {
        code: (rows.get(code, nothing) - went.get(code, nothing)) | came.get(code, nothing)
        for code in went.keys() | came.keys()
    }
    return rows.changed({code: places if places or code == UNKNOWN else None for code, places in taken.items()})


def _by_value(codes: Iterable[tuple[int, Iterable[str]]]) -> dict[str, BitMap]:
    """The places of each value, from the values of each place."""
    found: dict[str, list[int]] = {}
    for at, values in codes:
        for code in values:
            found.setdefault(code, []).append(at)
    return {code: BitMap(places) for code, places in found.items()}

"""Orders: a segment's own order of its places, with the rows read since put where they belong.

The segment's order is never copied. A row read since is found its place by halving, among those rows of the segment
that still hold: what the others were sorted by may be known no longer.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyroaring import BitMap

from eccp.listing.columns import Column, Many, One
from eccp.listing.segment import sort_key


class Found(NamedTuple):
    """Where a row read since belongs: before which rank of the segment's order, and what decides among such."""

    before: int
    key: tuple | None
    id: bytes


class Downward:
    """A key that sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: tuple):
        self.key = key

    def __lt__(self, other):
        return other.key < self.key

    def __eq__(self, other):
        return self.key == other.key

    __hash__ = None


class Sorted:
    """All places of a snapshot in one order, worked out whole."""

    def __init__(self, places: Iterable[int]):
        self._places = array("I", places)
        self._ranks: array[int] = array("I")

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def rank(self, at: int) -> float:
        """A number that grows along the order."""
        if not self._ranks:
            ranks = array("I", bytes(4 * (max(self._places) + 1)))
            for rank, place in enumerate(self._places):
                ranks[place] = rank
            self._ranks = ranks
        return self._ranks[at]

    @classmethod
    def by(cls, keys: dict[int, tuple | None], descending: bool) -> "Sorted":
        """Places, given in order of id, by their keys; those without one last."""
        known = [at for at, key in keys.items() if key is not None]
        unknown = [at for at, key in keys.items() if key is None]
        return cls(sorted(known, key=keys.__getitem__, reverse=descending) + unknown)


class Merged:
    """All places of a snapshot in an order that its segment keeps."""

    def __init__(self, snapshot, column: Column, descending: bool, before: "Merged | None" = None, places=()):
        """From the same order ``before``, if there is one, since when the rows at ``places`` may have changed."""
        order = snapshot.segment.order(column.name)
        self._base, self._ranks = (order.down, order.rank_down) if descending else (order.up, order.rank_up)
        self._known, self._descending, self._gone = order.known, descending, snapshot.replaced
        gone = BitMap(self._ranks[at] for at in self._gone)
        self._holding = BitMap(range(len(self._base))) - gone
        kept = before._found if before else {}
        found = {
            at: self._still(kept[at]) if at in kept and at not in places else self._find(snapshot, column, at)
            for at in snapshot.fresh
        }
        self._found = dict(
            sorted(found.items(), key=lambda item: (item[1].before, item[1].key is None, *self._turn(item[1])))
        )
        share = len(found) + 1
        self._between = {
            at: place.before - 1 + number / share for number, (at, place) in enumerate(self._found.items(), 1)
        }

    def refreshed(self, snapshot, column: Column, places: Iterable[int]) -> "Merged":
        """The same order of a later snapshot, when the rows at ``places`` may have changed."""
        return Merged(snapshot, column, self._descending, self, places)

    def _turn(self, found: Found) -> tuple:
        return (found.id,) if found.key is None else (self._way(found.key), found.id)

    def _way(self, key: tuple):
        return Downward(key) if self._descending else key

    def _still(self, found: Found) -> Found:
        """Where a row belongs that has not changed, when the row before which it belonged may hold no longer."""
        if found.before in self._holding or found.before == len(self._base):
            return found
        return found._replace(before=self._next(found.before))

    def _next(self, rank: int) -> int:
        """The first rank from ``rank`` on whose row still holds."""
        number = self._holding.rank(rank - 1) if rank else 0
        return self._holding[number] if number < len(self._holding) else len(self._base)

    def _find(self, snapshot, column: Column, at: int) -> Found:
        """Where the row at a place belongs in the order that the segment keeps."""
        segment, row, base = snapshot.segment, snapshot.row(at), self._base
        key, row_id, number = sort_key(column, row.cell(column)), row.id.encode(), snapshot.numbers[column.name]
        # What is sorted by a name may belong elsewhere although it names the same record.
        may_stay = not isinstance(column, One | Many) and at < len(base) and segment.ids[at] == row_id
        if may_stay and segment.row(at)["cells"][number] == column.pack(row.cell(column)):
            return Found(self._next(self._ranks[at]), key, row_id)

        def place_of(rank: int) -> tuple:
            packed = segment.row(base[rank])["cells"][number]
            return self._way(sort_key(column, column.unpack(packed, snapshot.directory))), segment.ids[base[rank]]

        known = self._holding.rank(self._known - 1) if self._known else 0
        if key is None:
            turn = bisect_left(
                self._holding, row_id, known, len(self._holding), key=lambda rank: segment.ids[base[rank]]
            )
        else:
            turn = bisect_left(self._holding, (self._way(key), row_id), 0, known, key=place_of)
        return Found(self._holding[turn] if turn < len(self._holding) else len(base), key, row_id)

    def rank(self, at: int) -> float:
        """A number that grows along the order."""
        between = self._between.get(at)
        return self._ranks[at] if between is None else between

    def __iter__(self) -> Iterator[int]:
        return self._merged() if self._gone or self._found else iter(self._base)

    def _merged(self) -> Iterator[int]:
        start, gone = 0, self._gone
        for at, found in self._found.items():
            yield from (place for place in self._base[start : found.before] if place not in gone)
            start = found.before
            yield at
        yield from (place for place in self._base[start:] if place not in gone)

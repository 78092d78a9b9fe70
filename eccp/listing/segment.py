"""A segment: a whole list at one data version, written once and then only looked at, in memory or in a file.

Every row has a place, in order of its primary key. What finds, counts and sorts the places is written beside the
rows, so that opening a segment reads none of them.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Any, BinaryIO

import orjson
from pyroaring import BitMap

from eccp.listing.columns import Column, DayWord
from eccp.listing.directory import Directory
from eccp.listing.fields import UNKNOWN
from eccp.listing.finder import Postings, joined
from eccp.listing.lines import kept_line
from eccp.listing.overlay import Ordered, Overlaid
from eccp.listing.parts import Made, Parts, Writer
from eccp.listing.reading import Read, dated, kept_words

#: Stands between a row and its traits, and in neither: a page reads only the row.
_THEN = b"\n"


class Order:
    """All places sorted by a column, up and down: unknown last either way, ties broken by id."""

    def __init__(self, segment: "Segment", name: str):
        self.up, self.down = segment.array(f"up {name}"), segment.array(f"down {name}")
        #: The rank of each place in either.
        self.rank_up, self.rank_down = segment.array(f"rank up {name}"), segment.array(f"rank down {name}")
        self.known = segment.contents["known"][name]


class Segment(Parts):
    """What was written, looked at."""

    def __init__(self, buffer):
        super().__init__(buffer)
        self.keys = self.array("keys", "q")
        self.changed = self.array("changed", "q")
        self.named = self.array("named", "q")
        self.rows, self.lines, self.ids, self._naming = map(self.pieces, ("rows", "lines", "ids", "naming"))
        self.all = BitMap(range(len(self.keys)))

    def row(self, at: int) -> dict:
        """The row at a place, as it is kept."""
        return orjson.loads(self.rows[at].partition(_THEN)[0])

    def traits(self, at: int) -> dict:
        """What counts and finds the row at a place, as it is kept."""
        return orjson.loads(self.rows[at].partition(_THEN)[2])

    def at_key(self, key: int) -> int | None:
        """The place of a primary key."""
        at = bisect_left(self.keys, key)
        return at if at < len(self.keys) and self.keys[at] == key else None

    def at_id(self, row_id: str) -> int | None:
        """The place of an id."""
        looked_for, places = row_id.encode(errors="surrogatepass"), self.by_id
        rank = bisect_left(places, looked_for, key=self.ids.__getitem__)
        return places[rank] if rank < len(places) and self.ids[places[rank]] == looked_for else None

    @cached_property
    def by_id(self) -> memoryview:
        """All places in order of id."""
        return self.array("by id")

    @cached_property
    def facets(self) -> dict[str, Overlaid]:
        """For each kept word the places of each of its values."""
        return {
            word: Overlaid(
                Ordered(self.texts(f"values of {word}"), Made(BitMap.deserialize, self.pieces(f"word {word}")))
            )
            for word in self.contents["words"]
        }

    @cached_property
    def postings(self) -> Postings:
        """What finds places by words."""
        return self._postings("words")

    @cached_property
    def names(self) -> Postings:
        """What finds places by words of their own names."""
        return self._postings("names")

    def _postings(self, of: str) -> Postings:
        words = str(self.part(of), "utf-8")
        return Postings(words, self.array(f"starts of {of}"), self.pieces(f"places of {of}"))

    def naming(self, record: int) -> BitMap:
        """The places of the rows of which a cell names the record with the primary key ``record``."""
        at = bisect_left(self.named, record)
        is_named = at < len(self.named) and self.named[at] == record
        return BitMap.deserialize(self._naming[at]) if is_named else BitMap()

    def order(self, name: str) -> Order:
        """All places sorted by a column that is kept."""
        return Order(self, name)

    def days(self, of: str, edge: str) -> tuple[memoryview, memoryview]:
        """The first (or last) days of a date, sorted, and the place of each; unknown ones are not among them."""
        return self.array(f"{edge} days of {of}"), self.array(f"places by {edge} of {of}")

    def on_day(self, word: str, day: int) -> dict[str, BitMap]:
        """The places of each value that a word has on a day (an ordinal); none of those that have no value then."""
        found: dict[str, BitMap] = {}
        for of, code, number in self.contents["spans"]:
            if of == word:
                name = _span(of, code, number)
                (firsts, begun), (lasts, over) = self.days(name, "first"), self.days(name, "last")
                places = BitMap(begun[: bisect_right(firsts, day)]) - BitMap(over[: bisect_left(lasts, day)])
                found[code] = found.get(code, BitMap()) | places
        return found


def _span(word: str, code: str, number: int) -> str:
    """The name under which the days of spans are kept."""
    return f"{word} {code} {number}"


class _Apart:
    """Byte strings gathered in a file of their own, to be put after others."""

    def __init__(self, file: BinaryIO):
        self._file, self._ends, self._end = file, array("Q"), 0

    def add(self, piece: bytes) -> None:
        self._end += self._file.write(piece)
        self._ends.append(self._end)

    def put(self, writer: Writer, name: str) -> None:
        self._file.seek(0)
        writer.put(name, iter(lambda: self._file.read(1 << 20), b""))
        writer.array(f"ends of {name}", "Q", self._ends)
        self._file.close()


def _places() -> defaultdict:
    """Places by what they are gathered under."""
    return defaultdict(partial(array, "I"))


def sort_key(column: Column, cell):
    """What a known cell is sorted by, None of one that is not known."""
    return None if cell is None or cell == () else column.sort_key(cell)


def sorted_columns(listing) -> dict[str, Column]:
    """The columns by which a list is kept sorted; a word of the day sorts otherwise each day."""
    return {column.name: column for column in listing.columns if not isinstance(column, DayWord)}


class _SortKeys:
    """What the places are sorted by, in order of place; of keys that are alike only one is held."""

    def __init__(self):
        self._numbers: dict[Any, int] = {}
        self._of = array("I")

    def add(self, key) -> None:
        self._of.append(self._numbers.setdefault(key, len(self._numbers)))

    def ranks(self) -> list[int | None]:
        """The rank of each place's key among all that are known, None where it is not."""
        known = sorted(key for key in self._numbers if key is not None)
        rank_of = {self._numbers[key]: rank for rank, key in enumerate(known)}
        return list(map(rank_of.get, self._of))


class _Taken:
    """What is gathered of the rows while they are written; their lines go to a file of their own meanwhile."""

    def __init__(self, listing, apart: BinaryIO):
        self._columns, self._line = listing.columns, kept_line(listing)
        self.keys, self.changed, self.ids = array("q"), array("q"), []
        self.lines = _Apart(apart)
        self.sort_keys = {name: _SortKeys() for name in sorted_columns(listing)}
        self.dates: dict[str, list] = {of: [] for of in dated(listing)}
        # The first of each row, the second of each …: of one number no row has two.
        self.spans: dict[tuple[str, str, int], list] = defaultdict(list)
        self.codes: dict[str, dict[str, array]] = {word: _places() for word in kept_words(listing)}
        self.words: dict[str, array] = _places()
        self.names: dict[str, array] = _places()
        self.naming: dict[int, array] = _places()

    def rows(self, read: Iterable[Read]) -> Iterator[bytes]:
        """Each row as it is written, all else of it taken in."""
        for at, (row, traits, cells, own, named) in enumerate(read):
            self.keys.append(row["key"])
            self.changed.append(row["changed"])
            self.ids.append(row["id"].encode())
            self.lines.add(self._line(cells))
            for column, cell in zip(self._columns, cells, strict=True):
                if column.name in self.sort_keys:
                    self.sort_keys[column.name].add(sort_key(column, cell))
            self._take(at, traits)
            names = set(own.search_text.split())
            for word in names:
                self.names[word].append(at)
            for word in names.union(traits["text"].split()):
                self.words[word].append(at)
            for ref in named:
                self.naming[ref.key].append(at)
            yield orjson.dumps(row) + _THEN + orjson.dumps(traits)

    def _take(self, at: int, traits: dict[str, Any]) -> None:
        for of, days in traits["dates"].items():
            if days:
                self.dates[of].append((at, days))
        for word, spans_by_code in traits["spans"].items():
            for code, spans in spans_by_code.items():
                for number, span in enumerate(spans):
                    self.spans[word, code, number].append((at, span))
        for word, found in traits["codes"].items():
            for code in found:
                self.codes[word][code].append(at)


def write(
    file: BinaryIO,
    listing,
    directory: Directory,
    token: tuple,
    read: Iterable[Read],
    apart: BinaryIO,
) -> None:
    """Write the list whose rows are ``read``, in order of key, at the data version ``token``.

    ``apart`` is an empty file for what is written after the rows and comes with them.
    """
    writer, taken = Writer(file), _Taken(listing, apart)
    writer.pieces("rows", taken.rows(read))
    taken.lines.put(writer, "lines")
    writer.pieces("ids", taken.ids)
    writer.array("keys", "q", taken.keys)
    writer.array("changed", "q", taken.changed)
    by_id = sorted(range(len(taken.ids)), key=taken.ids.__getitem__)
    writer.array("by id", "I", by_id)
    known = {name: _write_order(writer, name, by_id, taken.sort_keys.pop(name).ranks()) for name in [*taken.sort_keys]}
    for of, stated in taken.dates.items():
        _write_days(writer, of, stated)
    for of, stated in taken.spans.items():
        _write_days(writer, _span(*of), stated)
    for word, places in taken.codes.items():
        codes = sorted({UNKNOWN, *places})
        writer.texts(f"values of {word}", codes)
        writer.pieces(f"word {word}", (BitMap(places.get(code, ())).serialize() for code in codes))
    naming = {record: BitMap(taken.naming[record]) for record in sorted(taken.naming)}
    writer.array("named", "q", naming)
    writer.pieces("naming", (places.serialize() for places in naming.values()))
    _write_postings(writer, "names", taken.names, {})
    _write_postings(writer, "words", taken.words, _by_word(naming, directory))
    writer.finish(token, known=known, words=list(taken.codes), spans=sorted(taken.spans))


def _by_word(naming: dict[int, BitMap], directory: Directory) -> dict[str, list[BitMap]]:
    """For each word of the names of what is named the places that name it."""
    found: dict[str, list[BitMap]] = defaultdict(list)
    for record, places in naming.items():
        for word in directory.at(record).search_text.split():
            found[word].append(places)
    return found


def _write_postings(writer: Writer, of: str, own: dict[str, array], named: dict[str, list[BitMap]]) -> None:
    """The places of each word: those that hold it in their ``own`` text, and those that name what is called so."""
    words = sorted({*own, *named})
    text, starts = joined(words)
    writer.put(of, [text.encode()])
    writer.array(f"starts of {of}", "I", starts)
    places = (BitMap.union(BitMap(own.get(word, ())), *named.get(word, ())) for word in words)
    writer.pieces(f"places of {of}", (found.serialize() for found in places))


def _write_order(writer: Writer, name: str, by_id: list[int], ranks: list[int | None]) -> int:
    """The places sorted by the ``ranks`` of what they are sorted by, up and down; how many are known."""
    known = [at for at in by_id if ranks[at] is not None]
    unknown = [at for at in by_id if ranks[at] is None]
    for direction in ("up", "down"):
        order = array("I", sorted(known, key=ranks.__getitem__, reverse=direction == "down") + unknown)
        rank_of = array("I", bytes(4 * len(order)))
        for rank, at in enumerate(order):
            rank_of[at] = rank
        writer.array(f"{direction} {name}", "I", order)
        writer.array(f"rank {direction} {name}", "I", rank_of)
    return len(known)


def _write_days(writer: Writer, of: str, stated: list[tuple[int, list[int]]]) -> None:
    for number, edge in enumerate(("first", "last")):
        days = sorted((days[number], at) for at, days in stated)
        writer.array(f"{edge} days of {of}", "I", (day for day, _at in days))
        writer.array(f"places by {edge} of {of}", "I", (at for _day, at in days))

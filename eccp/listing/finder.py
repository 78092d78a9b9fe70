"""What finds rows by words: for every word the rows whose line holds it.

A needle (``eccp.records.text``) has no space but at its start, so it stands within one word of a line or at its
start. To look through the words there are, each once, is then to look through all lines, and as exact.
"""

from collections.abc import Iterable
from functools import cached_property

from pyroaring import BitMap

Lines = Iterable[tuple[int, str]]


class Finder:
    """The lines of rows by their words. It never changes; ``refreshed`` gives the next one."""

    def __init__(self, lines: Lines):
        keys: dict[str, list[int]] = {}
        for key, line in lines:
            for word in line.split():
                keys.setdefault(word, []).append(key)
        self._rows = {word: BitMap(found) for word, found in keys.items()}

    def refreshed(self, old: Lines, new: Lines) -> "Finder":
        """With the ``old`` lines of some rows replaced by the ``new`` ones."""
        finder = Finder(new)
        gone = Finder(old)._rows
        added = finder._rows
        rows = dict(self._rows)
        for word in gone.keys() | added.keys():
            kept = (rows.get(word, BitMap()) - gone.get(word, BitMap())) | added.get(word, BitMap())
            if kept:
                rows[word] = kept
            else:
                rows.pop(word, None)
        finder._rows = rows
        return finder

    @cached_property
    def _words(self) -> str:
        """Every word on a line of its own."""
        return "\n".join(("", *self._rows, ""))

    def _holding(self, needle: str) -> BitMap:
        """The rows that hold a word in which ``needle`` stands."""
        looked_for, words = needle.replace(" ", "\n"), self._words
        found, at = [], words.find(looked_for)
        while at >= 0:
            start, end = words.rfind("\n", 0, at + 1) + 1, words.find("\n", at + 1)
            found.append(self._rows[words[start:end]])
            at = words.find(looked_for, end)
        return BitMap.union(BitMap(), *found)

    def matching(self, needles: list[tuple[str, ...]]) -> BitMap:
        """The rows that hold every word of a query, in one of its ways."""
        return BitMap.intersection(*(BitMap.union(BitMap(), *map(self._holding, ways)) for ways in needles))

"""What finds rows by words: for every word the places of the rows whose line holds it.

A needle (``eccp.records.text``) has no space but at its start, so it stands within one word of a line or at its
start. To look through the words there are, each once, is then to look through all lines, and as exact.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from pyroaring import BitMap

Needles = list[tuple[str, ...]]


class Postings:
    """Every word on a line of its own, where each line begins, and the places (written) of each word."""

    def __init__(self, words: str, starts: Sequence[int], places: Sequence[bytes]):
        self._words, self._starts, self._places = words, starts, places

    def _holding(self, needle: str) -> Iterator[BitMap]:
        """For every word in which ``needle`` stands its places."""
        looked_for, words = needle.replace(" ", "\n"), self._words
        at = words.find(looked_for)
        while at >= 0:
            # A needle that begins with the end of the line before belongs to the word after it.
            number = bisect_right(self._starts, at + looked_for.startswith("\n")) - 1
            yield BitMap.deserialize(self._places[number])
            at = words.find(looked_for, words.find("\n", at + 1))

    def matching(self, needles: Needles) -> BitMap:
        """The places of the rows that hold every word of a query, in one of its ways."""
        return BitMap.intersection(
            *(BitMap.union(BitMap(), *(found for way in ways for found in self._holding(way))) for ways in needles)
        )


def joined(words: Iterable[str]) -> tuple[str, list[int]]:
    """Words as ``Postings`` looks through them, and where each begins."""
    words, starts, start = list(words), [], 1
    for word in words:
        starts.append(start)
        start += len(word) + 1
    return "\n".join(("", *words, "")), starts

"""Folding: the one form in which names are compared, searched and sorted, whatever their accents, width or case."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain, groupby
from operator import itemgetter

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
# Letters that carry their mark inside, which no decomposition takes off.
_LETTERS = {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
_VOICING = {"\u3099", "\u309a"}  # Japanese voicing marks tell letters apart: they are no accents
WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")


class _Bare(dict):
    """What ``str.translate`` puts for each code point: nothing for an accent; each is judged once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        is_accent = unicodedata.combining(char) and char not in _VOICING
        self[code] = "" if is_accent else _LETTERS.get(char, char)
        return self[code]


_BARE = _Bare()


def fold(text: str) -> str:
    """``text`` without accents, width and case: ``Hyōgo``, ``ＨＹＯＧＯ`` and ``hyôgo`` are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", decomposed.translate(_BARE))


def clean(value: object) -> str | None:
    """Text without line breaks and control characters; None when nothing is left."""
    if value is None:
        return None
    text = str(value)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split()) or None


def words(text: str) -> list[str]:
    """The folded words of ``text``, in order: what a query is made of."""
    return WORD.findall(fold(text))


def _written_out(text: str) -> str:
    """``text`` with its umlauts as ``ae oe ue``."""
    return unicodedata.normalize("NFC", text).translate(_GERMAN)


def spellings(text: str) -> tuple[str, ...]:
    """The folded words of ``text`` as one line: plain, and where it has umlauts also with ``ae oe ue``."""
    return tuple(dict.fromkeys(" ".join(words(spelling)) for spelling in (text, _written_out(text))))


def searchable(*texts: str) -> str:
    """The folded words of ``texts`` as one line, each after a space; umlauts also as ``ae oe ue``."""
    texts = list(filter(None, texts))
    written_out = (_written_out(text) for text in texts if not text.isascii())
    found = dict.fromkeys(chain.from_iterable(map(words, chain(texts, written_out))))
    return " " + " ".join(found)


def needle(word: str) -> str:
    """What to look for in a ``searchable`` line: anywhere from three letters (one of Japanese), else a word's start."""
    return word if len(word) >= 3 or _CJK.search(word) else f" {word}"


def needles(text: str) -> list[tuple[str, ...]]:
    """For each word of a query the ways in which it may stand in a ``searchable`` line: ``ü`` also as ``ue``."""
    written_out = _written_out(text)
    return [
        tuple(dict.fromkeys(map(needle, ways))) for ways in zip(words(text), words(written_out), strict=True)
    ]  # fmt: skip


def finds(needles: Iterable[tuple[str, ...]], line: str) -> bool:
    """Whether every word of a query stands in a ``searchable`` line, in one of its ways."""
    return all(any(way in line for way in ways) for ways in needles)


def marked(text: str, needles: Iterable[str]) -> list[tuple[str, bool]]:
    """``text`` in pieces, each with whether it is what one of ``needles`` finds; together they are ``text``."""
    text = unicodedata.normalize("NFC", text)
    hit = [False] * len(text)
    for written_out in (False, True):
        folded, origin = _unfolded(text, written_out)
        for part in needles:
            at = folded.find(part)
            while at >= 0:
                for found in origin[at + part.startswith(" ") : at + len(part)]:
                    hit[found] = True
                at = folded.find(part, at + 1)
    return [
        ("".join(char for char, _hit in pieces), is_hit)
        for is_hit, pieces in groupby(zip(text, hit, strict=True), key=itemgetter(1))
    ]


def _unfolded(text: str, written_out: bool) -> tuple[str, list[int]]:
    """``text`` folded char by char, with a space for all that is no part of a word; and where each came from."""
    folded, origin = [" "], [0]
    for at, char in enumerate(text):
        for found in fold(char.translate(_GERMAN) if written_out else char) or " ":
            folded.append(found if WORD.match(found) else " ")
            origin.append(at)
    return "".join(folded), origin


def is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter was left out, added, changed or changed over with its neighbour."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(typed, meant, strict=False)) if len(set(pair)) > 1), None)
    if start is None:
        return True  # the last letter is missing or too many
    rest_typed, rest_meant = typed[start:], meant[start:]
    return (
        rest_typed[1:] == rest_meant[1:]
        or rest_typed[1:] == rest_meant
        or rest_typed == rest_meant[1:]
        or (rest_typed[1::-1] == rest_meant[:2] and rest_typed[2:] == rest_meant[2:])
    )

"""Folding: the one form in which names are compared, searched and sorted, whatever their accents, width or case."""

import re
import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
# Letters that carry their mark inside, which no decomposition takes off.
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})
_VOICING = {"\u3099", "\u309a"}  # Japanese voicing marks tell letters apart: they are no accents
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")


def fold(text: str) -> str:
    """``text`` without accents, width and case: ``Hyōgo``, ``ＨＹＯＧＯ`` and ``hyôgo`` are one."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char) or char in _VOICING)
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def words(text: str) -> list[str]:
    """The folded words of ``text``, in order: what a query is made of."""
    return _WORD.findall(fold(text))


def searchable(*texts: str) -> str:
    """The folded words of ``texts`` as one line, each after a space; umlauts also as ``ae oe ue``."""
    found = dict.fromkeys(word for text in texts if text for word in words(text))
    found |= dict.fromkeys(
        word for text in texts if text for word in words(unicodedata.normalize("NFC", text).translate(_GERMAN))
    )
    return " " + " ".join(found)


def needle(word: str) -> str:
    """What to look for in a ``searchable`` line: anywhere from three letters (one of Japanese), else a word's start."""
    return word if len(word) >= 3 or _CJK.search(word) else f" {word}"

"""Reading one cell: a spreadsheet's damage is undone where that leaves no doubt, and refused where it does."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from django.utils.translation import gettext as _

from eccp.curation.importing.refusals import RefusedError
from eccp.curation.importing.tables import Cell, Unreadable
from eccp.listing.columns import clean
from eccp.listing.lines import guarded
from eccp.records.dates import PartialDate, understand

_DIGITS = re.compile(r"\d+", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]?\d+", re.ASCII | re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
_TWO_DIGIT_YEAR = re.compile(
    r"\d{1,2}[-/. ][^\W\d_]{3,}\.?[-/. ]\d{2}|[^\W\d_]{3,}\.?[-/. ]\d{2}|\d{1,2}[-/. ][^\W\d_]{3,}\.?"
)
_TRUTH = dict.fromkeys(("true", "wahr", "vrai"), "true") | dict.fromkeys(("false", "falsch", "faux"), "false")
_FIRST_DAY = date(1899, 12, 30)  # on which the spreadsheets' count of days begins
_REPLACEMENT = "\ufffd"


def said(cell: Cell) -> str:
    """A cell as the text it would be in an export, whatever type a spreadsheet has given it."""
    if cell is None or isinstance(cell, Unreadable):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return clean(cell) or ""


def is_same(cell: Cell, shown: str) -> bool:
    """Whether a cell still says what was exported, with or without the guard against formulas."""
    if isinstance(cell, Unreadable):
        return False
    text = unicodedata.normalize("NFC", said(cell))
    return text in {unicodedata.normalize("NFC", form) for form in (shown, guarded(shown))}


def readable(cell: Cell) -> Cell:
    """The cell, unless nothing can be read in it."""
    if isinstance(cell, Unreadable):
        raise RefusedError(cell.why)
    return cell


def text(cell: Cell, shown: str, *, keeps_lines: bool = False) -> str:
    """A text, without the guard against formulas."""
    cell = readable(cell)
    if isinstance(cell, date):
        raise RefusedError(
            _("The spreadsheet has made a date of this text. Format the column as text and write it again.")
        )
    if isinstance(cell, str):
        found = _lines(cell) if keeps_lines else said(cell)
        found = unicodedata.normalize("NFC", found)
        if found.startswith("="):
            raise RefusedError(_("The text begins like a formula. If it is meant, write an apostrophe before it."))
        if found.startswith("'") and guarded(found[1:]) == found:
            found = found[1:]
    else:
        found = said(cell)
    _check_letters(found, shown)
    _check_digits(found, shown)
    return found


def _lines(cell: str) -> str:
    """A text of several lines, each without control characters."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean(line) or "" for line in lines).strip()


def _check_letters(found: str, shown: str) -> None:
    """Letters that were lost or garbled on the way through another encoding."""
    lost = found and found != shown and any(found == _through(shown, *way) for way in _GARBLING)
    if lost or _REPLACEMENT in found:
        raise RefusedError(
            _("Letters were lost when the file was saved. Save it as “CSV UTF-8” or as XLSX; it read “%(shown)s”.")
            % {"shown": shown}
        )


#: How a program garbles a text: the encoding it writes, the one it is then read in.
_GARBLING = [("cp1252", "cp1252"), ("cp932", "cp932"), ("latin-1", "latin-1"), ("utf-8", "cp1252"), ("utf-8", "cp932")]


def _through(text: str, written: str, then_read: str) -> str:
    return text.encode(written, "replace").decode(then_read, "replace")


def _check_digits(found: str, shown: str) -> None:
    """A number of an id or code that the spreadsheet took for a quantity."""
    if found == shown:
        return
    lost_zeros = _DIGITS.fullmatch(found) and _DIGITS.fullmatch(shown) and shown.lstrip("0") == found
    if lost_zeros or (_SCIENTIFIC.fullmatch(found) and _DIGITS.fullmatch(shown)):
        raise RefusedError(
            _("The spreadsheet has changed “%(shown)s” into “%(found)s”. Format the column as text and write it again.")
            % {"shown": shown, "found": found}
        )


def word(cell: Cell, words: Sequence[str]) -> str:
    """One of the words of a vocabulary; "" where the cell is empty."""
    found = said(readable(cell))
    if found and found not in words:
        near = get_close_matches(found.lower().replace(" ", "_"), words, 1)
        meant = _(" Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
        raise RefusedError(
            _("“%(found)s” is not one of: %(words)s.%(meant)s")
            % {"found": found, "words": ", ".join(words), "meant": meant}
        )
    return found


def flag(cell: Cell) -> str:
    """``true``, ``false`` or "", also as a spreadsheet says it in German or French."""
    found = said(readable(cell)).lower()
    if found and found not in _TRUTH:
        raise RefusedError(_("Write true or false, or leave the cell empty where it is not known."))
    return _TRUTH.get(found, "")


def number(cell: Cell, separator: str) -> str:
    """A number in plain digits; "" where the cell is empty. ``separator`` is that of the file's cells."""
    cell = readable(cell)
    if isinstance(cell, date | bool):
        raise RefusedError(_("This is no number. Format the column as a number and write it again."))
    found = said(cell).removeprefix("'")
    if not found or isinstance(cell, Decimal):
        return found
    if not _PLAIN_NUMBER.fullmatch(found):
        raise RefusedError(
            _("“%(found)s” is not a number in plain digits. Write it without unit, blanks or thousands separators.")
            % {"found": found}
        )
    whole, mark, tail = found.replace(",", ".").partition(".")
    # Where commas part the cells a point is a decimal point; else three digits after a mark may be thousands.
    if mark and len(tail) == 3 and (separator != "," or "," in found) and whole.lstrip("+-") != "0":
        message = _("“%(found)s” could be %(small)s or %(large)s. Write %(large)s, or one digit more: %(found)s0.")
        raise RefusedError(message % {"found": found, "small": f"{whole}.{tail}", "large": f"{whole}{tail}"})
    try:
        return f"{Decimal(f'{whole}{mark}{tail}').normalize():f}"
    except InvalidOperation as problem:
        raise RefusedError(_("“%(found)s” is not a number.") % {"found": found}) from problem


def partial_date(cell: Cell, shown: str) -> str:
    """A date as precise as it is written, in ISO form; "" where the cell is empty."""
    cell = readable(cell)
    if isinstance(cell, bool):
        raise RefusedError(_("This is no date. Format the column as text and write it again."))
    found = said(cell).removeprefix("'")
    if not found:
        return ""
    is_number = isinstance(cell, Decimal) or _DIGITS.fullmatch(found)
    if is_number and not (_DIGITS.fullmatch(found) and len(found) == len("2016")):
        raise RefusedError(_not_a_date(found, shown, _("the spreadsheet has made a number of it")))
    if _TWO_DIGIT_YEAR.fullmatch(found):
        raise RefusedError(_not_a_date(found, shown, _("the spreadsheet has left out the year or half of it")))
    try:
        read = understand(found)
    except ValueError as problem:
        raise RefusedError(str(problem)) from problem
    if not isinstance(cell, str) or re.search(r"\d[-/.]\d", found):
        _check_made_day(read, shown)
    return read.text


def _check_made_day(read: PartialDate, shown: str) -> None:
    """A day that a spreadsheet may have made of a month, a period or a year."""
    if not read.is_day:
        return
    day = read.first
    serial = str((day - _FIRST_DAY).days)
    was = None
    with suppress(ValueError):
        was = PartialDate.parse(shown)
    made_of_month = was and not was.is_day and day.day == 1 and was.first <= day <= was.last
    made_of_year = serial == shown or (1902 <= day.year <= 1908 and not shown)
    if made_of_month or made_of_year:
        raise RefusedError(
            _(
                "The spreadsheet may have made this day of “%(shown)s”. Write %(shown)s again in a column formatted as "
                "text or, if the day is meant, with the month in words: %(words)s."
            )
            % {"shown": shown or serial, "words": f"{day.day} {day:%B} {day.year}"}
        )


def _not_a_date(found: str, shown: str, why: str) -> str:
    return _(
        "“%(found)s” is not a date: %(why)s. Format the column as text and write %(example)s again."
    ) % {"found": found, "why": why, "example": shown or _("the date as 2015, 2015-05 or 2015-05-21")}  # fmt: skip


def is_plain_number(found: str) -> bool:
    """Whether a text is a number in plain digits, which no spreadsheet takes for a formula."""
    return bool(_PLAIN_NUMBER.fullmatch(found))

"""The lines of a CSV: RFC 4180, what a spreadsheet would run as a formula guarded."""

import csv
import io
from collections.abc import Callable, Iterable
from functools import cache

from eccp.listing.columns import Cell, Column, Date, DayWord, Number

_FORMULA = ("=", "+", "-", "@")
#: Stands in a kept line for a word that depends on the day; no text of the registry holds it.
OF_THE_DAY = "\0"


def guarded(text: str) -> str:
    """``text`` with a leading apostrophe where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def writing(column: Column) -> Callable[[Cell], str]:
    """What writes the cells of a column as CSV has them: numbers and dates untouched, text guarded."""
    if isinstance(column, Number | Date):
        return column.text
    return lambda cell: guarded(column.text(cell))


def csv_lines(rows: Iterable[Iterable[str]]) -> str:
    """Rows of texts as lines."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


@cache
def kept_line(listing) -> Callable[[list[Cell]], bytes]:
    """What makes of the cells of a row its line whatever the day, with a place for each word that depends on it."""
    writers = [
        (lambda _cell: OF_THE_DAY) if isinstance(column, DayWord) else writing(column) for column in listing.columns
    ]
    return lambda cells: csv_lines([[write(cell) for write, cell in zip(writers, cells, strict=True)]]).encode()

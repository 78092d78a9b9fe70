"""From the bytes of a file to a table of cells: CSV in its encodings and separators, XLSX without its dangers."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _

from eccp.curation.importing.refusals import RefusedError

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 32_767  # as in a spreadsheet
_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_MEMBERS = 500

#: The encodings a curator can say a file is in, beside those that say so themselves.
ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "cp932": "Shift_JIS"}
SEPARATORS = (",", ";", "\t")
ABOUT_SHEET = "About this file"


@dataclass(frozen=True)
class Unreadable:
    """A cell that stands for something else than a value, and why it is not read."""

    why: str


#: What a spreadsheet may hold in a cell; CSV holds text alone.
Cell = None | str | bool | Decimal | date | Unreadable


@dataclass
class Line:
    """One row of the file below its header; ``number`` is the spreadsheet's own."""

    number: int
    cells: list[Cell]
    #: Why it cannot be read at all; "" where it can.
    problem: str = ""


@dataclass
class Table:
    """A file as rows of cells."""

    headers: list[str]
    lines: list[Line] = field(default_factory=list)
    is_workbook: bool = False
    separator: str = ""


def read(content: bytes, *, sheet: str, encoding: str = "") -> Table:
    """The table in a file; RefusedError when it is too large, dangerous, or could be read in two ways."""
    if len(content) > MOST_BYTES:
        raise RefusedError(_("The file is larger than %(most)d MB. Import it in parts.") % {"most": MOST_BYTES >> 20})
    if not content.strip(b"\0 \r\n\t"):
        raise RefusedError(_("The file is empty."))
    if content.startswith(b"PK"):
        return _workbook(content, sheet)
    if content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"<")):
        raise RefusedError(_("This is neither a CSV nor an XLSX file. Save the table as one of them."))
    return _separated(decode(content, encoding))


# ── CSV ──


def decode(content: bytes, encoding: str = "") -> str:
    """The text of a CSV: by its byte order mark, else in the one encoding in which it can be read."""
    for mark, marked in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            if (text := _decoded(content, marked)) is None:
                raise RefusedError(
                    _("The file is damaged: it says that it is %(name)s, and is not.") % {"name": marked}
                )
            return text
    if encoding:
        if (text := _decoded(content, encoding)) is None:
            raise RefusedError(
                _("The file is not in %(name)s. Choose another encoding.") % {"name": ENCODINGS[encoding]}
            )
        return text
    if (text := _decoded(content, "utf-8")) is not None:
        return text
    others = {name: text for name in ENCODINGS if name != "utf-8" and (text := _decoded(content, name)) is not None}
    if len(others) == 1:
        return next(iter(others.values()))
    if not others:
        raise RefusedError(_("The encoding of the file is not known. Save it as “CSV UTF-8” or as XLSX."))
    samples = "; ".join(f"{ENCODINGS[name]}: {_first_foreign(text)}" for name, text in others.items())
    raise RefusedError(
        _("The file could be in two encodings, and says different things in each (%(samples)s). Choose the right one.")
        % {"samples": samples}
    )


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _first_foreign(text: str) -> str:
    """The first word with a letter that the encodings disagree about."""
    return next((word[:40] for word in text.split() if not word.isascii()), "")


def _separated(text: str) -> Table:
    """The rows of a CSV, whatever separates its cells: the header decides, which has a column ``id``."""
    first, _end, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        text = rest
    found = {}
    for separator in SEPARATORS:
        try:
            headers = next(_rows(text, separator), [])
        except csv.Error:
            continue
        if "id" in (_header(cell) for cell in headers):
            found[separator] = len(headers)
    if not found:
        raise RefusedError(
            _("The file has no column “id” in its first row, which begins “%(start)s”. Export the list and edit that.")
            % {"start": text.strip()[:60]}
        )
    separator = max(found, key=found.__getitem__)
    lines = enumerate(_rows(text, separator), 1)
    try:
        return _table(lines, separator=separator)
    except csv.Error as problem:
        raise RefusedError(
            _("The file is damaged: a quotation mark is not closed, or stands in the midst of a cell (%(problem)s).")
            % {"problem": problem}
        ) from problem


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(MOST_BYTES)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _header(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    return text.strip().strip("\ufeff").removeprefix("'").strip().lower()


def _table(rows: Iterable[tuple[int, list[Cell]]], **of) -> Table:
    """The table of numbered rows, of which the first is the header; empty rows are left out."""
    rows = iter(rows)
    headers = [_header(cell) for cell in next(rows, (1, []))[1]]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MOST_COLUMNS:
        raise RefusedError(_("The file has more than %(most)d columns.") % {"most": MOST_COLUMNS})
    table = Table(headers, **of)
    for number, cells in rows:
        if all(cell is None or cell == "" for cell in cells):
            continue
        if len(table.lines) == MOST_ROWS:
            raise RefusedError(_("The file has more than %(most)d rows. Import it in parts.") % {"most": MOST_ROWS})
        table.lines.append(_line(number, list(cells), len(headers)))
    return table


def _line(number: int, cells: list[Cell], width: int) -> Line:
    while len(cells) > width and cells[-1] in (None, ""):
        cells.pop()
    problem = ""
    if len(cells) != width:
        problem = _("The row has %(cells)d cells, the header %(width)d: a separator or quotation mark is lost.")
    elif any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
        problem = _("A cell holds more than %(longest)d characters.")
    return Line(number, cells, problem % {"cells": len(cells), "width": width, "longest": LONGEST_CELL})


# ── XLSX ──


def _workbook(content: bytes, sheet: str) -> Table:
    import openpyxl  # only here: it takes a process as long as a fifth of its start, and most never read a workbook

    try:
        _check_archive(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        found = _sheet(book, sheet)
        found.reset_dimensions()  # what the file says of its own size is not to be trusted
        headers = next(found.iter_rows(max_row=1, max_col=MOST_COLUMNS + 1), ())
        width = max((at for at, cell in enumerate(headers, 1) if cell.value is not None), default=0)
        rows = found.iter_rows(max_col=width + 1)
        return _table(_numbered(rows, width), is_workbook=True)
    except RefusedError:
        raise
    # A damaged workbook makes the library fail in any of its many ways; one with entities, by defusedxml.
    except Exception as problem:
        raise RefusedError(_("The file cannot be read as a workbook. Save it once more, or as CSV UTF-8.")) from problem


def _check_archive(content: bytes) -> None:
    """Refuse an archive that would fill the memory when it is unpacked; no member gives more than it declares."""
    members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNPACKED:
        raise RefusedError(_("The file is too large once it is unpacked. Import it in parts, or as CSV."))


def _sheet(book, name: str):
    """The sheet of the list, else the only one that holds a table."""
    if name[:31] in book.sheetnames:
        return book[name[:31]]
    others = [sheet for sheet in book.worksheets if sheet.title != ABOUT_SHEET]
    if len(others) != 1:
        raise RefusedError(
            _("The workbook has several sheets. Name the one to import “%(name)s”, or leave only that one.")
            % {"name": name}
        )
    return others[0]


def _numbered(rows: Iterable[tuple], width: int) -> Iterator[tuple[int, list[Cell]]]:
    for number, row in enumerate(rows, 1):
        cells = [_value(cell) for cell in row]
        yield number, cells + [None] * (width - len(cells))


def _value(cell) -> Cell:
    value = cell.value
    if value is None or isinstance(value, bool):
        return value
    if cell.data_type == "f":
        return Unreadable(_("The cell holds a formula. Put its value in its place (copy, paste values)."))
    if cell.data_type == "e":
        return Unreadable(_("The cell holds an error of the spreadsheet (%(value)s).") % {"value": value})
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date() if is_day else Unreadable(_("The cell holds a time of day. Write only the date."))
    if isinstance(value, date | str):
        return value
    return Unreadable(_("The cell holds a time of day or a duration. Format it as text and write it again."))

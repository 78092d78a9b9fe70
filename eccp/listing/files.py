"""The files of a list: CSV, XLSX, JSON, and the CSVW description of what a CSV holds."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice, zip_longest
from typing import Any

import xlsxwriter
from django.utils.translation import gettext, override

from eccp.listing.addresses import absolute, file_path, list_path, with_query
from eccp.listing.columns import Column, Date, DayWord, Number, Packed
from eccp.listing.lines import OF_THE_DAY, csv_lines, guarded, writing
from eccp.listing.question import Question
from eccp.listing.wording import said_date
from eccp.records.dates import PartialDate

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_NAME = "CC BY 4.0"
BOM = "\ufeff"
MOST_SHEET_ROWS = 1_048_575  # of a workbook, besides its header; what is more goes on the next sheet
_BLOCK = 500  # rows written at once


def csv_blocks(question: Question) -> Iterator[bytes]:
    """The whole table as RFC 4180 CSV, block by block."""
    columns, ordered = question.columns, question.ordered
    head = csv_lines([[guarded(column.name) for column in columns]])
    yield (BOM + head if question.controls.cleaned_data["bom"] else head).encode()
    make = _lines_of(question)
    for first in range(0, len(ordered), _BLOCK):
        yield make(ordered[first : first + _BLOCK])


def _lines_of(question: Question) -> Callable[[list[int]], bytes]:
    """How the lines of rows are had: as they are kept, if all columns are asked for, else made from the rows."""
    asked, kept = [column.name for column in question.columns], [column.name for column in question.listing.columns]
    return _kept_lines(question) if asked == kept else _made_lines(question)


def _kept_lines(question: Question) -> Callable[[list[int]], bytes]:
    """Lines of all columns, as they are kept; each word that depends on the day put in its place."""
    snapshot = question.snapshot
    days = [_cell_of(question, column) for column in question.columns if isinstance(column, DayWord)]

    def lines(places: list[int]) -> bytes:
        kept = map(snapshot.line, places)
        if not days:
            return b"".join(kept)
        said = ([write(at, ()).encode() for write in days] for at in places)
        return b"".join(
            b"".join(chain.from_iterable(zip_longest(line.split(OF_THE_DAY.encode()), words, fillvalue=b"")))
            for line, words in zip(kept, said, strict=True)
        )

    return lines


def _made_lines(question: Question) -> Callable[[list[int]], bytes]:
    """Lines of any columns."""
    packed, cells_of = question.snapshot.packed, [_cell_of(question, column) for column in question.columns]

    def lines(places: list[int]) -> bytes:
        rows = zip(places, map(packed, places), strict=True)
        return csv_lines([write(at, cells) for write in cells_of] for at, cells in rows).encode()

    return lines


def _cell_of(question: Question, column: Column) -> Callable[[int, Sequence[Packed]], str]:
    """What writes the cell of a row, given its place and all its cells as they are kept."""
    snapshot, write = question.snapshot, writing(column)
    if isinstance(column, DayWord):
        return lambda at, _cells: write(snapshot.cell(at, column, question.on))
    number, directory, unpack = snapshot.numbers[column.name], snapshot.directory, column.unpack
    return lambda _at, cells: write(unpack(cells[number], directory))


def cited_as(question: Question, name: str, path: str) -> str:
    """How one cites what stands under ``path``: day and data version are said, and the address asks for that day."""
    pairs = [pair for pair in question.pairs if pair[0] != "as_of"]
    address = absolute(with_query(path, sorted([*pairs, ("as_of", question.on.isoformat())])))
    said = gettext(
        "ECCP Registry, “%(name)s”. As of %(on)s; data version %(version)s. %(address)s Licence: %(licence)s."
    )
    return said % {
        "name": name,
        "on": said_date(question.on),
        "version": question.snapshot.token[0],
        "address": address,
        "licence": LICENCE_NAME,
    }


def about(question: Question, file_url: str) -> list[tuple[str, str]]:
    """What a file should say of itself: title, question in words, day, count, licence, citation, address."""
    with override("en"):
        return [
            ("Title", str(question.listing.title)),
            ("Query", question.sentence),
            ("As of", question.on.isoformat()),
            ("Rows", str(question.count)),
            *(("Note", notice) for notice in question.notices),
            ("Licence", f"{LICENCE_NAME} – {LICENCE}"),
            ("Citation", cited_as(question, question.sentence, file_path(question.listing.name, "xlsx"))),
            ("Address", absolute(file_url)),
        ]


def xlsx(question: Question, said: list[tuple[str, str]]) -> Iterator[bytes]:
    """The whole table as a workbook: typed cells, on as many sheets as it takes, and a sheet of what is ``said``."""
    with tempfile.TemporaryFile() as stored:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False}  # fmt: skip
        book = xlsxwriter.Workbook(stored, options)
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        columns, rows = question.columns, question.cells(question.columns, question.ordered)
        for first in range(0, max(question.count, 1), MOST_SHEET_ROWS):
            name = f"{question.listing.name} {first // MOST_SHEET_ROWS + 1}" if first else question.listing.name
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(min(question.count - first, MOST_SHEET_ROWS), 1), len(columns) - 1)
            for at, column in enumerate(columns):
                sheet.set_column(at, at, 14 if isinstance(column, Number | Date) else 28)
                sheet.write_string(0, at, column.name, bold)
            for number, row in enumerate(islice(rows, MOST_SHEET_ROWS), 1):
                for at, (column, cell) in enumerate(zip(columns, row, strict=True)):
                    _write(sheet, number, at, column, cell, day)
        second = book.add_worksheet("About this file")
        second.set_column(0, 0, 12, bold)
        second.set_column(1, 1, 100)
        for number, (label, text) in enumerate(said):
            second.write_string(number, 0, label)
            second.write_string(number, 1, text)
        book.close()
        stored.seek(0)
        while block := stored.read(64 * 1024):
            yield block


_LONGEST_XLSX_TEXT = 32767


def _write(sheet, row: int, at: int, column: Column, cell: Any, day) -> None:
    if cell is None or cell == ():
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, at, cell)
    elif isinstance(cell, int | Decimal):
        sheet.write_number(row, at, cell)
    elif isinstance(cell, PartialDate) and cell.is_day and cell.first.year >= 1900:
        sheet.write_datetime(row, at, cell.first, day)
    else:
        sheet.write_string(row, at, column.text(cell)[:_LONGEST_XLSX_TEXT])


def json_page(question: Question, first: int, last: int, next_url: str | None, previous_url: str | None) -> bytes:
    """Rows ``first`` to ``last`` of the answer as JSON."""
    columns = question.columns
    results = [
        {column.name: column.json(cell) for column, cell in zip(columns, row, strict=True)}
        for row in question.cells(columns, question.window(first, last))
    ]
    with override("en"):
        body = {
            "count": question.count,
            "as_of": question.on.isoformat(),
            "query": question.sentence,
            "licence": LICENCE,
            "next": next_url,
            "previous": previous_url,
            "results": results,
        }
    return json.dumps(body, ensure_ascii=False).encode()


def csvw(question: Question, file_url: str) -> dict[str, Any]:
    """The CSV on the Web description of the CSV at ``file_url`` (W3C Tabular Metadata)."""
    with override("en"):
        return {
            "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
            "url": absolute(file_url),
            "dc:title": str(question.listing.title),
            "dc:description": question.sentence,
            "dc:license": {"@id": LICENCE},
            "dc:bibliographicCitation": cited_as(question, question.sentence, file_path(question.listing.name, "csv")),
            "dc:source": absolute(with_query(list_path(question.listing.name), question.pairs)),
            "dc:temporal": question.on.isoformat(),
            "notes": [
                {"rows": question.count, "as_of": question.on.isoformat()},
                *({"note": notice} for notice in question.notices),
            ],
            "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
            "tableSchema": {
                "primaryKey": "id" if any(column.name == "id" for column in question.columns) else [],
                "columns": [_describe(column) for column in question.columns],
            },
        }


def _describe(column: Column) -> dict[str, Any]:
    described = {
        "name": column.name,
        "titles": column.name,
        "dc:description": gettext(str(column.help)) if column.help else str(column.label),
        # A date is as precise as its source: a year, a month or a period is no xsd:date.
        "datatype": "string" if column.datatype == "date" else column.datatype,
    }
    return described | ({"separator": "; "} if column.many else {})

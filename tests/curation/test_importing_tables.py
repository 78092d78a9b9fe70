"""The bytes of a file become a table in one way only, or none; no file fills the memory or runs anything."""

import io
import zipfile

import openpyxl
import pytest
from defusedxml.common import EntitiesForbidden

from eccp.curation.importing import tables
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.importing.tables import Unreadable, decode, read


def workbook(*rows, **sheets):
    book = openpyxl.Workbook()
    book.active.title = "organisations"
    for row in rows:
        book.active.append(row)
    for title, cell in sheets.items():
        book.create_sheet(title).append([cell])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content, name, change):
    """A workbook with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            held = source.read(member)
            target.writestr(member, change(held) if member == name else held)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hyōgo 兵庫".encode(), "Hyōgo 兵庫"),
        ("Hyōgo".encode("utf-8-sig"), "Hyōgo"),
        ("Hyōgo 兵庫".encode("utf-16"), "Hyōgo 兵庫"),
        ("\ufeffHyōgo".encode("utf-16-be"), "Hyōgo"),
        ("Café, Müller".encode("cp1252"), "Café, Müller"),
        ("兵庫県、神戸".encode("cp932"), "兵庫県、神戸"),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "cp1252", "shift-jis"],
)
def test_an_encoding_is_known_by_its_mark_or_because_no_other_fits(content, text):
    assert decode(content) == text


def test_an_encoding_that_leaves_a_doubt_is_asked_for():
    content = "Stra\u00dfe \u00b1".encode("cp1252")
    with pytest.raises(RefusedError, match="two encodings"):
        decode(content)
    assert decode(content, "cp1252") == "Straße ±"
    with pytest.raises(RefusedError, match="not in UTF-8"):
        decode(content, "utf-8")
    with pytest.raises(RefusedError, match="damaged"):
        decode(b"\xef\xbb\xbf\xff\xff")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_separators_and_line_ends_of_every_office(separator, ending):
    rows = [["id", "name"], ["a", '"x, y; z"'], ["", ""], ["b", '"two""quotes"']]
    table = read(ending.join(separator.join(row) for row in rows).encode(), sheet="organisations")
    assert (table.headers, table.separator) == (["id", "name"], separator)
    assert [line.cells for line in table.lines] == [["a", "x, y; z"], ["b", 'two"quotes']]
    assert [line.number for line in table.lines] == [2, 4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'id,name\na,"open\n', "quotation mark"),
        (b"name\na\n", "no column"),
        (b"\0" * 20, "empty"),
        (b"PK\x03\x04 but no archive", "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "neither a CSV nor an XLSX"),
        (b"id\n" + b"x\n" * (tables.MOST_ROWS + 1), "more than 20000 rows"),
        (b"id" + b",x" * 200 + b"\n", "more than 100 columns"),
        (b"id\n" + b"x" * (tables.MOST_BYTES + 1), "larger than 10 MB"),
    ],
    ids=["quote", "header", "zeros", "zip", "xls", "rows", "columns", "bytes"],
)
def test_what_is_no_table_is_refused(content, said):
    with pytest.raises(RefusedError, match=said):
        read(content, sheet="organisations")


def test_a_row_that_has_lost_a_separator_and_an_endless_cell_are_said():
    table = read(b"id,name\na,b,c\nd\ne," + b"x" * 40_000 + b"\n", sheet="organisations")
    assert ["3 cells" in line.problem or "1 cells" in line.problem for line in table.lines] == [True, True, False]
    assert "32767 characters" in table.lines[2].problem


def test_a_workbook_gives_values_and_never_runs_a_formula():
    content = workbook(["id", "name", "value"], ["a", "=1+1", 5], ["b", True, 0.1], ["c", "#N/A", None])
    table = read(content, sheet="organisations")
    first, second, _third = (line.cells for line in table.lines)
    assert isinstance(first[1], Unreadable)
    assert "formula" in first[1].why
    assert (str(first[2]), second[1], str(second[2])) == ("5", True, "0.1")


def test_the_sheet_of_the_list_is_read_or_the_only_one():
    with_note = workbook(["id"], ["a"], **{"About this file": "x", "notes": "y"})
    assert [line.cells for line in read(with_note, sheet="organisations").lines] == [["a"]]
    with pytest.raises(RefusedError, match="several sheets"):
        read(with_note, sheet="partnerships")
    assert read(workbook(["id"], ["a"], **{"About this file": "x"}), sheet="partnerships").lines


def test_an_archive_that_would_fill_the_memory_is_not_unpacked():
    bomb = repacked(workbook(["id"]), "xl/worksheets/sheet1.xml", lambda held: held + b" " * (210 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(RefusedError, match="too large once it is unpacked"):
        read(bomb, sheet="organisations")


def test_a_workbook_with_entities_is_not_opened():
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    bomb = repacked(
        workbook(["id"], ["x"]), "xl/worksheets/sheet1.xml", lambda held: laughs + held[held.index(b"<worksheet") :]
    )
    with pytest.raises(RefusedError) as refused:
        read(bomb, sheet="organisations")
    causes, problem = [], refused.value
    while problem := problem.__cause__ or problem.__context__:
        causes.append(type(problem))
    assert EntitiesForbidden in causes


def test_a_gap_of_a_million_rows_costs_nothing_and_hides_nothing():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A60000"] = "id", "far"
    out = io.BytesIO()
    book.save(out)
    assert [(line.number, line.cells) for line in read(out.getvalue(), sheet="x").lines] == [(60000, ["far"])]

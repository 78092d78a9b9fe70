"""Files: what spreadsheets and programs can trust."""

import csv
import io
import json

import pandas
import pytest
from csvw import CSVW
from django.utils import timezone
from openpyxl import load_workbook

from eccp.listing import files
from tests.factories import OrganisationFactory, PartnershipFactory, SectorFactory, SourceFactory
from tests.listing.lists import EVERY_LIST
from tests.listing.reading import body, csv_rows, json_rows, xlsx_rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_text_that_a_spreadsheet_would_run_is_guarded_in_csv(client, start):
    PartnershipFactory(slug="formula", name=f'{start}HYPERLINK("http://evil.example")')
    (row,) = [row for row in csv_rows(client, "/partnerships.csv") if row["id"] == "formula"]
    assert row["title"] == f'\'{start}HYPERLINK("http://evil.example")'
    (row,) = [row for row in json_rows(client, "/partnerships.json?per_page=200") if row["id"] == "formula"]
    assert row["title"].startswith(start)
    (row,) = [row for row in xlsx_rows(client, "/partnerships.xlsx") if row["id"] == "formula"]
    assert row["title"] == f'{start}HYPERLINK("http://evil.example")'


def test_cells_hold_no_line_breaks_and_no_control_characters(client):
    PartnershipFactory(slug="broken", name='One\r\ntwo\u2028three\x07 "four", five; \u202esix')
    (row,) = [row for row in csv_rows(client, "/partnerships.csv") if row["id"] == "broken"]
    assert row["title"] == 'One two three "four", five; six'


def test_names_of_several_records_are_joined_and_their_codes_keep_the_order(client):
    zeta, alpha = OrganisationFactory(slug="z-1", name="alpha"), OrganisationFactory(slug="a-1", name="Zeta")
    PartnershipFactory(slug="two", european=[zeta, alpha])
    columns = "european_organisations,european_organisations_codes"
    (row,) = csv_rows(client, f"/partnerships.csv?organisation=z-1&columns={columns}")
    assert row == {"european_organisations": "alpha; Zeta", "european_organisations_codes": "z-1; a-1"}


def test_a_date_keeps_its_precision_everywhere(client):
    for slug, started in [("day", "2015-05-10"), ("month", "2015-05"), ("year", "2015"), ("none", None)]:
        PartnershipFactory(slug=f"dated-{slug}", started=started)
    chosen = "?q=dated&columns=id,started"
    assert {row["id"]: row["started"] for row in csv_rows(client, f"/partnerships.csv{chosen}")} == {
        "dated-day": "2015-05-10", "dated-month": "2015-05", "dated-year": "2015", "dated-none": "",
    }  # fmt: skip
    by_id = {row["id"]: row["started"] for row in xlsx_rows(client, f"/partnerships.xlsx{chosen}")}
    assert by_id["dated-day"].year == 2015
    assert (by_id["dated-month"], by_id["dated-year"], by_id["dated-none"]) == ("2015-05", "2015", None)
    by_id = {row["id"]: row["started"] for row in json_rows(client, f"/partnerships.json{chosen}")}
    assert by_id["dated-none"] is None


@EVERY_LIST
def test_every_table_validates_against_its_own_description(registry, client, tmp_path, name):
    described = client.get(f"/{name}.csv-metadata.json").json()
    rows = csv_rows(client, f"/{name}.csv")
    (tmp_path / "table.csv").write_bytes(body(client.get(f"/{name}.csv?bom=0")))
    description = tmp_path / "table.csv-metadata.json"
    description.write_text(json.dumps(described | {"url": "table.csv"}), encoding="utf-8")
    read = CSVW(str(description), validate=True)
    assert read.is_valid, [str(warning.message) for warning in read.warnings]
    assert len(list(read.tables[0].iterdicts())) == len(rows) > 0


@EVERY_LIST
def test_an_analyst_reads_every_file_as_the_same_table(registry, client, name):
    """pandas, as somebody uses it who has read nothing about the files."""
    table = pandas.read_csv(io.BytesIO(body(client.get(f"/{name}.csv"))), dtype=str, keep_default_na=False)
    book = pandas.read_excel(io.BytesIO(body(client.get(f"/{name}.xlsx"))), dtype=str, keep_default_na=False)
    assert list(table.columns) == list(book.columns)
    assert len(table) == len(book) == int(client.get(f"/{name}.csv")["X-Row-Count"])
    assert table["id"].tolist() == book["id"].tolist()
    assert table["id"].is_unique


@EVERY_LIST
def test_a_file_of_chosen_columns_holds_what_the_whole_file_holds(registry, client, name, monkeypatch):
    PartnershipFactory(slug="quoted", name='=One, "two"; three')
    whole = csv_rows(client, f"/{name}.csv?as_of=2018-12-01")
    chosen = list(whole[0])[::-2]
    address = f"/{name}.csv?as_of=2018-12-01&columns={','.join(chosen)}"
    assert csv_rows(client, address) == [{column: row[column] for column in chosen} for row in whole]
    picked = body(client.get(address))
    # A line that is too long for a reader of CSV is made from its row.
    monkeypatch.setattr(csv, "field_size_limit", lambda: 1)
    assert body(client.get(address)) == picked


def test_the_workbook_says_what_it_holds(client):
    SourceFactory(name="A source of its own")
    response = client.get("/sources.xlsx?q=own&as_of=2018-12-01")
    book = load_workbook(io.BytesIO(body(response)))
    assert book.sheetnames == ["sources", "About this file"]
    said = dict(book["About this file"].iter_rows(values_only=True))
    assert said["Rows"] == response["X-Row-Count"] == "1"
    assert said["As of"] == "2018-12-01"
    assert "/sources.xlsx?q=own&as_of=2018-12-01" in said["Address"]
    page = client.get("/sources/?q=own&as_of=2018-12-01").context["cited_as"]
    assert said["Citation"] == page.replace("/sources/", "/sources.xlsx")
    assert book["sources"].freeze_panes == "A2"
    assert book["sources"].auto_filter.ref


@pytest.mark.parametrize("most", [2, 3, 5])
def test_rows_for_which_one_sheet_has_no_room_go_on_the_next(client, monkeypatch, most):
    from openpyxl import load_workbook

    monkeypatch.setattr(files, "MOST_SHEET_ROWS", most)
    ids = sorted(SectorFactory(name=f"Sheet {number}").slug for number in range(5))
    sheets = load_workbook(io.BytesIO(body(client.get("/sectors.xlsx?q=sheet&columns=id&sort=id")))).worksheets[:-1]
    rows = [[cell for (cell,) in sheet.iter_rows(values_only=True)] for sheet in sheets]
    assert [sheet.title for sheet in sheets] == ["sectors", "sectors 2", "sectors 3"][: len(sheets)]
    assert all(header == "id" and len(held) <= most for header, *held in rows)
    assert [row for _header, *held in rows for row in held] == ids


@pytest.mark.parametrize(
    "file", ["agreements.csv?", "agreements.xlsx?", "agreements/crosstab.csv?rows=type&columns=level&"]
)
def test_a_file_is_named_after_the_day_of_which_it_tells(client, file):
    named = client.get(f"/{file}as_of=2018-12-01")["Content-Disposition"]
    assert "2018-12-01" in named
    assert timezone.localdate().isoformat() not in named
    assert timezone.localdate().isoformat() in client.get(f"/{file}")["Content-Disposition"]


def test_files_say_what_the_page_says_beside_its_rows(client):
    PartnershipFactory(slug="dated", started="2015")
    PartnershipFactory(slug="undated", started=None)
    asked = "q=dated&started_from=2014"
    page = client.get(f"/partnerships/?{asked}").content.decode()
    said = "1 row has no known date under “Started” and is not shown."
    assert f"<li>{said}</li>" in page
    book = load_workbook(io.BytesIO(body(client.get(f"/partnerships.xlsx?{asked}"))))
    assert ("Note", said) in book["About this file"].iter_rows(values_only=True)
    described = client.get(f"/partnerships.csv-metadata.json?{asked}").json()
    assert {"note": said} in described["notes"]
    assert "as_of=" in described["dc:bibliographicCitation"]


def test_a_column_of_ids_is_described_as_one(client):
    for name, ids in (("partnerships", "sectors_codes"), ("programmes", "parent_code")):
        asked = f"columns={ids.rpartition('_')[0]},{ids}"
        table = client.get(f"/{name}.csv-metadata.json?{asked}").json()["tableSchema"]
        names, codes = (column["dc:description"] for column in table["columns"])
        assert codes.startswith("The id")
        assert names in codes


def test_text_sorts_by_its_folded_form_then_by_code_point(client):
    for number, name in enumerate(["zebra", "Äpfel", "apfel", "Zebra", "Éclair", "兵庫", "eclair"]):
        PartnershipFactory(slug=f"sorted-{number}", name=name)
    rows = csv_rows(client, "/partnerships.csv?q=sorted&sort=title&columns=title")
    assert [row["title"] for row in rows] == ["apfel", "Äpfel", "eclair", "Éclair", "Zebra", "zebra", "兵庫"]
    rows = csv_rows(client, "/partnerships.csv?q=sorted&sort=-title&columns=title")
    assert [row["title"] for row in rows] == ["兵庫", "zebra", "Zebra", "Éclair", "eclair", "Äpfel", "apfel"]

"""Cross-tabulation: each number is a count of rows, and leads to exactly these."""

import csv
import io
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict

from eccp.listing import crosstab
from eccp.listing.crosstab import Crosstab, as_json
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.views import today
from tests import factories
from tests.listing.lists import EVERY_LIST
from tests.listing.reading import json_rows

pytestmark = pytest.mark.django_db


def ask(name, query):
    question = Crosstab(index.snapshot(LISTINGS[name]), QueryDict(query), today())
    assert not question.problems
    return question


def values_of(name, word, on):
    """The values of a word of each row by its id, asked of the database; none counts as not known."""
    listing = LISTINGS[name]
    queryset, found = listing.get_queryset(), {}
    snapshot = index.snapshot(listing)
    known = listing.facet_words()[word].labels(snapshot.directory)
    for key, code in listing.facet_words()[word].pairs(queryset, on):
        if code in known:
            found.setdefault(key, set()).add(code)
    return {listing.row_id(row): found.get(row.pk, {"unknown"}) for row in queryset}


def check(table, down, across):
    """Hold every count of ``table`` against the values of its two words, by row."""
    wanted = down.keys()
    for value, counts in zip(table.row_axis.values, table.counts, strict=True):
        if not value.code:
            continue
        assert value.count == sum(value.code in down[row] for row in wanted) > 0
        for other, count in zip(table.column_axis.values, counts, strict=True):
            if other.code:
                assert count == sum(value.code in down[row] and other.code in across[row] for row in wanted)
    for other in table.column_axis.values:
        assert not other.code or other.count == sum(other.code in across[row] for row in wanted) > 0


@EVERY_LIST
def test_every_count_is_what_brute_force_counts(registry, name):
    values = {word: values_of(name, word, today()) for word in LISTINGS[name].facet_words()}
    for down, across in pairwise([*values, *list(values)[:1]]):
        check(ask(name, f"rows={down}&columns={across}"), values[down], values[across])


@EVERY_LIST
def test_a_cell_leads_to_exactly_the_rows_it_counts(registry, client, name):
    down, across, *_others = LISTINGS[name].facet_words()
    for query in ("", "&q=a", f"&{down}=unknown"):
        table = ask(name, f"rows={down}&columns={across}{query}")
        cells = [cell for _value, _url, line in table.table() for cell in line if cell.url]
        assert all(cell.count for cell in cells)
        for cell in cells[:12]:
            parts = urlsplit(cell.url)
            assert len(json_rows(client, f"/{name}.json?{parts.query}&columns=id&per_page=200")) == cell.count


@EVERY_LIST
def test_page_csv_and_json_hold_the_same_numbers(registry, client, name):
    down, across, *_others = LISTINGS[name].facet_words()
    query = f"rows={down}&columns={across}"
    table = ask(name, query)
    page = client.get(f"/{name}/crosstab/?{query}")
    assert page.status_code == 200
    assert page.context["crosstab"].counts == table.counts
    data = client.get(f"/{name}/crosstab.json?{query}").json()
    assert data["counts"] == table.counts
    assert [value["total"] for value in data["rows"]["values"]] == [value.count for value in table.row_axis.values]
    assert data["count"] == table.count
    response = client.get(f"/{name}/crosstab.csv?{query}")
    assert response.content.startswith(b"\xef\xbb\xbf")
    header, *lines, totals = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True)
    assert header[:2] == [down, f"{down}_code"]
    assert len(set(header)) == len(header)
    assert [[int(cell) for cell in line[2:-1]] for line in lines] == table.counts
    assert [line[1] for line in lines] == [value.code for value in table.row_axis.values]
    assert totals[-1] == str(table.count)


@pytest.fixture
def shared():
    """Three partnerships: of X and Y in one sector under another, of X in another, of nobody in none."""
    health = factories.SectorFactory(name="Health", slug="xt-health")
    drugs = factories.SectorFactory(name="Drugs", slug="xt-drugs", parent=health)
    textiles = factories.SectorFactory(name="Textiles", slug="xt-textiles")
    x, y = (factories.CountryFactory(name=name, slug=name) for name in ("XA", "XB"))
    both = [factories.OrganisationFactory(countries=[country]) for country in (x, y)]
    factories.PartnershipFactory(name="Crosstest one", sectors=[drugs], european=both)
    factories.PartnershipFactory(name="Crosstest two", sectors=[drugs, textiles], european=both[:1])
    factories.PartnershipFactory(name="Crosstest three", stage="contact")
    factories.PartnershipFactory(name="Crosstest draft", sectors=[drugs], publication_status="draft", european=both)


def test_totals_count_each_row_once_and_the_unknown_has_its_place(shared):
    table = as_json(ask("partnerships", "q=crosstest&rows=sector&columns=country"))
    assert table["count"] == 3
    totals = {value["id"]: value["total"] for value in table["rows"]["values"]}
    assert totals == {"xt-health": 2, "xt-drugs": 2, "xt-textiles": 1, "unknown": 1}
    assert {value["id"]: value["total"] for value in table["columns"]["values"]} == {"XA": 2, "XB": 1, "unknown": 1}
    lines = dict(zip(totals, table["counts"], strict=True))
    # A row with two countries stands in two cells of its line, and once in its total.
    assert lines == {"xt-health": [2, 1, 0], "xt-drugs": [2, 1, 0], "xt-textiles": [1, 0, 0], "unknown": [0, 0, 1]}


def test_a_word_that_is_chosen_has_its_chosen_values_and_those_under_them(shared):
    def ids(query):
        return [value["id"] for value in as_json(ask("partnerships", f"q=crosstest&{query}"))["rows"]["values"]]

    assert ids("rows=sector&columns=country&sector=xt-health") == ["xt-health", "xt-drugs"]
    assert ids("rows=country&columns=sector&country=XB") == ["XB"]
    assert ids("rows=country&columns=sector&country=XB&country=unknown") == ["XB", "unknown"]


def test_a_draft_is_counted_nowhere(shared):
    table = ask("partnerships", "q=crosstest&rows=stage&columns=sector")
    assert table.count == 3
    assert max(max(line) for line in table.counts) == 2


def test_what_there_is_no_room_for_is_counted_together(shared, client, monkeypatch):
    monkeypatch.setattr(crosstab, "MOST_ROWS", 2)
    query = "q=crosstest&rows=sector&columns=country"
    table = ask("partnerships", query)
    # The values with most rows stay, and the unknown always does.
    assert [value.code for value in table.row_axis.values][1:] == ["unknown", ""]
    assert table.row_axis.values[-1].label == "2 other values"
    assert table.row_axis.values[-1].count == 2  # of two sectors, one row has both
    page = client.get(f"/partnerships/crosstab/?{query}").content.decode()
    assert "2 other values" in page
    assert "2 in the last row" in page
    assert as_json(table)["rows"]["left_out"] == 2


def test_shades_go_by_quarters_of_the_fullest_cell():
    class Ten(Crosstab):
        largest = 10

        def __init__(self):
            pass

    assert [Ten().shade(count) for count in range(11)] == [0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4]
    assert Ten().legend == [(0, 0, 0), (1, 1, 2), (2, 3, 5), (3, 6, 7), (4, 8, 10)]


def test_the_page_is_a_table_with_caption_scopes_and_no_inline_style(shared, client):
    page = client.get("/partnerships/crosstab/?q=crosstest&rows=sector&columns=country").content.decode()
    main = page.partition("<main")[2].partition("</main>")[0]
    assert main.count("<caption") == 1
    assert main.count('scope="row"') == 5  # four values and the totals
    assert main.count('scope="col"') == 4  # three values and the totals
    assert "style=" not in main
    assert "<script" not in main
    assert 'class="number shade-4"' in main
    assert 'href="/partnerships/?q=crosstest&amp;sector=xt-drugs&amp;country=XA"' in main


def test_the_form_keeps_the_filters_and_needs_no_script(shared, client):
    page = client.get("/partnerships/crosstab/?q=crosstest&stage=active").content.decode()
    assert '<input type="hidden" name="q" value="crosstest">' in page
    assert '<input type="hidden" name="stage" value="active">' in page
    assert '<select id="crosstab-rows" name="rows">' in page
    assert "<table" not in page.partition("<main")[2]


BAD = [
    ("rows=nonsense&columns=sector", "rows"),
    ("rows=sector&columns=nonsense", "columns"),
    ("rows=sector&columns=sector", "columns"),
    ("rows=q&columns=sector", "rows"),
    ("rows=sector&rows=stage&columns=country", "rows"),
    ("rows=sector&columns=country&stage=nonsense", "stage"),
    ("rows=sector&columns=country&page=1", "page"),
    ("rows=sector&columns=country&sort=title", "sort"),
]


@pytest.mark.parametrize(("query", "word"), BAD)
def test_a_bad_question_is_refused_with_what_is_possible(registry, client, query, word):
    page = client.get(f"/partnerships/crosstab/?{query}")
    assert page.status_code == 400
    assert f"<code>{word}</code>" in page.content.decode()
    assert "<table" not in page.content.decode()
    text = client.get(f"/partnerships/crosstab.csv?{query}")
    assert (text.status_code, text["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert f"{word}: " in text.content.decode()
    details = client.get(f"/partnerships/crosstab.json?{query}")
    assert (details.status_code, details["Content-Type"]) == (400, "application/problem+json")
    assert word in details.json()["errors"]


def test_an_unknown_word_is_told_the_nearest_one(registry, client):
    errors = client.get("/partnerships/crosstab.json?rows=sectr&columns=stage").json()["errors"]
    assert "“sector”" in errors["rows"][0]
    assert "partner_country" in errors["rows"][0]


def test_a_file_needs_both_words(registry, client):
    assert set(client.get("/partnerships/crosstab.json").json()["errors"]) == {"rows", "columns"}
    assert client.get("/partnerships/crosstab/").status_code == 200


def test_old_ids_lead_on_with_the_words_kept(client):
    sector = factories.SectorFactory(slug="xt-new")
    sector.old_slugs.create(slug="xt-old")
    response = client.get("/partnerships/crosstab/?rows=stage&columns=country&sector=xt-old")
    assert response.status_code == 301
    assert response["Location"] == "/partnerships/crosstab/?rows=stage&columns=country&sector=xt-new"


@EVERY_LIST
def test_every_list_can_be_counted_by_two_of_its_words(name):
    assert len(LISTINGS[name].facet_words()) >= 2


@EVERY_LIST
def test_the_list_page_leads_to_the_crosstab_with_its_filters(registry, client, name):
    assert client.get(f"/{name}/?q=a&sort=id").context["crosstab_url"] == f"/{name}/crosstab/?q=a"


def test_the_table_is_translated_and_its_cells_stay_in_the_language(registry, client):
    page = client.get("/ja/partnerships/crosstab/?rows=stage&columns=sector").content.decode()
    assert 'href="/ja/partnerships/?stage=' in page


def test_a_crosstab_asks_few_questions_of_the_database(registry, client, django_assert_max_num_queries):
    address = "/partnerships/crosstab.json?rows=sector&columns=country"
    client.get(address)
    with django_assert_max_num_queries(4):
        client.get(address)


@pytest.mark.parametrize(("address", "status"), [("crosstab/", 400), ("crosstab.json", 400), ("crosstab.csv", 200)])
def test_a_byte_order_mark_is_asked_of_the_csv_alone(registry, client, address, status):
    response = client.get(f"/partnerships/{address}?rows=sector&columns=stage&bom=0")
    assert response.status_code == status
    assert not response.content.startswith(b"\xef\xbb\xbf")

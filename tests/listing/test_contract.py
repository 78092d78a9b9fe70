"""Every list keeps the promise in print: its columns, its words, and the same rows on page and in files."""

import datetime
import itertools
from dataclasses import replace

import pytest

from eccp.listing import keeping
from eccp.listing.fields import UNKNOWN
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.verify import differences, names_differing
from eccp.listing.versions import data_version
from eccp.reference.models import Sector
from tests.listing.contract import COLUMNS, words_of
from tests.listing.reading import body, csv_rows, json_rows, page_ids, xlsx_rows

EVERY_LIST = pytest.mark.parametrize("name", sorted(COLUMNS))
TODAY = datetime.date(2026, 11, 22)

pytestmark = pytest.mark.django_db


def header_of(client, name):
    return body(client.get(f"/{name}.csv")).decode("utf-8-sig").splitlines()[0].split(",")


def test_the_site_has_the_lists_of_the_contract():
    assert set(LISTINGS) == set(COLUMNS)


@EVERY_LIST
def test_the_columns_stand_in_the_promised_order(registry, client, name):
    promised = [column.rstrip("*") for column in COLUMNS[name].split()]
    if "…" in promised:
        at = promised.index("…")
        assert header_of(client, name)[:at] == promised[:at]
        assert header_of(client, name)[-1] == "url"
    else:
        assert header_of(client, name) == promised


@EVERY_LIST
def test_columns_with_several_values_are_lists_in_json(registry, client, name):
    many = {column.rstrip("*") for column in COLUMNS[name].split() if column.endswith("*")}
    rows = json_rows(client, f"/{name}.json?per_page=200")
    assert rows
    for column in set(rows[0]) & {part.rstrip("*") for part in COLUMNS[name].split()}:
        assert all(isinstance(row[column], list) == (column in many) for row in rows), column


@EVERY_LIST
def test_the_list_takes_the_promised_words(name):
    assert words_of(name) <= set(LISTINGS[name].filterset_class.base_filters)


@EVERY_LIST
def test_page_and_files_hold_the_same_rows_in_the_same_order(registry, client, name):
    ids = page_ids(client, name)
    assert ids
    assert [row["id"] for row in csv_rows(client, f"/{name}.csv")] == ids
    assert [row["id"] for row in json_rows(client, f"/{name}.json?per_page=200")] == ids
    assert [row["id"] for row in xlsx_rows(client, f"/{name}.xlsx")] == ids


@EVERY_LIST
def test_every_column_sorts_both_ways_with_the_unknown_last(registry, client, name):
    for column in header_of(client, name):
        for sign in ("", "-"):
            values = [row[column] for row in csv_rows(client, f"/{name}.csv?sort={sign}{column}&columns={column}")]
            known = [value for value in values if value]
            assert values == known + [""] * (len(values) - len(known)), f"{sign}{column}"


@EVERY_LIST
def test_a_file_says_how_many_rows_it_has_and_describes_itself(registry, client, name):
    response = client.get(f"/{name}.csv")
    data = body(response)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert int(response["X-Row-Count"]) == data.count(b"\r\n") - 1 > 0
    assert response["Content-Disposition"].startswith(f'attachment; filename="{name}-')
    assert response["Last-Modified"]
    described = client.get(response["Link"].partition(">")[0].lstrip("<").replace("http://127.0.0.1:8000", ""))
    assert described["Content-Type"] == "application/csvm+json"
    columns = [column["name"] for column in described.json()["tableSchema"]["columns"]]
    assert columns == data.decode("utf-8-sig").splitlines()[0].split(",")
    assert not body(client.get(f"/{name}.csv?bom=0")).startswith(b"\xef\xbb\xbf")


@EVERY_LIST
def test_columns_can_be_chosen_and_have_twins_with_codes(registry, client, name):
    (first, *_), columns = LISTINGS[name].columns, index.snapshot(LISTINGS[name]).columns
    for twin in (column for column in columns if column.endswith(("_codes", "_code"))):
        rows = csv_rows(client, f"/{name}.csv?columns={twin},{first.name}")
        assert set(rows[0]) == {twin, first.name}


BAD = [
    ("nonsense=1", "nonsense"),
    ("as_of=soon", "as_of"),
    ("as_of=2018", "as_of"),
    ("as_of=2018-02-30", "as_of"),
    ("as_of=2018-12-01&as_of=2019-12-01", "as_of"),
    ("sort=nonsense", "sort"),
    ("columns=id,nonsense", "columns"),
    ("page=0", "page"),
    ("page=-1", "page"),
    ("page=x", "page"),
    ("page=１", "page"),
    ("per_page=201", "per_page"),
    ("q=%00", "q"),
    ("q=a%00b", "q"),
    ("q=" + "x" * 7000, "q"),
    ("q=%2B%2B", "q"),
    ("q=" + "+".join(["word"] * 30), "q"),
]


@EVERY_LIST
@pytest.mark.parametrize(("query", "word"), BAD, ids=[query[:24] for query, _word in BAD])
def test_a_bad_question_is_refused_everywhere_with_the_word_named(registry, client, name, query, word):
    page, text, problem = (client.get(f"/{name}{end}?{query}") for end in ("/", ".csv", ".json"))
    assert (page.status_code, text.status_code, problem.status_code) == (400, 400, 400)
    assert not page.context["rows"]
    assert word.encode() in page.content
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert text.content.startswith(f"{word}: ".encode())
    assert problem["Content-Type"] == "application/problem+json"
    assert word in problem.json()["errors"]


@EVERY_LIST
def test_a_value_that_does_not_exist_is_refused_for_every_word_of_choice(registry, client, name):
    for word in words_of(name) - {"q", "as_of"}:
        for end in ("/", ".csv", ".json"):
            response = client.get(f"/{name}{end}?{word}=nonsense")
            assert response.status_code == 400, f"{word} on {end}"
            assert word.encode() in response.content


@EVERY_LIST
def test_a_page_past_the_end_does_not_exist(registry, client, name):
    assert client.get(f"/{name}/?page=999").status_code == 404
    response = client.get(f"/{name}.json?page=999")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@EVERY_LIST
def test_a_file_refuses_to_be_paged(registry, client, name):
    for end, word in itertools.product((".csv", ".xlsx"), ("page=1", "per_page=5")):
        response = client.get(f"/{name}{end}?{word}")
        assert response.status_code == 400
        assert response.content.startswith(word.partition("=")[0].encode())


@EVERY_LIST
@pytest.mark.parametrize("on", ["2016-06-01", "2026-11-22"])
def test_facets_count_what_the_database_finds(registry, name, on):
    """Each count is what one would see if one chose the value too, asked of the database without the index."""
    listing = LISTINGS[name]
    day = datetime.date.fromisoformat(on)
    snapshot = index.snapshot(listing)
    for word_name, word in listing.filterset_class.base_filters.items():
        if word.is_choice:
            counts = {code: len(rows) for code, rows in snapshot.facet(word_name, day).items() if len(rows)}
            assert counts, f"{word_name} has no value at all"
            assert sum(counts.values()) >= len(snapshot.ids)
    assert [str(difference) for difference in differences(listing, day)] == []


def test_a_wrong_index_is_found_out(registry):
    snapshot = index.snapshot(LISTINGS["organisations"])
    rows = snapshot.facet("kind", TODAY)["cluster"]
    first = rows.min()
    rows.remove(first)
    try:
        (difference,) = differences(LISTINGS["organisations"], TODAY)
        assert (difference.word, difference.code) == ("kind", "cluster")
        assert difference.only_database == {snapshot.id(first)}
    finally:
        rows.add(first)


@EVERY_LIST
def test_the_list_page_asks_the_same_few_questions_whatever_its_rows(
    registry, client, name, django_assert_max_num_queries
):
    client.get(f"/{name}/")
    with django_assert_max_num_queries(2):
        client.get(f"/{name}/?per_page=200")
    with django_assert_max_num_queries(2):
        client.get(f"/{name}/?per_page=1")


def test_a_wrong_name_is_found_out(registry):
    assert list(names_differing()) == []
    directory = index.directory()
    ref = directory.of("sector")["health"]
    wrong = directory._with([ref], {ref.key: replace(ref, slug="wealth", name="Wealth")})
    missing = directory._with([ref], {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "directory", lambda: wrong)
        (difference,) = names_differing()
        assert (difference.code, difference.only_database) == ("sector", {"health"})
        patch.setattr(index, "directory", lambda: missing)
        (difference,) = names_differing()
        assert (difference.only_index, difference.only_database) == (set(), {"health"})
        Sector.objects.filter(slug="health").update(publication_status="draft")
        patch.setattr(index, "directory", lambda: directory)
        (difference,) = names_differing()
        assert (difference.only_index, difference.only_database) == ({"health"}, set())


@EVERY_LIST
def test_building_a_list_anew_takes_a_fixed_number_of_queries(registry, name, django_assert_max_num_queries):
    directory = index.directory()
    with django_assert_max_num_queries(40):
        keeping.make(LISTINGS[name], directory, data_version(), is_lasting=False)


@EVERY_LIST
def test_unknown_is_a_value_of_every_word_of_choice(registry, client, name):
    for word_name, word in LISTINGS[name].filterset_class.base_filters.items():
        if word.is_choice:
            response = client.get(f"/{name}.json?{word_name}={UNKNOWN}&per_page=1")
            assert response.status_code == 200, word_name
            rows = index.snapshot(LISTINGS[name]).facet(word_name, TODAY)
            assert response.json()["count"] == len(rows[UNKNOWN])


@EVERY_LIST
def test_every_record_of_a_list_has_its_page_and_its_json(registry, client, name):
    for row_id in index.snapshot(LISTINGS[name]).ids[:40]:
        page = client.get(f"/{name}/{row_id}/")
        assert page.status_code == 200, row_id
        answer = client.get(f"/{name}/{row_id}.json")
        assert answer.status_code == 200
        assert answer.json()["id"] == row_id

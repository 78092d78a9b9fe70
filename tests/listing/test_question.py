"""What a page says of its question: in words, what it hides, the ways out of nothing; and how a file flows."""

import difflib

import pytest
from django.core.exceptions import ValidationError

from eccp.listing.fields import CodesField
from tests.factories import CountryFactory, OrganisationFactory, PartnershipFactory
from tests.listing.reading import body

pytestmark = pytest.mark.django_db


def question_of(client, query):
    return client.get(f"/partnerships/?{query}").context["question"]


def test_the_question_is_said_in_words(registry, client):
    query = "country=DE&country=FR&sector=health&agreement_status=no_end_recorded&as_of=2018-12-01"
    said = question_of(client, query).sentence
    assert said.endswith(
        "partnerships with Germany or France, in Health and life sciences, "
        "with an agreement of status no end recorded, as of 1 December 2018"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("partnerships/?sector=unknown", "with “Sector” not known"),
        ("partnerships/?sector=health&sector=unknown", "in Health and life sciences or with “Sector” not known"),
        ("partnerships/?eu=false", "not in the EU"),
        ("agreements/?status=in_force&status=ended", "of status in force or ended"),
        ("citations/?record_kind=partnership&rank=rejected", "of rank rejected, about records of the kind partnership"),
    ],
    ids=["unknown", "or unknown", "yes or no", "status", "kind of record"],
)
def test_what_is_chosen_makes_a_sentence(registry, client, asked, said):
    assert client.get(f"/{asked}").context["question"].sentence.partition(" ")[2].partition(" ")[2] == said


def test_what_is_typed_is_said_on_one_line(client):
    assert "matching “a b”" in client.get("/partnerships.json?q=a%0D%0Ab").json()["query"]


def test_a_list_of_one_page_has_one_page(client):
    assert client.get("/partnerships.json?q=nothing-at-all&page=2").json()["title"] == "This list has 1 page."


def test_a_word_that_a_file_does_not_take_is_not_corrected_as_well(client):
    assert body(client.get("/partnerships.csv?page=0")) == b"page: This address does not take this: leave it out.\n"


def test_each_chosen_value_can_be_taken_back_alone(registry, client):
    chips = question_of(client, "country=DE&country=FR&q=kobe&sort=-started").chips
    assert [(chip.word, chip.text) for chip in chips] == [("q", "kobe"), ("country", "Germany"), ("country", "France")]
    assert chips[1].remove_url == "/partnerships/?country=FR&q=kobe&sort=-started"


def test_a_time_says_how_many_rows_it_hides_for_want_of_a_date(client):
    here = CountryFactory(slug="QQ")
    for started in (None, None, "2015", "2010"):
        PartnershipFactory(european=[OrganisationFactory(countries=[here])], started=started)
    question = question_of(client, "country=QQ&started_from=2014")
    assert question.count == 1
    assert [count for _label, count in question.hidden_for_no_date] == [2]


def test_nothing_found_says_which_filter_to_leave_out_to_get_how_many(client):
    here, there = CountryFactory(slug="QQ"), CountryFactory(slug="QX")
    PartnershipFactory(european=[OrganisationFactory(countries=[here])], stage="active")
    PartnershipFactory.create_batch(2, stage="ended")
    PartnershipFactory(european=[OrganisationFactory(countries=[there])], stage="dormant")
    question = question_of(client, "country=QQ&stage=dormant")
    assert question.count == 0
    assert {(chip.word, count) for chip, count in question.ways_out if count == 1} >= {("stage", 1)}
    assert all(f"{chip.word}=" not in chip.remove_url for chip, _count in question.ways_out)


def test_an_imprecise_date_is_found_by_any_time_that_overlaps_it(client):
    here = CountryFactory(slug="QQ")
    for started in ("2015", "2015-06", "2015-06-15", "2014/2016"):
        PartnershipFactory(slug=f"s-{started.replace('/', '-')}", started=started,
                           european=[OrganisationFactory(countries=[here])])  # fmt: skip

    def found(query):
        rows = client.get(f"/partnerships.json?country=QQ&{query}").json()["results"]
        return {row["id"].removeprefix("s-") for row in rows}

    assert found("started_from=2015-07") == {"2015", "2014-2016"}
    assert found("started_to=2015-05") == {"2015", "2014-2016"}
    assert found("started_from=2015-06-15&started_to=2015-06-15") == {"2015", "2015-06", "2015-06-15", "2014-2016"}
    assert found("started_from=2017") == set()


def test_a_file_flows_in_blocks_of_bounded_size(registry, client):
    response = client.get("/citations.csv")
    assert response.streaming
    blocks = list(response.streaming_content)
    assert len(blocks) > 4
    assert max(map(len, blocks)) < 400_000
    assert b"".join(blocks) == body(client.get("/citations.csv"))


# ── What is wrong with a question ──


TURNED_ROUND = [
    ("partnerships", "started_from=2020&started_to=2010", ["started_from", "started_to"]),
    ("observations", "period_from=2013&period_to=2010", ["period_from", "period_to"]),
    ("agreements", "signed_from=2018-12-02&signed_to=2018-12-01", ["signed_from", "signed_to"]),
]


@pytest.mark.parametrize(("name", "query", "words"), TURNED_ROUND, ids=[name for name, *_rest in TURNED_ROUND])
def test_a_time_that_ends_before_it_begins_is_refused_at_both_ends(registry, client, name, query, words):
    page, text, problem = (client.get(f"/{name}{end}?{query}") for end in ("/", ".csv", ".json"))
    assert (page.status_code, text.status_code, problem.status_code) == (400, 400, 400)
    assert list(problem.json()["errors"]) == words
    assert all(f'id="error-{word}"' in page.content.decode() for word in words)
    assert "ends before it begins" in text.content.decode()


@pytest.mark.parametrize("query", ["started_from=2018-12&started_to=2018", "started_from=2018&started_to=2018-01"])
def test_a_time_whose_ends_overlap_is_one(registry, client, query):
    assert client.get(f"/partnerships.csv?{query}").status_code == 200


def test_an_end_that_is_no_date_is_refused_alone(registry, client):
    errors = client.get("/partnerships.json?started_from=soon&started_to=2010").json()["errors"]
    assert list(errors) == ["started_from"]


@pytest.mark.parametrize(
    "query", ["as_of=9999-12-31", "as_of=0001-01-01", "signed_from=9999", "signed_to=0001", "as_of=2018"]
)
def test_a_date_that_is_refused_is_told_what_a_date_may_be(registry, client, query):
    (said,) = client.get(f"/agreements.json?{query}").json()["errors"][query.partition("=")[0]]
    assert "of the years 1000 to 2999" in said


def test_a_period_may_be_asked_for_and_is_named_where_dates_are_explained(registry, client):
    assert client.get("/agreements.json?signed_from=2015/2016").status_code == 200
    assert "a period (2015/2016)" in client.get("/agreements.json?signed_from=x").json()["detail"]
    assert "or a period, 2015/2016" in client.get("/data-dictionary/").content.decode()


def test_a_wrong_value_is_told_what_it_may_have_meant(registry, client):
    (said,) = client.get("/partnerships.json?country=Germani").json()["errors"]["country"]
    assert "for example: DE, " in said


def test_among_very_many_values_few_are_compared_with_a_wrong_one(monkeypatch):
    """To compare each of 200,000 names took four seconds for one wrong id."""
    compared = []
    monkeypatch.setattr(difflib, "get_close_matches", lambda word, texts, *rest: compared.append(len(texts)) or [])
    field = CodesField(required=False)
    field.labels = {f"cluster-{number}": "A cluster" for number in range(50_000)} | {"techtera": "Techtera"}
    for code in ("clusters", "techtexa", "x"):
        with pytest.raises(ValidationError, match="There are 50001, for example"):
            field.clean([code])
    assert compared == [2000, 1, 0]

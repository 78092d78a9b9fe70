"""What a page says of its question: in words, what it hides, the ways out of nothing; and how a file flows."""

import pytest

from tests.factories import CountryFactory, OrganisationFactory, PartnershipFactory
from tests.listing.reading import body

pytestmark = pytest.mark.django_db


def question_of(client, query):
    return client.get(f"/partnerships/?{query}").context["question"]


def test_the_question_is_said_in_words(registry, client):
    query = "country=DE&country=FR&sector=health&agreement_status=no_end_recorded&as_of=2018-12-01"
    said = question_of(client, query).sentence
    assert said.endswith(
        "partnerships with Germany or France, in Health and life sciences, with an agreement no end recorded, "
        "as of 1 December 2018"
    )


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

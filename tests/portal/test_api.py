"""The API says what it does: its description is valid, complete, and every answer is as described."""

import json
import re
from functools import cache
from html import unescape

import jsonschema
import pytest
from django.http import QueryDict
from openapi_spec_validator import validate

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.records import version
from eccp.records.models import Record
from tests import factories
from tests.listing.lists import EVERY_LIST
from tests.listing.reading import body, json_rows

pytestmark = pytest.mark.django_db
LANGUAGES = ("", "/ja", "/fr", "/de")


@pytest.fixture
def document(registry, client):
    response = client.get("/api/schema/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def hold(document, schema, answer):
    """Hold an answer against a schema of the document."""
    schema = schema | {"components": document["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(answer)


def answered(document, path, status="200", media="application/json"):
    return document["paths"][path]["get"]["responses"][status]["content"][media]["schema"]


def asked(document, path):
    """The names of all that an address may be asked."""
    found = document["paths"][path]["get"]["parameters"]
    return {
        (document["components"]["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each)["name"]
        for each in found
    }


def test_the_description_is_valid_openapi(document):
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["license"]["url"] == "https://creativecommons.org/licenses/by/4.0/"


def test_every_operation_has_its_own_name(document):
    names = [path["get"]["operationId"] for path in document["paths"].values()]
    assert len(set(names)) == len(names)


@EVERY_LIST
def test_the_description_names_every_word_of_a_list_and_no_other(document, client, name):
    words = set(LISTINGS[name].filterset_class.base_filters)
    assert asked(document, f"/{name}.json") == words | {"sort", "columns", "page", "per_page"}
    assert asked(document, f"/{name}.csv") == words | {"sort", "columns", "bom"}
    assert asked(document, f"/{name}.atom") == words | {"sort", "columns"}
    assert asked(document, f"/{name}/{{id}}.json") == {"id", "as_of"}
    errors = client.get(f"/{name}.json?nonsense=1").json()["errors"]["nonsense"][0]
    assert all(word in errors for word in words)


@EVERY_LIST
def test_every_page_of_a_list_is_as_described(document, client, name):
    columns = ",".join(index.snapshot(LISTINGS[name]).columns)
    schema = answered(document, f"/{name}.json")
    for address in (f"/{name}.json?per_page=200", f"/{name}.json?per_page=200&columns={columns}"):
        hold(document, schema, client.get(address).json())
    assert set(document["components"]["schemas"][f"{name}.row"]["properties"]) == set(columns.split(","))


@EVERY_LIST
def test_every_record_is_as_described(document, client, name):
    schema = answered(document, f"/{name}/{{id}}.json")
    for row in json_rows(client, f"/{name}.json?per_page=200&columns=id")[:25]:
        hold(document, schema, client.get(f"/{name}/{row['id']}.json").json())


@EVERY_LIST
def test_every_crosstab_is_as_described(document, client, name):
    down, across, *_others = LISTINGS[name].facet_words()
    answer = client.get(f"/{name}/crosstab.json?rows={down}&columns={across}").json()
    hold(document, answered(document, f"/{name}/crosstab.json"), answer)


@EVERY_LIST
def test_every_refusal_is_as_described(document, client, name):
    problem = "application/problem+json"
    for address, path, status in [
        (f"/{name}.json?nonsense=1", f"/{name}.json", "400"),
        (f"/{name}.json?page=9999", f"/{name}.json", "404"),
        (f"/{name}/nonsense-id.json", f"/{name}/{{id}}.json", "404"),
        (f"/{name}/nonsense-id.json?q=1", f"/{name}/{{id}}.json", "400"),
    ]:
        response = client.get(address)
        assert (str(response.status_code), response["Content-Type"]) == (status, problem)
        hold(document, answered(document, path, status, problem), response.json())


def test_a_withdrawn_record_is_answered_as_described(document, client):
    made = factories.PartnershipFactory(
        publication_status="withdrawn", withdrawn_on="2026-01-01", withdrawal_reason="A mistake."
    )
    response = client.get(f"/partnerships/{made.slug}.json")
    assert response.status_code == 410
    schema = answered(document, "/partnerships/{id}.json", "410", "application/problem+json")
    hold(document, schema, response.json())


def test_the_search_is_as_described(document, client):
    for q in ("japan", "nothinglikethis"):
        hold(document, answered(document, "/search.json"), client.get(f"/search.json?q={q}").json())


@EVERY_LIST
def test_described_values_are_taken_and_others_are_not(document, client, name):
    for key, parameter in document["components"]["parameters"].items():
        values = parameter["schema"].get("items", {}).get("enum")
        if values and key.startswith(f"{name}."):
            query = QueryDict(mutable=True)
            query.setlist(parameter["name"], values[:50])
            assert client.get(f"/{name}.json?{query.urlencode()}").status_code == 200
            assert client.get(f"/{name}.json?{parameter['name']}=nonsense").status_code == 400


# ── pages ──


@pytest.mark.parametrize("prefix", LANGUAGES)
@pytest.mark.parametrize("page", ["/api/", "/data-dictionary/"])
def test_the_pages_answer_in_every_language(registry, client, prefix, page):
    response = client.get(f"{prefix}{page}")
    assert response.status_code == 200
    assert "style=" not in response.content.decode().partition("<main")[2]


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_every_example_is_fetched_and_is_what_the_page_shows(registry, client, prefix):
    examples = client.get(f"{prefix}/api/").context["examples"]
    assert len(examples) >= 7
    assert {example.status for example in examples} == {200, 400}
    for example in examples:
        response = client.get(example.url)
        assert response.status_code == example.status
        shown, answer = json.loads(example.excerpt), response.json()
        assert list(shown) == list(answer)
        for name, value in answer.items():
            assert shown[name] == value or "…" in json.dumps(shown[name], ensure_ascii=False)


def test_every_address_the_api_page_names_answers(registry, client):
    page = client.get("/api/").content.decode().partition("<main")[2].partition("</main>")[0]
    links = {unescape(link) for link in re.findall(r'href="([^"#]+)"', page) if not link.startswith("https:")}
    assert {f"/{name}.{form}" for name in LISTINGS for form in ("csv", "xlsx", "json", "atom")} <= links
    for link in links:
        assert client.get(link).status_code == (400 if "nonsense" in link else 200), link


def test_the_api_page_answers_without_any_data(registry, client):
    Record.objects.update(publication_status="draft")
    version.bump()
    response = client.get("/api/")
    assert [example.status for example in response.context["examples"]] == [200, 200, 200, 200, 400]


@cache
def _main(html):
    return html.partition("<main")[2].partition("</main>")[0]


@EVERY_LIST
def test_the_dictionary_explains_every_column_and_word(registry, client, name):
    main = _main(client.get("/data-dictionary/").content.decode())
    section = main.partition(f'<section class="block" aria-labelledby="{name}">')[2].partition("</section>")[0]
    shown = set(re.findall(r"<code>([^<]+)</code>", section))
    assert set(index.snapshot(LISTINGS[name]).columns) <= shown
    assert set(LISTINGS[name].filterset_class.base_filters) <= shown
    for column in LISTINGS[name].columns:
        assert str(column.label) in unescape(section)
        assert column.help, f"{name}.{column.name} has no meaning"


def test_the_dictionary_shows_the_words_of_each_vocabulary_with_their_labels(registry, client):
    response = client.get("/data-dictionary/")
    main = unescape(_main(response.content.decode()))
    vocabularies = response.context["vocabularies"]
    assert len({vocabulary.id for vocabulary in vocabularies}) == len(vocabularies) > 10
    for vocabulary in vocabularies:
        for code, label in vocabulary.choices.choices:
            assert f"<code>{code}</code></th><td>{label}</td>" in main
    for linked in set(re.findall(r'href="#([^"]+)"', main)):
        assert f'id="{linked}"' in main


def test_the_dictionary_explains_every_word_that_shapes_an_answer(registry, client):
    controls = client.get("/data-dictionary/").context["controls"]
    assert set(controls) == {"sort", "page", "per_page", "columns", "bom"}
    assert all(controls.values())


# ── a record's own facts ──


def test_a_record_carries_the_facts_that_belong_to_it(registry, client):
    area = factories.CountryFactory(name="Arcadia")
    made = factories.PartnershipFactory(slug="carrier")
    made.aliases.create(name="Carier", kind="misprint")
    made.statements.create(key="aim", aspect="objective", text="To carry.", period="2016/2018")
    made.figures.create(key="members", what="members", value_low="12.50", unit="bodies", about=area.record)
    made.assessments.create(key="a", criterion="length", judgement="long", judged_by=area.record, judged_on="2018")
    cited = factories.CitationFactory(
        record=made, field="stage", section="3.1", line_first=86, line_last=88, quote="word for word"
    )
    data = client.get("/partnerships/carrier.json").json()
    named = {"id": area.slug, "name": "Arcadia", "url": f"http://127.0.0.1:8000/countries/{area.slug}/"}
    assert data["other_names"] == [{"name": "Carier", "kind": "misprint"}]
    assert data["statements"] == [{"id": "aim", "aspect": "objective", "text": "To carry.", "period": "2016/2018"}]
    (figure,) = data["figures"]
    assert (figure["value"], figure["value_low"], figure["about"]) == (None, 12.5, named)
    assert data["assessments"][0]["judged_by"] == named
    (citation,) = data["citations"]
    assert citation["id"] == cited.key
    assert citation["locator"] == "section 3.1, lines 86–88"
    assert citation["source"]["id"] == cited.source.slug
    assert client.get(citation["url"]).status_code == 200
    assert client.get(citation["source"]["url"]).status_code == 200
    assert citation["reason"] is None


def test_a_record_says_nothing_of_what_is_not_public(client):
    hidden = factories.SourceFactory(name="Quuxology", publication_status="draft")
    body = factories.OrganisationFactory(name="Quuxers", publication_status="draft")
    made = factories.PartnershipFactory(slug="carrier")
    factories.CitationFactory(record=made, source=hidden, stated_value="quux")
    made.figures.create(key="f", what="members", value=1, unit="bodies", about=body.record)
    made.assessments.create(key="a", criterion="length", judgement="long", judged_by=body.record)
    factories.ContactPointFactory(
        partnership=made, person_name="Quux Person", is_person_public=True, basis="consent",
        basis_recorded_on="2026-01-01",
    )  # fmt: skip
    response = client.get("/partnerships/carrier.json")
    assert "quux" not in response.content.decode().lower()
    assert response.json()["citations"] == []
    assert response.json()["figures"][0]["about"] is None


def test_an_observation_carries_its_own_citations(client):
    made = factories.ObservationFactory(indicator__slug="measured", key="2013")
    mine = factories.CitationFactory(record=made.indicator, field="observations.2013")
    factories.CitationFactory(record=made.indicator, field="unit")
    data = client.get("/observations/measured.2013.json").json()
    assert [citation["id"] for citation in data["citations"]] == [mine.key]


# ── files exist in English, at one address ──


@EVERY_LIST
def test_files_asked_for_under_a_language_lead_to_the_english_ones(registry, client, name):
    row_id = index.snapshot(LISTINGS[name]).ids[0]
    paths = [f"/{name}.{form}" for form in ("csv", "xlsx", "json", "atom", "csv-metadata.json")]
    for path in (*paths, f"/{name}/{row_id}.json", "/search.json", "/api/schema/"):
        for language in ("ja", "fr", "de"):
            response = client.get(f"/{language}{path}?q=%E5%85%B5&as_of=2018-12-01")
            assert response.status_code == 301
            assert response["Location"] == f"{path}?q=%E5%85%B5&as_of=2018-12-01"
        assert client.get(f"/en{path}").status_code == 404


@EVERY_LIST
def test_crosstabs_asked_for_under_a_language_lead_to_the_english_ones(registry, client, name):
    for form in ("csv", "json"):
        response = client.get(f"/ja/{name}/crosstab.{form}?rows=a")
        assert (response.status_code, response["Location"]) == (301, f"/{name}/crosstab.{form}?rows=a")


@EVERY_LIST
def test_files_are_in_english_and_answer_head_without_a_body(registry, client, name):
    row_id = index.snapshot(LISTINGS[name]).ids[0]
    paths = [f"/{name}.{form}" for form in ("csv", "xlsx", "json", "atom", "csv-metadata.json")]
    for path in (*paths, f"/{name}/{row_id}.json"):
        response = client.get(path)
        assert response["Content-Language"] == "en"
        head = client.head(path)
        assert head.status_code == 200
        assert body(head) == b""
        assert head["Content-Type"] == response["Content-Type"]
        assert head.get("X-Row-Count") == response.get("X-Row-Count")

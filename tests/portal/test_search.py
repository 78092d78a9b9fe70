"""Search over everything: any spelling finds, the best comes first, and nothing that is not public."""

import re
from datetime import date

import pytest

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from tests import factories

pytestmark = pytest.mark.django_db


def ask(client, q):
    response = client.get("/search.json", {"q": q})
    assert response.status_code == 200, response.content
    return response.json()


def found(client, q, name):
    """The ids of what is found in the list ``name``, best first."""
    return next(
        ([row["id"] for row in group["results"]] for group in ask(client, q)["groups"] if group["list"] == name), []
    )


@pytest.mark.parametrize("q", ["Hyogo", "Hyōgo", "Hyôgo", "HYOGO", "ｈｙｏｇｏ", "兵庫", "兵庫県", "JP-28"])
def test_a_prefecture_is_found_first_in_any_spelling_and_script(registry, client, q):
    data = ask(client, q)
    assert data["groups"][0]["list"] == "regions"
    assert data["groups"][0]["results"][0]["id"] == "JP-28"


@pytest.mark.parametrize("q", ["Baden-Wuerttemberg", "Baden-Württemberg", "baden wurttemberg"])
def test_umlauts_are_found_however_they_are_typed(registry, client, q):
    assert found(client, q, "regions")[0] == "DE1"


@pytest.mark.parametrize("q", ["Quüxburg", "quuexburg bodies", "Bodies of Quüxburg"])
def test_umlauts_that_the_record_writes_out_are_found_however_they_are_typed(client, q):
    factories.OrganisationFactory(slug="written-out", name="Bodies of Quuexburg")
    assert found(client, q, "organisations") == ["written-out"]
    # The vowel alone is another word: nobody who types it means ue.
    assert not found(client, "Quuxburg", "organisations")


def test_a_hit_by_a_region_says_its_name_and_not_that_it_was_a_code(registry, client):
    page = client.get("/search/", {"q": "兵庫"}).content.decode()
    assert "Regions" in page
    assert "Region codes" not in page


def test_a_citation_is_called_by_its_fact_and_not_by_its_field(client):
    partnership = factories.PartnershipFactory(name="Quercus")
    factories.CitationFactory(record=partnership, field="target_countries", stated_value="Quercus")
    page = client.get("/de/search/", {"q": "Quercus"}).content.decode()
    assert "Target countries" in page
    assert "target_countries" not in re.sub("<[^>]+>", "", page)


def test_an_outlook_is_found_by_the_sector_on_whose_page_it_stands(client):
    sector = factories.SectorFactory(slug="looked-at")
    factories.OutlookFactory(sector=sector, name="Quuxology will double")
    factories.OutlookFactory(sector=sector, name="Hiddenology will halve", publication_status="draft")
    assert found(client, "quuxology", "sectors") == ["looked-at"]
    assert not found(client, "hiddenology", "sectors")


@pytest.mark.parametrize("q", ["JETRO", "ＪＥＴＲＯ", "jetro", "Japan External Trade Organization"])
def test_an_acronym_finds_its_bearer_first(registry, client, q):
    assert ask(client, q)["groups"][0]["results"][0]["id"] == "jetro"


def test_one_japanese_character_is_enough(registry, client):
    assert "JP-28" in [row["id"] for row in client.get("/regions.json?q=庫").json()["results"]]
    assert "JP-28" in found(client, "庫", "regions")


def test_an_exact_name_comes_before_a_start_a_word_another_name_and_a_text(client):
    def make(slug, name, **more):
        return factories.OrganisationFactory(slug=slug, name=name, **more)

    make("text", "Aaa", summary="About quuxology.")
    make("inside", "Aaa Subquuxology")
    other = make("other", "Aab")
    other.aliases.create(name="The quuxology people")
    make("word", "Aac of Quuxology")
    make("start", "Quuxology of Aad")
    acronym = make("acronym", "Zzz")
    acronym.aliases.create(name="QUUXOLOGY")
    make("exact", "Quuxology")
    data = ask(client, "quuxology")
    (group,) = data["groups"]
    assert group["count"] == data["count"] == 7
    assert found(client, "quuxology", "organisations") == ["exact", "acronym", "start", "word", "other"]


@pytest.mark.parametrize("is_in_segment", [True, False])
def test_of_more_rows_than_can_be_ranked_the_best_still_come_first(client, monkeypatch, is_in_segment):
    index.forget_everything()
    monkeypatch.setattr("eccp.portal.search._MOST_RANKED", 3)
    if not is_in_segment:
        index.snapshot(LISTINGS["organisations"])
    factories.OrganisationFactory(slug="text", name="Aardvark works", summary="About quuxology")
    factories.OrganisationFactory(slug="text-too", name="Abacus works", summary="About quuxology")
    for number in range(5):
        factories.OrganisationFactory(slug=f"word-{number}", name=f"Great quuxology {number}")
    factories.OrganisationFactory(slug="native", name="Zygote", native_name="Quuxology")
    factories.OrganisationFactory(slug="start", name="Quuxology of the moon")
    factories.OrganisationFactory(slug="exact", name="Quuxology")
    factories.OrganisationFactory(slug="hidden", name="Quuxology", publication_status="draft")
    group = next(group for group in ask(client, "quuxology")["groups"] if group["list"] == "organisations")
    assert group["count"] == 10
    assert [row["id"] for row in group["results"]] == ["exact", "native", "start", "word-0", "word-1"]


def test_results_are_grouped_by_list_with_their_counts_and_the_way_to_all(client):
    organisations = [factories.OrganisationFactory(name=f"Quux {n}") for n in range(7)]
    factories.PartnershipFactory(name="Nothing like it", european=organisations[:1])
    data = ask(client, "quux")
    assert {group["list"]: group["count"] for group in data["groups"]} == {"organisations": 7, "partnerships": 1}
    for group in data["groups"]:
        assert client.get(group["url"]).json()["count"] == group["count"]
    page = client.get("/search/?q=quux").content.decode()
    assert 'href="/organisations/?q=quux"' in page
    assert "All 7 in Organisations" in page


def test_all_words_must_be_found_wherever_they_stand(client):
    factories.OrganisationFactory(slug="both", name="Quux Alpha", summary="Something on zyzzyva.")
    factories.OrganisationFactory(slug="one", name="Quux Beta")
    assert found(client, "quux zyzzyva", "organisations") == ["both"]


def test_what_was_found_is_marked_and_everything_is_escaped(client):
    made = factories.OrganisationFactory(
        name="<b>Quüx</b> & <script>alert(1)</script>", summary="x " * 90 + "zyzzyva <i>"
    )
    made.aliases.create(name="Wibble <u>")
    page = client.get("/search/", {"q": "quux"}).content.decode()
    assert "&lt;b&gt;<mark>Quüx</mark>&lt;/b&gt; &amp; &lt;script&gt;" in page
    for query, shown in [("zyzzyva", "<mark>zyzzyva</mark> &lt;i&gt;"), ("wibble", "<mark>Wibble</mark> &lt;u&gt;")]:
        page = client.get("/search/", {"q": query}).content.decode()
        assert shown in page
        assert "<script>alert" not in page
    assert "…x x" in client.get("/search/?q=zyzzyva").content.decode()
    page = client.get("/search/", {"q": '<img src=x onerror="1">'}).content.decode()
    assert "<img" not in page


@pytest.mark.parametrize(
    ("typed", "meant"), [("Hyogp", "Hyogo"), ("Hyoog", "Hyogo"), ("Osakka", "Osaka"), ("Kyotto prefecture", "Kyoto")]
)
def test_one_slip_is_understood(registry, client, typed, meant):
    data = ask(client, typed)
    assert data["count"] == 0
    assert data["did_you_mean"].startswith(meant)
    assert ask(client, data["did_you_mean"])["count"] > 0
    page = client.get("/search/", {"q": typed}).content.decode()
    assert f"q={meant}" in page


def test_a_slip_is_understood_as_soon_as_a_name_is_there_and_no_longer_than_it_is(client):
    assert ask(client, "Quuxholn")["did_you_mean"] is None
    made = factories.OrganisationFactory(slug="another", name="Quuxholm")
    assert ask(client, "Quuxholn")["did_you_mean"] == "Quuxholm"
    made.name = "Renamed"
    made.save()
    assert ask(client, "Quuxholn")["did_you_mean"] is None


@pytest.mark.parametrize("q", ["xqzvwk", "xq", "Hyogp xqzvwk"])
def test_what_nobody_could_mean_is_said_to_be_found_nowhere(registry, client, q):
    assert ask(client, q)["did_you_mean"] is None
    response = client.get("/search/", {"q": q})
    assert response.status_code == 200
    assert "Nothing is found" in response.content.decode()


def test_nothing_that_is_not_published_is_found_or_suggested(client):
    for status in ("draft", "in_review"):
        factories.OrganisationFactory(name="Quuxological", publication_status=status)
    hidden = factories.PartnershipFactory(
        slug="zyzzyvan-1", name="Zyzzyvan", publication_status="draft", summary="wibblewobble"
    )
    factories.CitationFactory(record=hidden, stated_value="wobblewibble")
    hidden.aliases.create(name="Wubblewabble")
    for q in ("quuxological", "zyzzyvan", "wibblewobble", "wobblewibble", "wubblewabble", hidden.slug):
        assert ask(client, q)["count"] == 0
    for q in ("quuxologicl", "zyzzyvn"):
        assert ask(client, q)["did_you_mean"] is None


def test_no_contact_person_is_found_not_even_a_public_one(client):
    for is_public in (True, False):
        factories.ContactPointFactory(
            person_name="Quux Person",
            email="quux@example.org",
            is_person_public=is_public,
            basis="consent",
            basis_recorded_on=date(2026, 1, 1),
        )
    assert ask(client, "quux")["count"] == 0
    assert ask(client, "quuxx")["did_you_mean"] is None


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=++%2B", "q=" + "x" * 201, "q=" + "+".join(["word"] * 21), "q=a&q=b", "page=2", "q=a&nonsense=1"],
)
def test_a_bad_question_is_refused_on_page_and_in_json(registry, client, query):
    page = client.get(f"/search/?{query}")
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()
    data = client.get(f"/search.json?{query}")
    assert (data.status_code, data["Content-Type"]) == (400, "application/problem+json")
    assert data.json()["errors"]


@pytest.mark.parametrize("prefix", ["", "/ja", "/fr", "/de"])
def test_without_a_question_there_is_the_form(registry, client, prefix):
    for address in (f"{prefix}/search/", f"{prefix}/search/?q=", f"{prefix}/search/?q=+"):
        response = client.get(address)
        assert response.status_code == 200
        assert f'action="{prefix}/search/"' in response.content.decode()
    assert client.get("/search.json").status_code == 400


def test_pages_in_another_language_show_its_names_and_lead_on_in_it(registry, client):
    page = client.get("/ja/search/?q=Germany").content.decode()
    assert 'href="/ja/countries/DE/"' in page
    assert "ドイツ" in page


def test_a_search_asks_few_questions_of_the_database(registry, client, django_assert_max_num_queries):
    client.get("/search.json?q=japan")
    with django_assert_max_num_queries(18):
        client.get("/search.json?q=japan")

"""The index: true to one version, never in a reader's way, and nothing in it that is not public."""

import threading
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import QueryDict

from eccp.listing import middleware
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.question import Question
from eccp.listing.snapshot import Snapshot
from eccp.listing.verify import differences
from eccp.listing.versions import StaleError, data_version, one_version
from tests.factories import (
    AgreementFactory,
    CountryFactory,
    IndicatorFactory,
    ObservationFactory,
    OrganisationFactory,
    PartnershipFactory,
    PolicyMeasureFactory,
    SectorFactory,
)
from tests.listing.reading import csv_rows

TODAY = date(2026, 11, 22)
pytestmark = pytest.mark.django_db


@pytest.fixture
def nothing_held():
    """A process that has answered nothing yet: a day asked about before is answered from what was kept."""
    index.forget_everything()


def test_a_change_is_seen_at_the_next_question(client):
    before = client.get("/partnerships.json").json()["count"]
    made = PartnershipFactory(name="Xylophone makers")
    assert client.get("/partnerships.json").json()["count"] == before + 1
    made.name = "Zither makers"
    made.save()
    assert client.get("/partnerships.json?q=xylophone").json()["count"] == 0
    assert client.get("/partnerships.json?q=zither").json()["count"] == 1


def test_rows_first_read_for_a_japanese_page_are_those_of_the_files(registry, client, nothing_held):
    client.get("/ja/organisations/")
    row, *_others = csv_rows(client, "/organisations.csv")
    assert row["url"] == f"{settings.SITE_URL}/organisations/{row['id']}/"


@pytest.mark.parametrize("name", ["partnerships", "organisations"])
def test_a_snapshot_that_was_overtaken_gives_no_mixture(registry, nothing_held, name):
    snapshot = index.snapshot(LISTINGS[name])
    question = Question(snapshot, QueryDict("sector=health"), TODAY)
    SectorFactory()
    assert question.count == len(snapshot.facet("sector", TODAY)["health"])
    with pytest.raises(StaleError):
        snapshot.facet("eu", TODAY)


def test_an_answer_that_the_data_overtakes_is_asked_again(registry, nothing_held, rf, monkeypatch):
    asked = []

    def view(request):
        asked.append(data_version())
        snapshot = index.snapshot(LISTINGS["partnerships"])
        if len(asked) < 3:
            SectorFactory()
        return len(snapshot.facet("eu", TODAY))

    answered = middleware.OneVersionMiddleware(None).process_view(rf.get("/partnerships/"), view, (), {})
    assert len(asked) == 3
    assert answered > 1
    with one_version():
        SectorFactory()
        index.forget_everything()
        with pytest.raises(StaleError):
            index.snapshot(LISTINGS["agreements"])


def test_a_reader_is_asked_to_come_back_only_when_the_data_never_rests(rf, db):
    def view(request):
        raise StaleError

    response = middleware.OneVersionMiddleware(None).process_view(rf.get("/"), view, (), {})
    assert (response.status_code, response["Retry-After"]) == (503, "2")


@pytest.mark.django_db(transaction=True)
def test_building_a_list_holds_no_reader_of_another_and_no_writer_up(monkeypatch, registry):
    """While one list is being built another is read, and a curator saves."""
    countries, sectors = LISTINGS["countries"], LISTINGS["sectors"]
    index.snapshot(countries)
    is_building, may_go_on = threading.Event(), threading.Event()
    queryset = sectors.get_queryset()

    def slow():
        is_building.set()
        assert may_go_on.wait(30)
        return queryset

    monkeypatch.setattr(sectors, "get_queryset", slow)
    index.forget_everything()
    built = []

    def build():
        try:
            built.append(index.snapshot(sectors))
        finally:
            connection.close()

    builder = threading.Thread(target=build)
    builder.start()
    try:
        assert is_building.wait(30)
        assert len(index.snapshot(countries))
        made = SectorFactory(slug="made-meanwhile")
    finally:
        may_go_on.set()
        builder.join(30)
    assert built[0].find(made.slug) is None
    monkeypatch.undo()
    assert index.snapshot(sectors).find(made.slug) is not None


@pytest.mark.django_db(transaction=True)
def test_what_is_published_while_the_index_is_verified_is_no_difference(monkeypatch, registry):
    sectors, facet, meanwhile = LISTINGS["sectors"], Snapshot.facet, []

    def save():
        try:
            meanwhile.append(SectorFactory())
        finally:
            connection.close()

    def facet_while_somebody_saves(snapshot, name, on):
        if not meanwhile:
            saver = threading.Thread(target=save)
            saver.start()
            saver.join(30)
        return facet(snapshot, name, on)

    monkeypatch.setattr(Snapshot, "facet", facet_while_somebody_saves)
    assert [str(difference) for difference in differences(sectors, TODAY)] == []
    assert index.snapshot(sectors).find(meanwhile[0].slug) is not None


def test_the_facts_of_a_draft_are_hidden_with_its_name(registry, client):
    only_here = CountryFactory(slug="QQ", name="Nowhere else")
    draft = OrganisationFactory(publication_status="draft", countries=[only_here])
    consortium = OrganisationFactory(kind="consortium")
    consortium.memberships.create(member=draft)
    PartnershipFactory(slug="with-a-draft", european=[draft, consortium])
    agreement = AgreementFactory(slug="with-a-draft", parties=[draft, consortium])
    for address in ("partnerships", "agreements", "organisations"):
        assert client.get(f"/{address}.json?country=QQ").json()["count"] == 0, address
    for row in (
        client.get("/partnerships/with-a-draft.json").json()["european_countries"],
        client.get(f"/agreements/{agreement.slug}.json").json()["countries"],
        client.get(f"/organisations/{consortium.slug}.json").json()["countries"],
    ):
        assert row == []
    assert client.get("/partnerships.json?european_country=QQ").json()["count"] == 0


def test_an_odd_day_breaks_no_list(client):
    PartnershipFactory(slug="odd").__class__.objects.filter(slug="odd").update(verified_on=date(1000, 1, 1))
    AgreementFactory(slug="long", signed="2999", duration_months=1200)
    assert client.get("/partnerships.csv").status_code == 200
    (row,) = [row for row in csv_rows(client, "/agreements.csv?columns=id,ends") if row["id"] == "long"]
    assert row["ends"] == "3099-12-31"


def test_orders_of_many_days_do_not_pile_up(registry, client, nothing_held):
    for day in range(1, 20):
        assert client.get(f"/agreements/?sort=status&as_of=2018-01-{day:02}").status_code == 200
    snapshot = index.snapshot(LISTINGS["agreements"])
    assert 0 < sum(key[0] == "order" and key[-1] is not None for key in snapshot._kept) < 10


def test_an_unknown_status_sorts_last_and_can_be_asked_for(client):
    partnership = PartnershipFactory(slug="two-agreements")
    AgreementFactory(slug="undated", partnership=partnership)
    AgreementFactory(slug="dated", partnership=partnership, signed="2010", duration_months=120)
    for sort in ("status", "-status"):
        rows = csv_rows(client, f"/agreements.csv?as_of=2012-01-01&sort={sort}&columns=status")
        words = [row["status"] for row in rows]
        assert words[-words.count("unknown") :] == ["unknown"] * words.count("unknown")
    for status in ("unknown", "in_force"):
        rows = csv_rows(client, f"/partnerships.csv?as_of=2012-01-01&agreement_status={status}")
        assert "two-agreements" in {row["id"] for row in rows}, status


@pytest.mark.parametrize("address", ["/partnerships/a%00b/", "/partnerships/a%00b.json", "/citations/%00/"])
def test_a_nul_byte_in_an_address_is_nothing_that_exists(registry, client, address):
    assert client.get(address).status_code == 404


def test_old_ids_lead_on_for_parts_and_inside_the_word_record(registry, client):
    indicator = IndicatorFactory(slug="before")
    ObservationFactory(indicator=indicator, key="2013")
    indicator.slug = "after"
    indicator.save()
    assert client.get("/observations/before.2013/")["Location"] == "/observations/after.2013/"
    assert client.get("/observations/before.2013.json")["Location"] == "/observations/after.2013.json"
    assert client.get("/citations/?record=before")["Location"] == "/citations/?record=after"
    assert client.get("/citations.json?record=partnership:life-science-nord-kobe").json()["count"] > 0


def test_a_page_beyond_any_end_is_not_found(registry, client):
    assert client.get("/partnerships/?page=100000001").status_code == 404
    assert client.get("/partnerships/?columns=,").status_code == 400


def test_values_of_the_same_name_are_told_apart_by_their_code(registry, client):
    facets = {facet.name: facet for facet in client.get("/partnerships/").context["question"].facets}
    labels = [value.label for value in facets["european_region"].values]
    assert {"Hamburg (DE6)", "Hamburg (DE60)"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_the_names_of_a_record_stand_in_one_order_in_every_process(db, nothing_held):
    CountryFactory(slug="XN", name="Land", name_fr="Terre", name_de="Erde", name_ja="地")
    assert list(index.directory().of("country")["XN"].translations) == ["fr", "de", "ja"]


@pytest.mark.parametrize(
    ("name", "word"), [("partnerships", "agreement_status"), ("agreements", "status"), ("measures", "status")]
)
def test_the_index_knows_every_status_on_every_day_on_which_one_turns(registry, nothing_held, name, word):
    listing = LISTINGS[name]
    partnership, measure = PartnershipFactory(), PolicyMeasureFactory(verified_on=date(2016, 2, 29))
    for signed in ("2010", "2010-06", "2015", "2019"):
        AgreementFactory(partnership=partnership, signed=signed, duration_months=24)
    measure.steps.create(key="start", step="started", on="2012-03")
    asked = listing.filterset_class.base_filters[word]
    kept = index.snapshot(listing)
    for record in (partnership, *partnership.agreements.all(), measure):
        record.save()
    read_anew = index.snapshot(listing)
    assert not kept.fresh
    assert read_anew.fresh

    def among(field):
        return Q(**{f"{field}__in": list(kept.segment.keys)})

    turns = {day for _row, _own, day, _code in asked.turns(among)} - {date.min}
    assert len(turns) > 10
    for day in {turn + timedelta(days=later) for turn in turns for later in (-1, 0)}:
        found: dict[str, set[int]] = {}
        for key, code in asked.pairs(kept.queryset, day):
            found.setdefault(code, set()).add(key)
        has_any = set().union(*found.values())
        found["unknown"] = found.get("unknown", set()) | ({kept.key(at) for at in kept.all} - has_any)
        for snapshot in (kept, read_anew):
            told = {code: set(map(snapshot.key, places)) for code, places in snapshot.facet(word, day).items()}
            assert told == {"unknown": set()} | found

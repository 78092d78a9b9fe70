"""The paper of 2018 is in the registry: its counts come out, its contradictions stand in the open."""

import datetime
import re

import pytest
from django.conf import settings
from django.core.management import call_command

from eccp.portal.reproduction import evaluate, reproduce
from eccp.records import coverage, papers
from eccp.records.models import QUOTE_LIMIT, Citation, Record
from eccp.records.vocabulary import Rank
from tests.listing.reading import csv_rows, page_ids

FOLDER = settings.BASE_DIR / "fixtures" / "japan-2018"
TODAY = datetime.date(2026, 11, 22)
RIT = "programme=jetro-rit"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("country=DE", 5),
        ("country=FR", 2),
        ("country=GB", 1),
        ("european_country=DE&partner_country=JP", 5),
        ("eu=true&as_of=2018-12-01", 8),
        ("eu=true&as_of=2026-11-22", 7),
        ("country=DE&country=FR", 7),
        ("agreement=none", 1),
        ("stage=dormant", 1),
    ],
)
def test_the_partnerships_of_jetro_rit_are_counted_alike_on_page_and_in_files(client, query, count):
    ids = page_ids(client, "partnerships", f"{RIT}&{query}")
    assert len(ids) == count
    assert [row["id"] for row in csv_rows(client, f"/partnerships.csv?{RIT}&{query}")] == ids
    answer = client.get(f"/partnerships.json?{RIT}&{query}").json()
    assert (answer["count"], [row["id"] for row in answer["results"]]) == (count, ids)


def test_a_programme_counts_for_a_partnership_through_its_consortium_and_its_child_programmes(client):
    names = {row["id"] for row in csv_rows(client, "/partnerships.csv?programme=cosme")}
    assert {"eu-textile-2030-japan", "wiintech-2020-japan"} <= names
    assert len(names) == len(page_ids(client, "partnerships", "programme=escp-4i"))


def test_what_the_paper_prints_comes_out_or_says_why_not():
    results = {result.id: result for result in reproduce(FOLDER / "reproduce.yml", TODAY)}
    assert len(results) >= 80
    for name in ("rit-2016-germany", "rit-2016-france", "rit-2016-united-kingdom", "rit-2016-eu", "rit-2016-total",
                 "escp-4i-second-generation", "escp-4i-second-generation-strand-1",
                 "escp-4i-second-generation-strand-2", "good-practices"):  # fmt: skip
        assert results[name].agrees is True, results[name]
    disagreeing = {result.id for result in results.values() if result.agrees is False}
    assert {"rit-2016-first-total", "rit-2016-europe", "escp-4i-first-generation"} <= disagreeing
    assert not [result.id for result in results.values() if result.agrees is not True and not result.explanation]
    agreeing = [result for result in results.values() if result.agrees]
    assert len(agreeing) > 4 * len(disagreeing)


def test_the_command_prints_stated_and_computed(capsys):
    call_command("reproduce", "japan-2018")
    said = capsys.readouterr().out
    assert (
        "agree     rit-2016-germany (section 3.1, line 78): “five in Germany”\n          stated 5 · computed 5" in said
    )
    assert re.search(r"\d+ checks: \d+ agree, \d+ disagree, \d+ without a comparison\n$", said)


@pytest.mark.parametrize("formula", ["__import__('os')", "(1).real", "[1][0]", "1 if 1 else 2", "no-such:2013", "1 +"])
def test_a_formula_is_nothing_but_arithmetic_over_stored_values(formula):
    with pytest.raises((ValueError, LookupError, SyntaxError)):
        evaluate(formula)


def test_every_substantive_line_is_cited_or_has_a_reason():
    sections = coverage.coverage(FOLDER / "coverage.yml")
    assert [section.number for section in sections] == [
        "0", "1", "2", "2.1", "2.2", "3", "3.1", "3.2", "3.3", "4", "4.1", "4.2",
    ]  # fmt: skip
    assert {section.number: section.forgotten for section in sections if section.forgotten} == {}
    assert sum(len(section.cited) for section in sections) > 150
    assert all(row.reason for section in sections for row in section.uncited)


def test_every_published_fact_that_the_paper_states_has_a_citation():
    """Every record of the paper is cited at least for its name or kind; reference data needs no citation."""
    own = {
        record["slug"]
        for path in papers.files(FOLDER)
        for model, record in papers.read(path)
        if model._meta.label not in ("records.Source",) and "extends" not in record
    }
    bare = Record.objects.published().filter(slug__in=own, citations=None).exclude(record_kind="source")
    assert not [str(record) for record in bare]


def test_every_citation_points_at_something_the_record_has():
    for citation in Citation.objects.select_related("record"):
        model = type(citation.record).objects.model
        part, _, key = citation.field.partition(".")
        child = getattr(citation.record, f"as_{citation.record.record_kind}")
        assert hasattr(child, part), f"{citation.key}: {model} has no {citation.field}"
        if key:
            rows = getattr(child, part).all()
            keys = {getattr(row, "key", None) or _named(row) for row in rows}
            assert key in keys, f"{citation.key}: {sorted(map(str, keys))}"


def _named(row):
    return next(
        getattr(row, name).slug for name in ("organisation", "member", "area", "programme") if hasattr(row, name)
    )


def test_contradictions_stand_in_the_open(client):
    rejected = csv_rows(client, "/citations.csv?rank=rejected")
    assert len(rejected) > 20
    assert all(row["reason"] for row in rejected)
    stated = {(row["field"], row["stated_value"]) for row in rejected}
    assert ("stated_countries", "SP") in stated
    assert ("stated_countries", "LIT") in stated
    assert Citation.objects.filter(rank=Rank.ALTERNATIVE).count() > 50


@pytest.mark.parametrize(
    ("spelling", "slug"),
    [
        ("Yozenawa", "yonezawa-joint-committee"),
        ("BioXclusters+", "bioxclusters-plus"),
        ("bioXclusters plus", "bioxclusters-plus"),
        ("EU4SPORTSCLUSTRERSALL", "eu4sportsclusters-all"),
        ("EU-TEXTIL2030", "eu-textile-2030"),
        ("LaserGo Global", "lasergo-global"),
        ("Life Sciences Nord", "life-science-nord"),
        ("ＪＥＴＲＯ", "jetro"),
        ("Hanwha Q Sells", "hanwha-q-cells-japan"),
    ],
)
def test_every_spelling_of_the_paper_finds_the_organisation(client, spelling, slug):
    found = client.get("/organisations.json", {"q": spelling, "per_page": 200, "columns": "id"}).json()["results"]
    assert slug in [row["id"] for row in found]


def test_no_person_is_named_and_no_quote_is_long():
    people = re.compile(r"farace|hauck|gudin|habeck|hyslop|pattinson|fadil|@", re.IGNORECASE)
    for path in sorted(FOLDER.iterdir()):
        assert not people.search(path.read_text(encoding="utf-8")), path.name
    assert all(len(quote) <= QUOTE_LIMIT for quote in Citation.objects.values_list("quote", flat=True))


def test_no_fact_was_checked_on_the_day_of_loading():
    own = Record.objects.filter(citations__source__slug="eccp-japan-2018").exclude(verified_on=None)
    facts = own.filter(record_kind__in=["partnership", "agreement", "activity", "indicator", "organisation"])
    assert facts.exists()
    assert not facts.filter(verified_on__gt=datetime.date(2018, 12, 31)).exists()

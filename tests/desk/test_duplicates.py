"""Likely duplicates: found in whatever spelling, each a click away from the page on which two become one."""

import pytest
from django.urls import reverse

from eccp.desk import duplicates as finding
from eccp.desk.duplicates import address_key, duplicates, name_key
from eccp.desk.items import ITEMS
from eccp.records.models import Record
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hyōgo Prefecture", "Hyogo prefecture"),
        ("Hyōgo", "Hyougo"),
        ("Cluster Kōbe", "Cluster Koobe"),
        ("Zürich Cluster", "Zurich Cluster"),
        ("Zürich Cluster", "Zuerich-Cluster"),
        ("Bio+ Cluster", "Bio plus Cluster"),
        ("Food & Health", "Food and Health"),
        ("Intelligent Energy e.V.", "Intelligent Energy"),
        ("ＫＯＢＥ　Cluster", "Kobe Cluster"),
        ("Łódź Cluster", "Lodz cluster"),
    ],
)
def test_spellings_of_one_name_are_one(one, other):
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Kobe Cluster", "Kyoto Cluster"), ("ハート", "バード"), ("BioM", "BioN")])
def test_other_names_are_others(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["HC", "e.V.", "+", "兵"])
def test_too_little_tells_nothing(name):
    assert name_key(name) == "" or len(name_key(name)) >= 4


def test_a_web_address_is_one_however_it_is_written():
    keys = {address_key(f"{start}Example.EU{end}") for start in ("http://", "https://www.") for end in ("", "/")}
    assert keys == {"example.eu"}
    assert address_key("https://example.eu/a") != address_key("https://example.eu/b")
    assert address_key("") == ""


def test_records_of_one_kind_are_found_by_name_alias_and_address(django_assert_max_num_queries):
    first = factories.OrganisationFactory(name="Umlaut Zürich Verein", website="https://www.zv.example.ch/")
    by_name = factories.OrganisationFactory(name="umlaut zuerich verein", publication_status="draft")
    by_address = factories.OrganisationFactory(website="http://zv.example.ch")
    by_alias = factories.OrganisationFactory()
    by_alias.aliases.create(name="Umlaut Zurich Verein")
    another_kind = factories.ProgrammeFactory(name="Umlaut Zürich Verein")
    gone = factories.OrganisationFactory(
        name="Umlaut Zürich Verein", publication_status="withdrawn", withdrawn_on="2026-01-01",
        withdrawal_reason="Gone.",
    )  # fmt: skip
    with django_assert_max_num_queries(12):
        found = duplicates()
    assert {pk: found[pk].of for pk in (by_name.pk, by_address.pk, by_alias.pk)} == dict.fromkeys(
        (by_name.pk, by_address.pk, by_alias.pk), first.pk
    )
    assert not {first.pk, another_kind.pk, gone.pk} & set(found)
    assert "zv.example.ch" in ITEMS["duplicates"].whys([by_address], None)[by_address.pk]


def test_what_is_public_is_kept_rather_than_an_older_draft():
    draft = factories.OrganisationFactory(name="Kept Or Not", publication_status="draft")
    public = factories.OrganisationFactory(name="kept or not")
    assert duplicates()[draft.pk].of == public.pk


def test_a_duplicate_waits_on_the_desk_until_it_is_merged(admin_page):
    first = factories.OrganisationFactory(slug="first", name="One And The Same")
    second = factories.OrganisationFactory(slug="second", name="One and the Same")
    listed = admin_page.get(reverse("admin:desk-list", args=["duplicates"]), {"kind": "organisation"})
    [line] = [line for line in listed.context["lines"] if line.title == second.name]
    assert line.url == f"/admin/reference/organisation/{first.pk}/merge/?with=second"
    read = {"seen": admin_page.get(line.url).context["form"].fields["seen"].initial}
    answer = admin_page.post(line.url, read | {"name": "winner", "reason": "Both entries mean the same body."})
    assert answer.status_code == 302
    assert second.pk not in duplicates()
    assert not Record.objects.published().filter(pk=second.pk).exists()


def test_a_long_list_is_cut(monkeypatch):
    monkeypatch.setattr(finding, "MOST", 1)
    finding._duplicates.cache_clear()
    for _each in range(3):
        factories.OrganisationFactory(name="The Very Same Name")
    assert len(duplicates()) == 1
    finding._duplicates.cache_clear()

"""The pages of records: what they count and cite can be looked up, and they ask for no more than they show."""

import re
from html import unescape

import pytest

from eccp.listing.listings import LISTINGS
from eccp.listing.views import today
from tests.factories import (
    AgreementFactory,
    CitationFactory,
    CountryFactory,
    ObservationFactory,
    OrganisationFactory,
    PartnershipFactory,
    SectorFactory,
)
from tests.listing.reading import csv_rows

pytestmark = pytest.mark.django_db

#: The busiest page of each list in the paper's own data, and the questions it may ask: a row of a table is never one.
BUSIEST = {
    "/organisations/automotive-bw/": 6,
    "/sectors/biomass/": 11,
    "/countries/JP/": 10,
    "/regions/FRK/": 6,
    "/programmes/escp-4i/": 17,
    "/indicators/pharmaceutical-market-jp/": 7,
    "/observations/energy-self-sufficiency-jp.2010/": 10,
    "/measures/smart-meter-roll-out/": 6,
    "/partnerships/life-science-nord-kobe/": 21,
    "/agreements/france-japan-technical-textiles-moc-2018/": 6,
    "/activities/bio-europe-matchmaking-2016/": 6,
    "/participations/jetro-rit-2016-yonezawa-organic-electronics-saxony/": 4,
    "/sources/yonezawa-joint-committee-website/": 6,
    "/citations/activity.aeromart-nagoya-2017.countries.1/": 3,
}


@pytest.mark.parametrize("address", BUSIEST)
def test_the_page_of_a_record_asks_few_questions(registry, client, address, django_assert_max_num_queries):
    assert client.get(address).status_code == 200  # the lists it reads are held from here on
    with django_assert_max_num_queries(BUSIEST[address]):
        client.get(address)


@pytest.mark.parametrize("address", BUSIEST)
def test_the_statements_counted_of_a_record_are_those_of_the_list_they_lead_to(registry, client, address):
    page = client.get(address).content.decode()
    counted = re.search(r"<dt>Statements cited</dt><dd>(\d+)[^<]*<a href=\"([^\"]+)", page)
    if counted:
        assert int(counted[1]) == client.get(unescape(counted[2])).context["question"].count


def test_the_statements_of_what_belongs_to_a_record_are_counted_apart(client):
    partnership = PartnershipFactory(slug="kept-apart")
    CitationFactory.create_batch(2, record=partnership)
    CitationFactory.create_batch(3, record=AgreementFactory(partnership=partnership))
    page = client.get("/partnerships/kept-apart/").content.decode()
    (said,) = re.findall(r"<dt>Statements cited</dt><dd>(.*?)</dd>", page)
    assert re.sub("<[^>]+>", "", said) == "2 of this record (as a list), 3 of what belongs to it"


CITED = re.compile(r'id="citation-text">([^<]*)<')


@pytest.mark.parametrize("asked", ["", "?as_of=2018-12-01"])
@pytest.mark.parametrize("path", ["/countries/GB/", "/fr/countries/GB/", "/agreements/", "/observations/test.1/"])
def test_what_is_cited_is_what_stands_under_the_address_that_is_given(client, settings, path, asked):
    ObservationFactory(indicator__slug="test", key="1")
    (said,) = CITED.findall(client.get(f"{path}{asked}").content.decode())
    on = asked.partition("=")[2] or today().isoformat()
    assert f"{settings.SITE_URL}{path}?as_of={on} " in said


def test_a_value_of_an_indicator_is_told_and_cited_as_itself(client):
    ObservationFactory(indicator__slug="market", indicator__name="Market", key="1", period="2013-05")
    ObservationFactory(indicator__slug="undated", indicator__name="Rank", key="1", period=None)
    page = client.get("/observations/market.1/").content.decode()
    assert "<dt>Id</dt><dd><code>market.1</code></dd>" in page
    assert CITED.search(page)[1].startswith("ECCP Registry, “Market, May 2013”.")
    page = client.get("/observations/undated.1/").content.decode()
    assert CITED.search(page)[1].startswith("ECCP Registry, “Rank, period not known”.")


def test_pages_name_whom_a_fact_is_about_and_files_keep_its_field(client):
    organisation = OrganisationFactory(slug="org-slug", name="The Foundation")
    partnership = PartnershipFactory(slug="of-facts", european=[organisation])
    agreement = AgreementFactory(partnership=partnership, parties=[organisation])
    citation = CitationFactory(record=agreement, field="parties.org-slug")
    CitationFactory(record=partnership, field="participants.org-slug")
    page = client.get("/partnerships/of-facts/").content.decode()
    assert "Party: The Foundation<" in page
    assert "Participant: The Foundation<" in page
    assert "<h1>Party: The Foundation" in client.get(f"/citations/{citation.key}/").content.decode()
    of = f"?record={agreement.slug}&columns=field"
    assert "Party: The Foundation" in client.get(f"/citations/{of}").content.decode()
    assert "Vertragspartei: The Foundation" in client.get(f"/de/citations/{of}").content.decode()
    assert [row["field"] for row in csv_rows(client, f"/citations.csv{of}")] == ["parties.org-slug"]


@pytest.mark.parametrize("address", [*BUSIEST, "/countries/GB/", "/agreements/"])
def test_the_day_asked_for_goes_along_to_every_record_and_list(registry, client, address):
    """Else the next page would say what is so today, as if it belonged to the page before."""
    page = client.get(f"{address}?as_of=2018-12-01").content.decode()
    part = page[page.index("<tbody" if address.endswith("agreements/") else "<main") : page.index("</main>")]
    to_lists = re.compile(f'href="(/(?:{"|".join(LISTINGS)})/[^"]*)"')
    ways = [unescape(way) for way in to_lists.findall(part)]
    assert ways
    assert [way for way in ways if "as_of=2018-12-01" not in way] == []


def test_today_goes_without_saying(registry, client):
    assert b"?as_of" not in client.get(f"/countries/JP/?as_of={today()}").content.split(b"<main")[1].split(b"<aside")[0]


@pytest.mark.parametrize(
    ("factory", "is_reference"), [(CountryFactory, True), (SectorFactory, True), (PartnershipFactory, False)]
)
def test_only_reference_data_needs_no_source(client, factory, is_reference):
    page = client.get(factory().get_absolute_url()).content.decode()
    assert ("it is reference data of the registry itself" in page) is is_reference
    assert ("No source is cited for this record yet." in page) is not is_reference

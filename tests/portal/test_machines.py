"""What machines read: the sitemap, robots.txt, and records in the words of schema.org."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.portal import sitemap
from tests import factories
from tests.listing.lists import EVERY_LIST
from tests.listing.reading import body, json_rows

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
SITE = "http://127.0.0.1:8000"


def read(client, address):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml; charset=utf-8")
    return ET.fromstring(body(response))  # noqa: S314 - our own answer


def addresses(root):
    return [found.text for found in root.iter(f"{SITEMAP}loc")]


def linked(client, address):
    """The JSON-LD of a page."""
    page = client.get(address).content.decode()
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(block)


# ── sitemap ──


@EVERY_LIST
def test_the_sitemap_leads_to_every_record_and_to_nothing_else(registry, client, name):
    files = [address for address in addresses(read(client, "/sitemap.xml")) if f"/sitemap-{name}-" in address]
    found = [address for file in files for address in addresses(read(client, file))]
    rows = [row["url"] for row in json_rows(client, f"/{name}.json?per_page=200&columns=url&sort=id")]
    assert found[0] == f"{SITE}/{name}/"
    assert [address for address in found if address.startswith(f"{SITE}/{name}/")][1:] == rows
    for address in [*found[:6], *found[-2:]]:
        assert client.get(address).status_code == 200


def test_each_page_names_itself_and_its_translations(registry, client):
    (entry,) = [
        entry
        for entry in read(client, "/sitemap-countries-1.xml")
        if entry.find(f"{SITEMAP}loc").text == f"{SITE}/countries/JP/"
    ]
    links = {link.get("hreflang"): link.get("href") for link in entry.findall(LINK)}
    assert links == {"en": f"{SITE}/countries/JP/"} | {
        code: f"{SITE}/{code}/countries/JP/" for code in ("ja", "fr", "de")
    }
    assert datetime.fromisoformat(entry.find(f"{SITEMAP}lastmod").text).tzinfo


def test_pages_besides_the_lists_are_in_the_sitemap_once(registry, client):
    found = [address for file in addresses(read(client, "/sitemap.xml")) for address in addresses(read(client, file))]
    assert len(set(found)) == len(found)
    assert {f"{SITE}/", f"{SITE}/api/", f"{SITE}/data-dictionary/"} <= set(found)


def test_a_long_list_fills_several_files(registry, client, monkeypatch):
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 100)
    count = len(index.snapshot(LISTINGS["countries"]).ids)
    files = [address for address in addresses(read(client, "/sitemap.xml")) if "/sitemap-countries-" in address]
    assert len(files) == -(-count // 100) > 1
    assert sum(len(addresses(read(client, file))) for file in files) == count + 1
    assert client.get(f"/sitemap-countries-{len(files) + 1}.xml").status_code == 404


@pytest.mark.parametrize("address", ["/sitemap-countries-0.xml", "/sitemap-countries-2.xml", "/sitemap-nothing-1.xml"])
def test_there_are_no_other_files(registry, client, address):
    assert client.get(address).status_code == 404


def test_nothing_that_is_not_public_is_in_the_sitemap(client):
    for status in ("draft", "in_review"):
        factories.PartnershipFactory(slug=f"hidden-{status}".replace("_", "-"), publication_status=status)
    gone = factories.PartnershipFactory(
        publication_status="withdrawn", withdrawn_on="2026-01-01", withdrawal_reason="A mistake."
    )
    found = body(client.get("/sitemap-partnerships-1.xml")).decode()
    assert "hidden" not in found
    assert f"/{gone.slug}/" not in found


def test_robots_are_told_where_the_sitemap_is_and_kept_from_what_is_endless(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    assert {"User-agent: *", "Disallow: /admin/", "Disallow: /*?"} <= set(lines)


# ── schema.org ──


@EVERY_LIST
def test_every_kind_of_record_says_what_it_is_in_the_words_of_schema_org(registry, client, name):
    listing = LISTINGS[name]
    for row_id in index.snapshot(listing).ids[:3]:
        data = linked(client, f"/{name}/{row_id}/")
        assert data["@context"] == "https://schema.org"
        assert data["@type"] == listing.schema_type
        assert data["@id"] == data["url"] == f"{SITE}/{name}/{row_id}/"
        assert data["name"]
        assert data["mainEntityOfPage"]["isPartOf"]["url"] == f"{SITE}/{name}/"
        assert linked(client, f"/ja/{name}/{row_id}/") == data
    assert set(listing.schema.values()) <= {column.name for column in listing.columns}


def test_text_cannot_break_out_of_the_data_block(client):
    name = "</script><script>alert(1)</script> & <!-- \u2028"
    factories.OrganisationFactory(slug="breaker", name=name)
    page = client.get("/organisations/breaker/").content.decode()
    assert "<script>alert" not in page
    assert linked(client, "/organisations/breaker/")["name"] == name


def test_facts_come_from_the_columns_and_the_unknown_is_left_out(client):
    source = factories.SourceFactory(
        name="A paper", publisher="ECCP", dated="2018-12", document_url="https://example.org/a"
    )
    source.aliases.create(name="The paper")
    source.aliases.create(name="The papre", kind="misprint")
    data = linked(client, f"/sources/{source.slug}/")
    assert (data["publisher"], data["datePublished"], data["sameAs"]) == ("ECCP", "2018-12", "https://example.org/a")
    assert data["alternateName"] == ["The paper"]
    assert "publisher" not in linked(client, f"/sources/{factories.SourceFactory().slug}/")

"""The Atom feed of any list: the newest change first, with names that last."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from eccp.listing.feeds import MOST_ENTRIES
from eccp.listing.listings import LISTINGS
from eccp.records import version
from eccp.records.models import Record
from tests import factories
from tests.listing.lists import EVERY_LIST
from tests.listing.reading import json_rows

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
THEN = datetime(2020, 5, 1, 12, tzinfo=UTC)


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.content[:300]
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(response.content)  # noqa: S314 - our own answer


def entries(feed):
    return feed.findall(f"{ATOM}entry")


def ids(feed):
    return [entry.find(f"{ATOM}id").text for entry in entries(feed)]


def changed(record, at):
    Record.objects.filter(pk=record.pk).update(changed_at=at)
    version.bump()


@EVERY_LIST
def test_a_feed_has_what_atom_asks_of_it(registry, client, name):
    feed = read(client, f"/{name}.atom")
    assert entries(feed)
    for part in (feed, *entries(feed)):
        assert part.find(f"{ATOM}id").text.startswith("tag:")
        assert part.find(f"{ATOM}title").text
        assert datetime.fromisoformat(part.find(f"{ATOM}updated").text).tzinfo
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "ECCP Registry"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"http://127.0.0.1:8000/{name}.atom", "alternate": f"http://127.0.0.1:8000/{name}/"}
    assert len(set(ids(feed))) == len(ids(feed))


@EVERY_LIST
def test_entries_are_rows_of_the_list_newest_change_first_and_at_most_fifty(registry, client, name):
    feed = read(client, f"/{name}.atom")
    rows = {row["url"] for row in json_rows(client, f"/{name}.json?per_page=200&columns=url")}
    found = [entry.find(f"{ATOM}link").get("href") for entry in entries(feed)]
    assert set(found) <= rows
    assert len(found) == min(len(rows), MOST_ENTRIES)
    updated = [entry.find(f"{ATOM}updated").text for entry in entries(feed)]
    assert updated == sorted(updated, reverse=True)
    assert feed.find(f"{ATOM}updated").text == updated[0]


@EVERY_LIST
def test_a_feed_takes_the_words_of_its_list_whatever_the_order(registry, client, name):
    listing = LISTINGS[name]
    query = urlencode({"q": "a", "sort": "-id", "columns": listing.columns[1].name, "as_of": "2018-12-01"})
    wanted = json_rows(client, f"/{name}.json?{query}&per_page=200")
    feed = read(client, f"/{name}.atom?{query}")
    assert len(entries(feed)) == min(len(wanted), MOST_ENTRIES)


def test_what_was_changed_last_comes_first_and_keeps_its_id(client):
    old, new = (factories.PartnershipFactory(name=f"Feedtest {n}", slug=f"feed-{n}") for n in "ab")
    changed(old, THEN)
    changed(new, THEN + timedelta(days=1))
    before = ids(read(client, "/partnerships.atom?q=feedtest"))
    assert before == ["tag:127.0.0.1,2026:partnerships/feed-b", "tag:127.0.0.1,2026:partnerships/feed-a"]
    changed(old, THEN + timedelta(days=2))
    feed = read(client, "/partnerships.atom?q=feedtest")
    assert ids(feed) == before[::-1]
    assert feed.find(f"{ATOM}updated").text == "2020-05-03T12:00:00+00:00"


def test_a_part_changes_when_its_record_does(client):
    observation = factories.ObservationFactory(indicator__name="Feedtest indicator")
    citation = factories.CitationFactory(record=factories.PartnershipFactory(name="Feedtest partnership"))
    changed(observation.indicator, THEN)
    changed(citation.record, THEN)
    for name in ("observations", "citations"):
        (entry,) = entries(read(client, f"/{name}.atom?q=feedtest"))
        assert entry.find(f"{ATOM}updated").text == "2020-05-01T12:00:00+00:00"


def test_text_is_escaped_once_for_xml_and_once_for_html(client):
    factories.PartnershipFactory(name="Feedtest <b>A & B</b> \u0007 end")
    (entry,) = entries(read(client, "/partnerships.atom?q=feedtest"))
    assert entry.find(f"{ATOM}title").text == "Feedtest <b>A & B</b> end"
    summary = entry.find(f"{ATOM}summary")
    assert summary.get("type") == "html"
    assert "Feedtest &lt;b&gt;A &amp; B&lt;/b&gt; end" in summary.text


def test_a_draft_is_in_no_feed(client):
    factories.PartnershipFactory(name="Feedtest shown")
    draft = factories.PartnershipFactory(name="Feedtest draft", publication_status="draft")
    factories.CitationFactory(record=draft, stated_value="feedtest")
    assert len(entries(read(client, "/partnerships.atom?q=feedtest"))) == 1
    assert not entries(read(client, "/citations.atom?q=feedtest"))


def test_a_feed_without_entries_says_when_the_data_last_changed(client):
    factories.PartnershipFactory()
    feed = read(client, "/partnerships.atom?q=nothinglikethis")
    assert not entries(feed)
    assert (
        feed.find(f"{ATOM}updated").text
        == read(client, "/partnerships.atom?q=nothinglikethat").find(f"{ATOM}updated").text
    )


@pytest.mark.parametrize("query", ["page=1", "per_page=5", "bom=0", "nonsense=1", "as_of=soon", "sort=nonsense"])
@EVERY_LIST
def test_a_bad_question_is_answered_in_plain_text(registry, client, name, query):
    response = client.get(f"/{name}.atom?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith(query.partition("=")[0] + ": ")


def test_the_list_page_links_its_feed(registry, client):
    assert client.get("/partnerships/?q=a&sort=title").context["feed_url"] == "/partnerships.atom?q=a&sort=title"


def test_what_xml_cannot_hold_is_left_out_of_what_a_feed_says_was_asked(registry, client):
    feed = read(client, "/citations.atom?q=wC%0B%1F&source=")
    assert "wC" in feed.find(f"{ATOM}subtitle").text

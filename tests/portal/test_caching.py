"""HTTP caching: an answer is named by its address, the data and the day, and an unchanged one is not made again."""

import datetime
import itertools
import re
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from eccp.portal.caching import freshness, seconds_left
from eccp.records.models import DataVersion
from tests.factories import PartnershipFactory
from tests.listing.reading import body

BRUSSELS = ZoneInfo("Europe/Brussels")
ADDRESSES = [
    "/", "/partnerships/", "/partnerships/?country=DE", "/ja/partnerships/", "/partnerships.csv", "/partnerships.json",
    "/partnerships/life-science-nord-kobe/", "/agreements.xlsx",
]  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unchanged_answer_is_not_made_again(client, address, django_assert_num_queries):
    etag = client.get(address)["ETag"]
    with django_assert_num_queries(1):
        response = client.get(address, headers={"If-None-Match": etag})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert "s-maxage" in response["Cache-Control"]


def test_a_browser_does_not_keep_where_a_name_led(client):
    record = PartnershipFactory(slug="first-name")
    for slug, before in (("second-name", "first-name"), ("first-name", "second-name")):
        record.slug = slug
        record.save()
        response = client.get(f"/partnerships/{before}/")
        assert (response.status_code, response["Location"]) == (301, f"/partnerships/{slug}/")
        assert response["Cache-Control"] == "no-cache"


def test_a_name_that_a_proxy_made_weak_is_still_known(client):
    etag = client.get("/partnerships/")["ETag"]
    response = client.get("/partnerships/", headers={"If-None-Match": f'"other", W/{etag}'})
    assert (response.status_code, response["ETag"]) == (304, etag)


def test_an_answer_is_not_held_to_be_unchanged_because_the_data_is(client):
    """It depends on the day and on the release too, of which a date of the data knows nothing."""
    since = client.get("/agreements/")["Last-Modified"]
    assert client.get("/agreements/", headers={"If-Modified-Since": since}).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_change_of_the_data_gives_every_answer_a_new_name(client, address):
    etag = client.get(address)["ETag"]
    PartnershipFactory()
    response = client.get(address, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert response["ETag"] != etag


def test_the_next_day_gives_every_answer_a_new_name(client, monkeypatch):
    etag = client.get("/agreements/")["ETag"]
    tomorrow = timezone.localtime() + datetime.timedelta(days=1)
    monkeypatch.setattr("eccp.portal.caching.timezone.localtime", lambda *args: tomorrow)
    assert client.get("/agreements/")["ETag"] != etag


def test_different_questions_languages_and_parts_of_a_page_have_different_names(client):
    partial = {"HX-Request": "true"}
    names = [
        client.get("/partnerships/")["ETag"],
        client.get("/partnerships/?stage=active")["ETag"],
        client.get("/ja/partnerships/")["ETag"],
        client.get("/partnerships/", headers=partial)["ETag"],
    ]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "address", ["/admin/login/", "/healthz", "/readyz", "/partnerships/?stage=nonsense", "/nowhere/"]
)
def test_what_is_private_or_wrong_is_not_kept(client, address):
    assert "public" not in client.get(address).get("Cache-Control", "")


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime.datetime(2026, 11, 22, 23, 59, 30, tzinfo=BRUSSELS), 30),
        (datetime.datetime(2026, 11, 22, 0, 0, tzinfo=BRUSSELS), 86400),
        (datetime.datetime(2026, 11, 22, 23, 59, 59, 900_000, tzinfo=BRUSSELS), 1),
    ],
)
def test_no_answer_of_today_outlives_the_day(now, seconds):
    assert seconds_left(now) == seconds


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime.datetime(2026, 11, 22, 12, 0, tzinfo=BRUSSELS), "s-maxage=60, stale-while-revalidate=30"),
        (datetime.datetime(2026, 11, 22, 23, 58, 50, tzinfo=BRUSSELS), "s-maxage=60, stale-while-revalidate=10"),
        (datetime.datetime(2026, 11, 22, 23, 59, 30, tzinfo=BRUSSELS), "s-maxage=30, stale-while-revalidate=0"),
    ],
)
def test_nor_while_a_proxy_asks_for_the_next_one(now, said):
    assert freshness(now) == f"public, max-age=0, {said}"


def test_an_answer_is_named_by_the_version_it_was_made_at(client, monkeypatch):
    """A change between the naming and the making must not give the old name to the new answer."""
    from eccp.portal import caching

    honest, stale = caching.data_version, caching.data_version()
    PartnershipFactory()
    monkeypatch.setattr(caching, "data_version", lambda: stale)
    overtaken = client.get("/partnerships/")
    monkeypatch.setattr(caching, "data_version", honest)
    assert overtaken["ETag"] == client.get("/partnerships/")["ETag"]
    assert overtaken["Cache-Tag"] == f"data-{DataVersion.objects.get().number}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_reader_gets_no_cookie_and_answers_vary_by_what_htmx_asks_alone(client, address):
    response = client.get(address)
    assert not response.cookies
    assert {part.strip() for part in response["Vary"].split(",")} == {"HX-Request", "HX-History-Restore-Request"}


@pytest.mark.parametrize("path", ["/partnerships/", "/partnerships.csv", "/partnerships.json"])
def test_no_order_of_a_question_is_taken_for_another_and_all_are_answered_alike(client, path):
    """A cache knows each order by its own address and name, so what one reader makes of it reaches nobody else."""
    values = ["country=DE", "stage=active", "sort=-started"]
    answers = [client.get(f"{path}?{'&'.join(order)}") for order in itertools.permutations(values)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer["ETag"] for answer in answers}) == len(answers)
    texts = [body(answer).decode() for answer in answers]
    if path.endswith("/"):
        assert len({re.search(r'<link rel="canonical" href="([^"]+)"', text)[1] for text in texts}) == 1
        assert len({tuple(re.findall(r'<a href="(/partnerships/[a-z0-9-]+/)"', text)) for text in texts}) == 1
    else:
        assert len({re.sub(r'"[^"]*\?[^"]*"', '""', text) for text in texts}) == 1  # but for addresses of its own

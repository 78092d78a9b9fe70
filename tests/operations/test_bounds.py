"""What one request and one client may ask at most: whoever asks for more is told so, and others do not wait."""

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory

from eccp.guard import limits
from eccp.operations.bounds import FilesMiddleware, as_utf8
from tests.listing.reading import body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_client_fetches_four_files_at_once_and_is_told_when_to_ask_again(client, settings, form):
    settings.FILES_PER_CLIENT, settings.FILES_PER_PROCESS = 4, 20
    address = f"/partnerships.{form}"
    running = [client.get(address) for _ in range(settings.FILES_PER_CLIENT)]
    assert {response.status_code for response in running} == {200}
    refused = client.get(address)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert refused["Cache-Control"] == "no-store"
    assert refused["Content-Type"].startswith("text/plain")
    assert client.get("/partnerships/").status_code == 200
    assert client.get(address, REMOTE_ADDR="192.0.2.5").status_code == 200
    body(running[0])
    assert client.get(address).status_code == 200


def test_a_process_gives_out_so_many_files_and_no_more(client, settings):
    settings.FILES_PER_PROCESS = 2
    browser = Client()
    running = [browser.get("/partnerships.csv", REMOTE_ADDR=f"192.0.2.{number}") for number in range(3)]
    assert [response.status_code for response in running] == [200, 200, 503]
    assert running[2]["Retry-After"]
    assert browser.get("/partnerships/").status_code == 200


def test_a_place_is_given_back_whatever_becomes_of_the_file(settings, rf):
    settings.FILES_PER_CLIENT, settings.FILES_PER_PROCESS = 4, 1

    def fails(request):
        raise RuntimeError

    middleware = FilesMiddleware(fails)
    for _try in range(6):
        with pytest.raises(RuntimeError):
            middleware(rf.get("/partnerships.csv"))
    for _try in range(6):
        Client().get("/partnerships.csv?stage=nonsense")
        Client().get("/nothing.csv")
    assert Client().get("/partnerships.csv").status_code == 200


def test_an_unchanged_file_takes_no_place(client, settings):
    settings.FILES_PER_CLIENT = 1
    etag = client.get("/partnerships.csv")["ETag"]
    assert client.get("/partnerships.csv", headers={"If-None-Match": etag}).status_code == 304


def test_a_question_of_too_many_values_is_refused_in_the_form_asked_for(client):
    query = "&".join(f"country={number}" for number in range(300))
    page, file, data = (client.get(f"/partnerships{end}?{query}") for end in ("/", ".csv", ".json"))
    assert {page.status_code, file.status_code, data.status_code} == {400}
    assert page["Content-Type"].startswith("text/html")
    said = "A question takes at most 200 values."
    assert said in page.content.decode()
    assert "no address may hold" not in page.content.decode()
    assert said in file.content.decode()
    assert data["Content-Type"] == "application/problem+json"
    assert (data.json()["title"], data.json()["detail"]) == ("Bad Request", said)


def test_and_in_the_language_of_the_page(client):
    page = client.get("/de/partnerships/?" + "&".join(["stage=active"] * 300))
    assert (page.status_code, page["Content-Language"]) == (400, "de")
    assert '<html lang="de">' in page.content.decode()


def test_nobody_sends_more_than_is_asked_for(client):
    for address, size in (("/partnerships/", 65 * 1024), ("/admin/login/", 12 * 1024 * 1024 + 1)):
        response = client.generic("POST", address, b"x", CONTENT_LENGTH=str(size))
        assert response.status_code == 413, address
    assert client.generic("POST", "/about/", b"x", CONTENT_LENGTH="-5").status_code == 413


@pytest.mark.parametrize("address", ["/partnerships/?page=999999999", "/partnerships.json?page=10000000"])
def test_a_page_past_the_end_is_not_counted_to(client, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        assert client.get(address).status_code == 404


def test_a_counter_starts_again_with_the_next_window():
    def wait(now):
        return limits.seconds_to_wait("test", "somebody", most=2, seconds=60, now=now)

    assert [wait(600), wait(601), wait(659), wait(660)] == [0, 0, 1, 0]
    assert limits.seconds_to_wait("test", "another", most=2, seconds=60, now=601) == 0


def test_what_a_killed_process_held_does_not_count_below_nothing():
    limits.give_back("test", "nobody")
    assert limits.take_slot("test", "nobody", most=1, seconds=60)


def test_while_the_cache_is_away_nobody_is_shut_out(client, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(cache, "add", away)
    monkeypatch.setattr(cache, "incr", away)
    for _file in range(12):
        response = client.get("/sources.csv")
        assert response.status_code == 200
        assert body(response)
    assert limits.seconds_to_wait("reports", "anybody", most=1, seconds=60, now=0.0) == 0


@pytest.mark.parametrize("charset", ["latin-1", "hex", "nonsense"])
def test_no_header_says_in_which_letters_a_question_is_read(charset):
    read = []
    site = as_utf8(lambda environ, start_response: read.append(WSGIRequest(environ).GET["q"]))
    asked = {"QUERY_STRING": "q=Z%C3%BCrich", "CONTENT_TYPE": f"text/plain; charset={charset}"}
    site(RequestFactory()._base_environ(**asked), None)
    assert read == ["Zürich"]

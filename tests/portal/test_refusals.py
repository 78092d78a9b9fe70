"""What a public address does not take, it refuses, and says so: what is sent to it, and words that are not its own."""

import pytest
from django.test import Client
from pytest_django.asserts import assertTemplateUsed

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from tests.addresses import public_addresses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.fixture
def machine():
    """What sends without having seen a form, and is told so where a form is wanted."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_public_address_is_only_read_but_the_form_for_reports(machine, method):
    """And does not ask for the token of a form, of which there is none."""
    ids = {name: index.snapshot(listing).ids[:1] for name, listing in LISTINGS.items()}
    for address in public_addresses(ids, languages=("", "ja/")):
        response = machine.generic(method, address)
        if address.endswith("/report/"):
            assert response.status_code == (400 if method == "POST" else 405), address
        else:
            assert (response.status_code, response["Allow"]) == (405, "GET, HEAD"), address


def test_what_is_not_there_is_not_there_for_who_sends_something_either(machine):
    assert machine.post("/nowhere/").status_code == 404


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_curators_form_that_is_not_ours_is_refused_with_what_to_do(machine, language):
    machine.cookies["language"] = language
    for address in ("/admin/login/", "/admin/language/"):
        response = machine.post(address, {"username": "somebody"})
        assert (response.status_code, response["Content-Language"]) == (403, language)
        assertTemplateUsed(response, "403_csrf.html")


def test_what_describes_a_file_refuses_as_json_does(client):
    response = client.get("/partnerships.csv-metadata.json?foo=1")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert "foo" in response.json()["errors"]


def pages_without_words():
    """Every public page that is no list, record, crosstab, search or form."""
    taking = (*(f"/{name}/" for name in LISTINGS), "/search/", "/report/", "/ja/")  # which leads to the English
    ids = {name: ["any"] for name in LISTINGS}
    pages = [address for address in public_addresses(ids, languages=("",)) if address.endswith("/")]
    return [address for address in pages if not address.startswith(taking) or address == "/report/thanks/"]


@pytest.mark.parametrize("word", ["as_of=2015-01-01", "x=1", "%E3%83%BB"])
def test_a_page_that_takes_no_words_says_so_of_any(client, word):
    pages = pages_without_words()
    assert {"/", "/about/", "/api/", "/api/schema/", "/data-dictionary/"} < set(pages)
    for address in pages:
        assert client.get(address).status_code == 200
        response = client.get(f"{address}?{word}")
        assert response.status_code == 400, address
        is_data = address == "/api/schema/"
        assert response["Content-Type"].startswith("application/problem+json" if is_data else "text/html")
        assert "takes no words" in response.content.decode()
        if not is_data:
            assert f'<a href="{address}">The page without these words</a>' in response.content.decode()


def test_a_page_that_takes_words_names_them_to_who_asks_with_others(client):
    for address, words in (("/report/", "list, record"), ("/search/", "q"), ("/search.json", "q")):
        response = client.get(f"{address}?foo=1")
        assert response.status_code == 400
        assert f"This address takes only {words}." in response.content.decode()
    said = client.get("/partnerships/life-science-nord-kobe/?foo=1").content.decode()
    assert "This address takes only as_of." in said
    assert "The page of a record takes one word only" in said
    assert "The page of a record" not in client.get("/report/?foo=1").content.decode()

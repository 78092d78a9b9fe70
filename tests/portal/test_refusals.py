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

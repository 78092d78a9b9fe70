"""How old what is shown is: pages say what the data says, and of which day they are only where that matters."""

import re

import pytest

from eccp.listing.columns import DayWord
from eccp.listing.listings import LISTINGS
from tests.factories import PartnershipFactory
from tests.listing.lists import EVERY_LIST

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


def age(client, address):
    """What a page says of the age of what it shows."""
    (said,) = re.findall(r'<p class="note is-age">(.*?)</p>', client.get(address).content.decode(), re.DOTALL)
    return said


@EVERY_LIST
def test_a_list_says_its_day_only_where_something_of_it_depends_on_one(client, name):
    listing = LISTINGS[name]
    assert ("depends on a day" in age(client, f"/{name}/?as_of=2018-12-01")) == listing.depends_on_day()
    assert listing.depends_on_day() or not any(isinstance(column, DayWord) for column in listing.columns)


def test_nothing_of_a_source_depends_on_a_day():
    assert not LISTINGS["sources"].depends_on_day()
    assert LISTINGS["agreements"].depends_on_day()


@pytest.mark.parametrize("address", ["/regions/JP-28/", "/countries/JP/", "/sectors/health/"])
def test_of_reference_data_it_is_said_what_was_checked(client, address):
    """Its names and codes: no source is cited for them, so none is said to have been checked that day."""
    assert "The name and codes were checked on 22 November 2026." in age(client, address)
    assert "Sources checked on" not in client.get(address).content.decode()


def test_of_a_record_of_several_sources_not_all_are_said_to_have_been_checked_on_its_day(client):
    said = age(client, "/partnerships/life-science-nord-kobe/")
    assert "A source of it was last checked on 21 November 2017." in said
    unchecked = PartnershipFactory(verified_on=None)
    assert "was last checked" not in age(client, unchecked.get_absolute_url())

"""The page of a partnership."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import CountryFactory, OrganisationFactory, PartnershipFactory

pytestmark = pytest.mark.django_db


def test_a_partnership_of_many_is_shown_with_as_few_questions_as_one_of_two(client):
    country = CountryFactory()

    def questions(taking_part):
        made = [OrganisationFactory(countries=[country]) for _number in range(taking_part)]
        shown = PartnershipFactory(european=made[1:], partner=made[:1])
        client.get(shown.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            page = client.get(shown.get_absolute_url()).content.decode()
        assert all(organisation.name in page for organisation in made)
        return len(asked)

    assert questions(6) == questions(2)


def test_what_is_not_public_is_not_named_beside_a_participant(client):
    shown = PartnershipFactory(european=[OrganisationFactory(countries=[CountryFactory(name="Utopia")])])
    country = shown.participants.get(side="european").organisation.countries.get()
    assert "Utopia" in client.get(shown.get_absolute_url()).content.decode()
    country.publication_status = "draft"
    country.save()
    assert "Utopia" not in client.get(shown.get_absolute_url()).content.decode()

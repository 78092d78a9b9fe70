"""A curator, a team, and what a browser would send from a page of the admin."""

import pytest
from django.contrib.auth import get_user_model

from tests.curation.conftest import anna, paul, team

__all__ = ["anna", "paul", "team"]


@pytest.fixture
def curator(registry):
    return get_user_model().objects.create_superuser("curator", "curator@example.eu", "correct horse battery")


@pytest.fixture
def admin_page(client, curator):
    """The admin as the curator sees it."""
    client.force_login(curator)
    return client

"""A team: somebody of each role."""

import pytest
from django.contrib.auth.models import Group, User


@pytest.fixture
def team(registry):
    """Makes somebody by role: ``team("curator")``, and a second one by another name."""

    def member(role, name=""):
        user = User.objects.create_user(
            name or role, f"{name or role}@example.eu", "correct horse battery", is_staff=True
        )
        user.groups.add(Group.objects.get(name=role))
        return user

    return member


@pytest.fixture
def anna(team):
    """A curator."""
    return team("curator", "anna")


@pytest.fixture
def paul(team):
    """A publisher."""
    return team("publisher", "paul")

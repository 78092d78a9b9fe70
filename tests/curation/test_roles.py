"""Roles: made by migrate, each with exactly its rights, whatever the database knew before."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from eccp.curation import roles
from eccp.curation.roles import PUBLISH

pytestmark = pytest.mark.usefixtures("registry")


@pytest.mark.parametrize(
    ("role", "edits", "publishes", "keeps_accounts"),
    [("curator", True, False, False), ("publisher", True, True, False), ("administrator", False, False, True)],
)
def test_each_role_may_do_what_it_is_for(team, role, edits, publishes, keeps_accounts):
    user = team(role)
    for right in ("reference.add_cluster", "partnerships.change_participant", "records.delete_citation"):
        assert user.has_perm(right) is edits
    assert user.has_perm(PUBLISH) is publishes
    assert user.has_perm("auth.add_user") is keeps_accounts
    assert user.has_perm("partnerships.view_partnership")
    assert not user.has_perm("auth.delete_user")


def test_a_fresh_database_gets_its_roles_and_a_changed_one_gets_them_back():
    Permission.objects.all().delete()
    Group.objects.get(name="curator").delete()
    stranger = User.objects.create_user("stranger")
    roles.make_roles()
    roles.make_roles()
    assert set(Group.objects.values_list("name", flat=True)) == {"curator", "publisher", "administrator"}
    for name, wanted in roles.permissions_by_role().items():
        granted = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in granted} == wanted
    assert not stranger.get_all_permissions()

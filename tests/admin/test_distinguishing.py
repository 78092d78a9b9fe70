"""A pair that looks alike and is two leaves the desk, with who, when and why, until a name changes; undoable."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from eccp.curation.actions import RefusedError
from eccp.curation.merging import distinctions
from eccp.curation.models import Distinction
from eccp.desk.duplicates import duplicates
from eccp.reference.models import Organisation
from tests import factories
from tests.admin.pages import address

pytestmark = pytest.mark.usefixtures("registry")

WHY = "One is the cluster, the other its owner."


@pytest.fixture
def pair():
    return [factories.OrganisationFactory(slug=slug, name="Alike Cluster") for slug in ("alike-a", "alike-b")]


def marked(pair, by=None):
    return distinctions.mark(one=pair[1], other=pair[0], by=by, at=timezone.now(), reason=WHY)


def test_a_curator_says_on_the_page_of_the_pair_that_it_is_two_and_takes_it_back(client, anna, pair):
    client.force_login(anna)
    merge = f"{address(pair[0], 'merge')}?with=alike-b"
    page = f"{address(pair[0], 'distinguish')}?with=alike-b"
    assert page in client.get(merge).content.decode()
    assert "Say why" in client.post(page, {"reason": "No."}).content.decode()
    answer = client.post(page, {"reason": WHY}, follow=True)
    said = Distinction.objects.get()
    assert (said.one_id, said.other_id, said.by, said.reason) == (pair[0].pk, pair[1].pk, anna, WHY)
    undo = f"/admin/curation/distinction/{said.pk}/undo/"
    html = answer.content.decode()
    assert undo in html
    assert WHY in html
    assert "anna" in html
    assert "Alike Cluster (alike-a) ≠ Alike Cluster (alike-b)" in html
    assert pair[1].pk not in duplicates()
    shown = client.get(merge).content.decode()
    assert WHY in shown  # who compares them all the same reads it
    assert undo in shown

    client.post(undo, {"reason": "They are one body after all."})
    assert duplicates()[pair[1].pk].of == pair[0].pk
    said.refresh_from_db()
    assert (said.undone_by, said.undo_reason) == (anna, "They are one body after all.")
    assert "They are one body after all." in client.get("/admin/curation/distinction/").content.decode()
    assert "taken back already" in client.post(undo, {"reason": "Once more, to be sure."}).content.decode()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("change", ["name", "native_name", "alias"])
def test_a_pair_waits_again_once_a_name_of_either_changes(pair, which, change):
    marked(pair)
    assert pair[1].pk not in duplicates()
    record = pair[which]
    if change == "alias":
        record.aliases.create(name="Alike")
    else:
        setattr(record, change, "ALIKE cluster")
        record.save()
    assert pair[1].pk in duplicates()
    marked(pair)  # said anew, of the names of today
    assert pair[1].pk not in duplicates()
    assert Distinction.objects.standing().count() == 1


def test_a_change_of_something_else_leaves_the_pair_apart(pair):
    marked(pair)
    pair[0].website = "https://example.eu/alike"
    pair[0].save()
    assert pair[1].pk not in duplicates()


def test_a_third_one_is_still_a_duplicate_of_the_next(pair):
    """A is not B; C may be either."""
    third = factories.OrganisationFactory(slug="alike-c", name="Alike Cluster")
    marked(pair)
    assert duplicates()[third.pk].of == pair[0].pk
    marked([pair[0], third])
    assert duplicates()[third.pk].of == pair[1].pk
    marked([pair[1], third])
    assert not {record.pk for record in (*pair, third)} & set(duplicates())


def test_a_pair_is_two_records_of_one_kind_and_is_said_once(pair):
    for other in (pair[0], factories.ProgrammeFactory()):
        with pytest.raises(RefusedError, match="two records of one kind"):
            marked([pair[0], other])
    marked(pair)
    with pytest.raises(RefusedError, match="already"):
        marked(pair)


@pytest.mark.parametrize(
    "broken",
    [{"turned": True}, {"reason": "No."}, {"undone_at": timezone.now()}, {"undo_reason": "It says why, and not when."}],
    ids=["turned round", "no reason", "undone without why", "why without when"],
)
def test_the_database_refuses_half_a_statement(pair, broken):
    broken = dict(broken)
    one, other = reversed(pair) if broken.pop("turned", False) else pair
    said = {"names": [], "at": timezone.now(), "reason": WHY} | broken
    with pytest.raises(IntegrityError), transaction.atomic():
        Distinction.objects.create(one_id=one.pk, other_id=other.pk, **said)


@pytest.mark.parametrize(("role", "may"), [("curator", True), ("publisher", True), ("administrator", False)])
def test_who_edits_records_tells_them_apart(client, team, pair, role, may):
    client.force_login(team(role))
    page = f"{address(pair[0], 'distinguish')}?with=alike-b"
    assert (page in client.get(f"{address(pair[0], 'merge')}?with=alike-b").content.decode()) is may
    assert client.post(page, {"reason": WHY}).status_code == (302 if may else 403)
    assert Distinction.objects.exists() is may
    if not may:
        said = marked(pair)
        assert client.post(f"/admin/curation/distinction/{said.pk}/undo/", {"reason": WHY}).status_code == 403
    assert client.get("/admin/curation/distinction/").status_code == 200


def test_nothing_of_it_reaches_the_public(client, pair):
    version = Organisation.objects.get(pk=pair[0].pk).version
    marked(pair)
    assert WHY not in client.get("/organisations/alike-a/").content.decode()
    assert Organisation.objects.get(pk=pair[0].pk).version == version

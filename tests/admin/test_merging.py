"""The pages of a merger: two records side by side, what would change, the word of a publisher, and the way back."""

import pytest

from eccp.curation.merging import acts
from eccp.curation.models import Merger
from eccp.reference.models import Country, Organisation
from tests import factories
from tests.admin.pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

WHY = "Both entries mean the same body."


@pytest.fixture
def both():
    countries = list(Country.objects.filter(slug__in=["JP", "ES"]).order_by("slug"))
    winner = factories.OrganisationFactory(
        slug="one", name="The One", website="https://one.example", countries=countries[:1]
    )
    loser = factories.OrganisationFactory(slug="other", name="The Other", kind="agency", countries=countries[1:])
    factories.PartnershipFactory(slug="its-partnership", name="Its partnership", partner=[loser])
    return winner, loser


def test_the_two_stand_side_by_side_with_what_would_change(admin_page, both):
    winner, loser = both
    assert "Merge with a duplicate" in admin_page.get(address(winner, "change")).content.decode()
    response = admin_page.get(address(winner, "merge"), {"with": "other"})
    form = response.context["form"]
    assert list(form.fields) == ["name", "kind", "website", "countries", "reason", "seen"]
    assert {name: field.initial for name, field in form.fields.items()} == {
        "name": "winner", "kind": "winner", "website": "winner", "countries": "both", "reason": None,
        "seen": f"{winner.version}.{loser.version}",
    }  # fmt: skip
    html = response.content.decode()
    assert "Besides the two, 1 record that names the duplicate will change." in html
    for text in ("The One", "The Other", "agency", "Japan", "Spain", "Its partnership"):
        assert text in html


def test_a_merger_is_made_told_and_undone(admin_page, both):
    winner, loser = both
    page = f"{address(winner, 'merge')}?with=other"
    chosen = {"name": "loser", "kind": "winner", "website": "winner", "countries": "both"}
    chosen["seen"] = admin_page.get(page).context["form"].fields["seen"].initial
    refused = admin_page.post(page, chosen | {"reason": "Same."})
    assert "Say why" in refused.content.decode()
    done = admin_page.post(page, chosen | {"reason": WHY}, follow=True)
    merger = Merger.objects.get()
    undo = f"/admin/curation/merger/{merger.pk}/undo/"
    assert undo in done.content.decode()
    assert Organisation.objects.get(pk=winner.pk).name == "The Other"
    shown = admin_page.get("/admin/curation/merger/").content.decode()
    assert undo in shown
    assert "The Other (other) → The Other (" in shown  # the name it took, the id it kept
    assert "3 records go back" in admin_page.get(undo).content.decode()
    admin_page.post(undo, {"reason": "They are two bodies after all."})
    assert Organisation.objects.get(pk=winner.pk).name == "The One"
    assert Organisation.objects.get(pk=loser.pk).is_published
    assert "undone already" in admin_page.get(undo).content.decode()


def test_what_stands_in_the_way_is_said_instead_of_a_button(admin_page, both, monkeypatch):
    winner, loser = both
    unknown = admin_page.get(address(winner, "merge"), {"with": "nobody"}).content.decode()
    assert "no other record of this kind" in unknown
    monkeypatch.setattr(acts, "MOST_TOUCHED", 0)
    assert "changes at most 0 records" in admin_page.get(address(winner, "merge"), {"with": "other"}).content.decode()
    draft = factories.OrganisationFactory(slug="unfinished", publication_status="draft")
    page = admin_page.get(address(draft, "merge"), {"with": "other"}).content.decode()
    assert "keep the public one" in page
    assert f"{address(loser, 'merge')}?with=unfinished" in page


def test_a_curator_may_compare_and_not_merge(client, anna, both):
    winner, loser = both
    client.force_login(anna)
    page = f"{address(winner, 'merge')}?with=other"
    shown = client.get(page)
    assert shown.status_code == 200
    assert 'value="Merge"' not in shown.content.decode()
    assert client.post(page, {"reason": WHY}).status_code == 403
    assert "Merge with a duplicate" not in client.get(address(winner, "change")).content.decode()
    merger = acts.merge(winner=winner, loser=loser, choices={}, by=None, at=winner.changed_at, reason=WHY)
    assert client.get(f"/admin/curation/merger/{merger.pk}/undo/").status_code == 403
    assert client.post(f"/admin/curation/merger/{merger.pk}/undo/", {"reason": WHY}).status_code == 403


def test_nobody_merges_what_was_typed_after_they_read_it(admin_page, both):
    winner, loser = both
    page = f"{address(winner, 'merge')}?with=other"
    seen = admin_page.get(page).context["form"].fields["seen"].initial
    Organisation.objects.filter(pk=loser.pk).update(version=loser.version + 1)
    chosen = {"name": "winner", "kind": "winner", "website": "winner", "countries": "both", "reason": WHY}
    answer = admin_page.post(page, chosen | {"seen": seen})
    assert "has changed since you opened this page" in answer.content.decode()
    assert not Merger.objects.exists()

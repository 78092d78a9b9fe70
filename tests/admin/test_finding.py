"""A record is found by any of its names, and told from others by its kind and place."""

import pytest

from eccp.reference.models import Organisation
from tests.admin.pages import address
from tests.factories import OrganisationFactory


def choices(client, term, app="partnerships", model="participant", field="organisation"):
    asked = {"term": term, "app_label": app, "model_name": model, "field_name": field}
    return [row["text"] for row in client.get("/admin/autocomplete/", asked).json()["results"]]


@pytest.mark.parametrize("term", ["hyogo", "Hyōgo", "ＨＹＯＧＯ", "兵庫", "JP-28"])
def test_a_region_is_found_in_any_spelling(admin_page, term):
    found = choices(admin_page, term, "reference", "region", "parent")
    assert any("JP-28" in text for text in found), found


def test_every_word_has_to_be_found_in_whatever_order(admin_page):
    assert any("Osaka Bio" in text for text in choices(admin_page, "bio osaka"))
    assert choices(admin_page, "osaka nonsense") == []
    assert choices(admin_page, "%'") == []


def test_a_choice_says_kind_and_place_and_what_is_not_public(admin_page):
    assert "(cluster, Osaka, JP)" in " ".join(choices(admin_page, "Osaka Bio Headquarters"))
    OrganisationFactory(name="Zzyzx cluster", kind="cluster", publication_status="draft")
    assert choices(admin_page, "zzyzx") == ["Zzyzx cluster (cluster, draft)"]


def test_an_alias_finds_the_record(admin_page):
    OrganisationFactory(name="Right").aliases.create(name="Verschrieben", kind="misprint")
    assert choices(admin_page, "verschrieben") == ["Right (cluster)"]


def test_only_places_are_offered_for_a_place(admin_page):
    found = choices(admin_page, "japan", "markets", "indicator", "area")
    assert "Japan (country JP)" in found
    assert not [text for text in found if "organisation" in text]


def test_what_is_chosen_is_shown_under_the_label_it_was_chosen_by(admin_page):
    osaka = Organisation.objects.get(slug="osaka-bio-headquarters")
    page = admin_page.get(address(osaka.participations_in.first().partnership, "change"))
    assert "(cluster, Osaka, JP)</option>" in page.content.decode()

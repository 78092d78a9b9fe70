"""What a form would make public is shown as the public will see it, and nothing of it stays anywhere."""

import pytest

from eccp.curation.models import Proposal
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.snapshot import Snapshot
from eccp.listing.versions import data_version
from eccp.records.models import Record
from partnerships.models import Partnership
from tests.admin.pages import add_row, address, typed
from tests.factories import OrganisationFactory, PartnershipFactory


def preview(client, url, **changes):
    return client.post(url, typed(client.get(url)) | changes | {"_preview": "1"})


@pytest.fixture
def hers(client, anna):
    client.force_login(anna)
    return client


def test_a_change_is_shown_as_the_public_will_see_it_and_leaves_nothing(hers):
    record, member = (
        PartnershipFactory(summary="Before."),
        OrganisationFactory(name="Hidden", publication_status="draft"),
    )
    public = record.get_absolute_url()
    index.forget_everything()  # with what other tests left, the rehearsal would push the oldest out
    hers.get(public)
    version, held = data_version(), dict(index._versions)
    url = address(record, "change")
    data = typed(hers.get(url)) | {"summary": "After.", "_preview": "1"}
    page = hers.post(url, add_row(data, "participants", organisation=member.pk, side="partner", role="partner"))
    html = page.content.decode()
    assert "After." in html
    assert "Hidden" in html  # it will be public by then
    assert "no-store" in page["Cache-Control"]
    assert "Preview. This page is not public." in html
    assert f'href="{url}"' in html  # the way back to the form

    assert (data_version(), dict(index._versions)) == (version, held)
    assert not Proposal.objects.exists()
    assert not Record.objects.get(pk=member.pk).is_published
    shown = hers.get(public).content.decode()
    assert "Before." in shown
    assert "Hidden" not in shown
    assert "Preview" not in shown


def test_a_preview_reads_anew_what_it_changes_and_no_list(hers, monkeypatch):
    """The lists that the process holds are gone on with: a preview costs a page, not the registry."""
    record = PartnershipFactory(publication_status="draft")
    for listing in LISTINGS.values():
        index.snapshot(listing)
    url = address(record, "change")
    data = typed(hers.get(url)) | {"_preview": "1"}
    begun = []
    monkeypatch.setattr("eccp.listing.index.Snapshot", lambda *of: begun.append(of) or Snapshot(*of))
    assert "Preview. This page is not public." in hers.post(url, data).content.decode()
    assert begun == []


def test_a_record_that_is_not_stored_yet_is_shown_too(hers):
    url = address(Partnership, "add")
    page = preview(hers, url, name="Nord – Kansai", slug="nord-kansai", stage="active")
    assert "<h1" in page.content.decode()
    assert "Nord – Kansai" in page.content.decode()
    assert not Partnership.objects.filter(slug="nord-kansai").exists()
    assert hers.get("/partnerships/nord-kansai/").status_code == 404


def test_a_preview_of_what_breaks_a_rule_says_so(hers):
    record = PartnershipFactory()
    page = preview(hers, address(record, "change"), started="2016", ended="2015")
    assert "ends before it starts" in page.content.decode()

"""A change on its way: its author goes on with it, others are told, and nobody saves over what they have not seen."""

import pytest
from django.urls import reverse
from django.utils import timezone

from eccp.curation import actions, proposals
from eccp.curation.models import Proposal
from eccp.curation.revisions import put
from eccp.records import aggregate
from eccp.records.models import Citation
from eccp.reference.models import Organisation
from partnerships.models import Partnership
from tests.admin.pages import WHY, add_row, address, errors, save, typed
from tests.factories import OrganisationFactory, PartnershipFactory, SourceFactory


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def hers(client, anna):
    client.force_login(anna)
    return client


@pytest.fixture
def ben(team):
    return team("curator", "ben")


@pytest.mark.parametrize("reason", ["", "Typo.", "誤字を直した"])
def test_a_public_record_is_not_changed_without_a_real_reason(hers, reason):
    record = OrganisationFactory()
    answer = save(hers, record, name="Afterwards", reason=reason)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() == {"reason"}
    assert "Afterwards" in answer.content.decode()  # nothing typed is lost
    assert not Proposal.objects.exists()


def test_its_author_goes_on_with_a_waiting_change_and_its_new_rows(hers, anna):
    record, organisation, source = PartnershipFactory(), OrganisationFactory(name="Kansai"), SourceFactory()
    url = address(record, "change")
    data = typed(hers.get(url)) | {"summary": "First."}
    add_row(data, "participants", organisation=organisation.pk, side="partner", role="partner")
    cited = f"participants.{organisation.slug}"
    add_row(data, "citations", field=cited, source=source.pk, stated_value="Kansai", rank="preferred")
    assert hers.post(url, data).status_code == 302
    first = record.proposals.get()
    proposals.submit(proposal=first, at=first.changed_at)

    page = hers.get(url)
    again = typed(page)
    assert "has to be submitted again" in page.content.decode()
    assert again["summary"] == "First."
    assert again["reason"] == WHY
    assert again["participants-0-organisation"] == str(organisation.pk)
    again |= {"summary": "Second.", "participants-0-role": "lead", "citations-0-stated_value": "Kansai Bio"}
    answer = hers.post(url, again)
    assert answer.status_code == 302, errors(answer)
    assert "It was in review and no longer is" in said(hers.get(url))
    second = record.proposals.get()
    assert (second.pk, second.saves, second.status, second.author) == (first.pk, 2, "open", anna)
    assert second.state["summary"] == "Second."
    assert second.state["participants"] == [{"organisation": organisation.slug, "side": "partner", "role": "lead"}]
    assert second.state["citations"][0]["stated_value"] == "Kansai Bio"
    assert not record.participants.exists()
    assert not Citation.objects.filter(record=record.pk).exists()


def test_somebody_elses_waiting_change_is_shown_and_not_overwritten(hers, anna, ben, client):
    record = OrganisationFactory(name="Before")
    assert save(hers, record, name="Hers").status_code == 302
    client.force_login(ben)
    page = client.get(address(record, "change"))
    assert "A change by anna is waiting" in page.content.decode()
    assert typed(page)["name"] == "Before"
    answer = save(client, record, name="His")
    assert "anna or a publisher has to discard it" in errors(answer)
    assert 'value="His"' in answer.content.decode()
    assert record.proposals.get().state["name"] == "Hers"


def test_a_draft_that_was_given_back_says_why_until_it_is_handed_over_again(hers, paul):
    record = OrganisationFactory(publication_status="draft")
    said = {"by": paul, "at": timezone.now()}
    actions.submit(record=record, **said)
    actions.return_to_draft(record=record, reason="Which list of members?", **said)
    assert "Which list of members?" in hers.get(address(record, "change")).content.decode()
    save(hers, record, name="Afterwards")
    assert "Which list of members?" in hers.get(address(record, "change")).content.decode()
    actions.submit(record=Organisation.objects.get(pk=record.pk), **said)
    assert "Which list of members?" not in hers.get(address(record, "change")).content.decode()


def test_a_change_taken_back_in_the_form_is_discarded(hers):
    record = OrganisationFactory(name="Before")
    save(hers, record, name="Hers")
    assert save(hers, record, name="Before").status_code == 302
    assert record.proposals.get().status == "discarded"


def test_saving_and_submitting_is_one_click(hers):
    record = OrganisationFactory(name="Before")
    url = address(record, "change")
    answer = hers.post(url, typed(hers.get(url)) | {"name": "Hers", "_submit": "1"}, follow=True)
    proposal = record.proposals.get()
    assert proposal.status == "submitted"
    assert answer.redirect_chain[-1][0] == reverse("admin:curation_proposal_change", args=[proposal.pk])
    assert "A publisher decides on it." in said(answer)


def test_a_change_that_was_saved_before_is_submitted_by_the_same_button(hers):
    record = OrganisationFactory(name="Before")
    save(hers, record, name="Hers")
    answer = save(hers, record, _submit="1")
    proposal = record.proposals.get()
    assert (proposal.status, proposal.saves) == ("submitted", 1)
    assert answer["Location"] == reverse("admin:curation_proposal_change", args=[proposal.pk])


def overtake(record, by, **fields):
    """Somebody saves meanwhile."""
    state = aggregate.dump(type(record).objects.get(pk=record.pk)) | fields
    return put(type(record), state, by=by, at=timezone.now(), reason="Meanwhile")


def test_the_second_of_two_curators_sees_both_versions_and_then_decides(hers, ben):
    record = PartnershipFactory(publication_status="draft", summary="Before.")
    kept, gone, added = (OrganisationFactory(name=name) for name in ("Kept", "Gone", "Added"))
    for organisation in (kept, gone):
        record.participants.create(organisation=organisation, side="partner", role="partner")
    url = address(record, "change")
    seen = typed(hers.get(url))
    rows = [{"organisation": slug, "side": "partner", "role": "partner"} for slug in (kept.slug, added.slug)]
    overtake(record, ben, summary="His.", participants=rows)

    mine = seen | {"summary": "Hers.", "ended": "2024"}
    answer = hers.post(url, mine)
    assert answer.status_code == 200
    assert "Somebody has saved this since you opened it" in errors(answer)
    page = answer.content.decode()
    assert "Saved by ben" in page
    compared = {row.label: row for row in answer.context["opening"].overtaken.rows}
    summary = compared["Summary"]
    assert (summary.opened, summary.now, summary.typed, summary.is_theirs) == ("Before.", "His.", "Hers.", True)
    assert not compared["Ended"].is_theirs
    assert compared["Participant: Gone"].is_theirs
    assert typed(answer)["summary"] == "Hers."
    record.refresh_from_db()
    assert record.summary == "His."

    # Sending the same again does not get past what was not looked at; saying so does.
    assert hers.post(url, typed(answer)).status_code == 200
    answer = hers.post(url, typed(answer) | {"save_over": answer.context["opening"].current})
    assert answer.status_code == 302, errors(answer)
    record = Partnership.objects.get(pk=record.pk)
    assert (record.summary, record.ended.text) == ("Hers.", "2024")
    assert {row.organisation for row in record.participants.all()} == {kept, gone, added}
    assert [kept.by.username for kept in record.revisions.exclude(by=None)] == ["anna", "ben"]


def test_having_seen_one_newer_version_says_nothing_of_the_next(hers, ben):
    record = OrganisationFactory(publication_status="draft")
    url = address(record, "change")
    seen = typed(hers.get(url)) | {"name": "Hers"}
    overtake(record, ben, name="His")
    token = hers.post(url, seen).context["opening"].current
    overtake(record, ben, name="His again")
    answer = hers.post(url, seen | {"save_over": token})
    assert answer.status_code == 200
    assert Organisation.objects.get(pk=record.pk).name == "His again"


def test_two_windows_of_one_curator_are_no_better(hers):
    record = OrganisationFactory(name="Before")
    url = address(record, "change")
    first, second = typed(hers.get(url)), typed(hers.get(url))
    assert hers.post(url, first | {"name": "In the first"}).status_code == 302
    answer = hers.post(url, second | {"name": "In the second"})
    [row] = answer.context["opening"].overtaken.rows
    assert (row.opened, row.now, row.typed) == ("Before", "In the first", "In the second")


def test_a_change_made_from_an_older_version_is_made_again_beside_the_newer(hers, paul):
    record = OrganisationFactory(name="Before", summary="Before.")
    save(hers, record, name="Hers")
    state = aggregate.dump(record) | {"summary": "Corrected meanwhile."}
    aggregate.store(Organisation, state)
    url = address(record, "change")
    page = hers.get(url)
    assert "What is public has changed since" in page.content.decode()
    answer = hers.post(url, typed(page))
    rows = {row.label: (row.now, row.typed) for row in answer.context["opening"].overtaken.rows}
    assert rows == {"Summary": ("Corrected meanwhile.", "Before."), "Name": ("Before", "Hers")}
    merged = typed(answer) | {"summary": "Corrected meanwhile.", "save_over": answer.context["opening"].current}
    assert hers.post(url, merged).status_code == 302
    proposal = record.proposals.get()
    proposals.submit(proposal=proposal, at=proposal.changed_at)
    stored = proposals.approve(proposal=proposal, by=paul, at=proposal.changed_at)
    assert (stored.name, stored.summary) == ("Hers", "Corrected meanwhile.")

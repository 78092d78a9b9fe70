"""The page on which a publisher reads a change: what differs, beside the sources, and buttons that are guarded."""

import pytest
from django.urls import reverse
from django.utils import timezone

from eccp.curation import proposals
from eccp.curation.models import Proposal
from eccp.curation.revisions import put
from eccp.records import aggregate
from eccp.records.models import Record
from eccp.records.references import as_its_kind
from eccp.reference.models import Country, Organisation
from partnerships.models import Partnership
from tests.admin.pages import WHY, act_on_chosen, address, confirm
from tests.factories import OrganisationFactory, PartnershipFactory, RegionFactory, SourceFactory


def propose(record, by, *, is_submitted=True, **fields):
    record = as_its_kind(record)
    state = aggregate.dump(record) | fields
    proposal = put(type(record), state, by=by, at=timezone.now(), reason=WHY).proposal
    if is_submitted:
        proposals.submit(proposal=proposal, at=timezone.now())
    return proposal


def page_of(proposal):
    return reverse("admin:curation_proposal_change", args=[proposal.pk])


def decide(client, proposal, name, **data):
    url = reverse("admin:curation_proposal_decide", args=[proposal.pk, name])
    return client.post(url, {"saves": proposal.saves, **data}, follow=True)


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def his(client, paul):
    """The admin as a publisher sees it."""
    client.force_login(paul)
    return client


def test_a_publisher_reads_fields_and_rows_beside_the_sources_and_approves(his, anna):
    record, organisation = PartnershipFactory(summary="Before."), OrganisationFactory(name="Kansai")
    source = SourceFactory(name="The minutes", document_url="https://example.eu/minutes")
    cited = {
        "field": f"participants.{organisation.slug}", "source": source.slug, "line_first": "86",
        "stated_value": "Kansai joins", "quote": "Kansai joins us.", "rank": "preferred",
    }  # fmt: skip
    row = {"organisation": organisation.slug, "side": "partner", "role": "partner"}
    proposal = propose(record, anna, summary="After.", participants=[row], citations=[cited])
    page = his.get(page_of(proposal))
    found = {line.difference.label: line for line in page.context["lines"]}
    assert (found["Summary"].difference.before, found["Summary"].difference.after) == ("Before.", "After.")
    [evidence] = found["Participant: Kansai"].evidence
    assert (evidence.source.name, evidence.locator, evidence.stated) == ("The minutes", "line 86", "Kansai joins")
    html = page.content.decode()
    for text in ("https://example.eu/minutes", "Kansai joins us.", WHY, "anna"):
        assert text in html

    assert "is public" in said(decide(his, proposal, "approve"))
    stored = Partnership.objects.get(pk=record.pk)
    assert (stored.summary, stored.participants.get().organisation) == ("After.", organisation)
    # What was decided can still be read.
    found = {line.difference.label for line in his.get(page_of(proposal)).context["lines"]}
    assert {"Summary", "Participant: Kansai"} <= found


def test_a_change_is_returned_with_a_comment_that_its_author_reads(his, anna, client):
    record = OrganisationFactory(name="Before")
    proposal = propose(record, anna, name="After")
    assert "Say what" in said(decide(his, proposal, "return", comment=""))
    assert "is returned" in said(decide(his, proposal, "return", comment="Which list?"))
    client.force_login(anna)
    assert "Which list?" in client.get(address(record, "change")).content.decode()
    decide(client, proposal, "submit")
    assert Proposal.objects.get().status == "submitted"


@pytest.mark.parametrize(("by_author", "is_submitted"), [(True, False), (True, True), (False, True)])
def test_a_change_and_the_drafts_that_it_names_are_handed_over_by_one_button(
    client, anna, paul, by_author, is_submitted
):
    region = RegionFactory(publication_status="draft", country=Country.objects.get(slug="JP"))
    draft = OrganisationFactory(name="Hidden", publication_status="draft", regions=[region])
    row = {"organisation": draft.slug, "side": "partner", "role": "partner"}
    proposal = propose(PartnershipFactory(), anna, is_submitted=is_submitted, participants=[row])
    client.force_login(anna if by_author else paul)
    page = client.get(page_of(proposal))
    assert page.context["together"].label == "Submit them together"
    assert "as well" in said(decide(client, proposal, "submit-together"))
    for one in (draft, region):  # what a draft names comes with it
        assert Record.objects.get(pk=one.pk).publication_status == "in_review"
    assert Proposal.objects.get().status == "submitted"
    assert client.get(page_of(proposal)).context["together"] is None


def test_a_publisher_does_not_hand_over_a_change_that_its_author_still_writes(his, anna):
    draft = OrganisationFactory(publication_status="draft")
    row = {"organisation": draft.slug, "side": "partner", "role": "partner"}
    proposal = propose(PartnershipFactory(), anna, is_submitted=False, participants=[row])
    decide(his, proposal, "submit-together")
    assert Record.objects.get(pk=draft.pk).publication_status == "in_review"
    assert Proposal.objects.get().status == "open"


def test_an_author_discards_and_cannot_approve(client, anna):
    proposal = propose(OrganisationFactory(name="Before"), anna, name="After")
    client.force_login(anna)
    page = client.get(page_of(proposal))
    assert [decision.name for decision in page.context["decisions"]] == ["discard"]
    assert decide(client, proposal, "approve").status_code == 403
    assert decide(client, proposal, "return", comment="x").status_code == 403
    decide(client, proposal, "discard")
    assert Proposal.objects.get().status == "discarded"


def test_a_publisher_discards_what_somebody_else_left_open_and_says_why(his, anna):
    proposal = propose(OrganisationFactory(name="Before"), anna, is_submitted=False, name="After")
    page = his.get(page_of(proposal))
    assert [decision.name for decision in page.context["decisions"]] == ["discard"]
    assert "Say why" in said(decide(his, proposal, "discard", comment=""))
    assert 'name="comment"' in page.content.decode()
    decide(his, proposal, "discard", comment="Nobody goes on with it.")
    assert Proposal.objects.get().comment == "Nobody goes on with it."


def test_another_curator_only_reads(client, anna, team):
    proposal = propose(OrganisationFactory(), anna, name="After")
    client.force_login(team("curator", "ben"))
    assert client.get(page_of(proposal)).context["decisions"] == []
    for name in ("submit", "approve", "return", "discard"):
        assert decide(client, proposal, name).status_code == 403
    assert Proposal.objects.get().status == "submitted"


def test_a_publisher_does_not_approve_an_own_change_unless_alone(his, paul, settings):
    proposal = propose(OrganisationFactory(), paul, name="After")
    assert "somebody else has to publish" in said(decide(his, proposal, "approve"))
    settings.ONE_PERSON_TEAM = True
    assert "is public" in said(decide(his, proposal, "approve"))


@pytest.mark.parametrize("saves", ["", "7", "x", "1²"])
def test_only_what_was_read_is_approved(his, anna, saves):
    proposal = propose(OrganisationFactory(name="Before"), anna, name="After")
    assert "saved again since you read it" in said(decide(his, proposal, "approve", saves=saves))
    assert Proposal.objects.get().status == "submitted"


def test_a_change_of_an_older_version_says_so_and_is_refused(his, anna):
    record = OrganisationFactory(name="Before")
    proposal = propose(record, anna, name="After")
    aggregate.store(Organisation, aggregate.dump(record) | {"summary": "Meanwhile."})
    assert "The record has changed since this change was made" in his.get(page_of(proposal)).content.decode()
    assert "has changed since" in said(decide(his, proposal, "approve"))
    assert Organisation.objects.get(pk=record.pk).name == "Before"


def test_many_are_approved_at_once_and_one_refusal_stops_no_other(his, anna, paul):
    records = [OrganisationFactory(name="Before") for _number in range(3)]
    waiting = [propose(record, by, name="After") for record, by in zip(records, (anna, paul, anna), strict=True)]
    still_open = propose(OrganisationFactory(), anna, is_submitted=False, name="After")
    listed = his.get(address(Proposal, "changelist"))
    assert {row.pk for row in listed.context["cl"].result_list} == {proposal.pk for proposal in waiting}
    everything = his.get(address(Proposal, "changelist"), {"which": "all"})
    assert still_open in everything.context["cl"].result_list
    asked = act_on_chosen(his, Proposal, "approve_chosen", waiting)
    assert [Record.objects.get(pk=record.pk).name for record in records] == ["Before"] * 3
    assert all(page_of(proposal) in asked.content.decode() for proposal in waiting)  # where each is read
    assert "somebody else has to publish" in said(confirm(his, asked))
    assert [Record.objects.get(pk=record.pk).name for record in records] == ["After", "Before", "After"]


def test_of_many_only_what_was_shown_is_approved(his, anna):
    kept, rewritten, open_again = (propose(OrganisationFactory(name="Before"), anna, name="After") for _ in range(3))
    asked = act_on_chosen(his, Proposal, "approve_chosen", [kept, rewritten, open_again])
    propose(open_again.record, anna, is_submitted=False, name="Still written")
    # What is written on already has left the list, and is shown with what it is.
    assert {line.status for line in asked.context["lines"]} == {"in review"}
    propose(rewritten.record, anna, name="Nobody has read this")
    again = act_on_chosen(his, Proposal, "approve_chosen", [open_again])
    assert [line.status for line in again.context["lines"]] == ["being written"]
    told = said(confirm(his, asked))
    assert "saved again since you read it" in told
    assert "being written already" in told
    assert [Record.objects.get(pk=one.record_id).name for one in (kept, rewritten, open_again)] == [
        "After", "Before", "Before",
    ]  # fmt: skip


def test_a_curator_is_not_offered_to_approve_many(client, anna):
    record = OrganisationFactory(name="Before")
    proposal = propose(record, anna, name="After")
    client.force_login(anna)
    data = {"action": "approve_chosen", "_selected_action": [proposal.pk]}
    client.post(address(Proposal, "changelist"), data)
    assert Record.objects.get(pk=record.pk).name == "Before"


def test_strange_addresses_are_refused(his, anna):
    proposal = propose(OrganisationFactory(), anna, name="After")
    assert his.get(reverse("admin:curation_proposal_decide", args=[proposal.pk, "approve"])).status_code == 404
    assert decide(his, proposal, "praise").status_code == 404
    for other in ("0", "x", "²"):
        assert his.get(reverse("admin:curation_proposal_change", args=[other])).status_code == 404
    assert his.post(page_of(proposal)).status_code == 403
    assert his.get(reverse("admin:curation_proposal_add")).status_code == 403

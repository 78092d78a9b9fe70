"""Every version of a record can be read and made the record again; drafts are read before they are published."""

import pytest
from django.utils import timezone

from eccp.curation import actions, proposals
from eccp.curation.revisions import put
from eccp.records import aggregate
from eccp.records.models import Record
from eccp.reference.models import Organisation
from tests.admin.pages import WHY, address
from tests.factories import OrganisationFactory, PartnershipFactory, SourceFactory


def change(record, by, **fields):
    state = aggregate.dump(type(record).objects.get(pk=record.pk)) | fields
    return put(type(record), state, by=by, at=timezone.now(), reason=WHY)


def correct(record, by, approved_by, **fields):
    proposal = change(record, by, **fields).proposal
    proposals.submit(proposal=proposal, at=timezone.now())
    proposals.approve(proposal=proposal, by=approved_by, at=timezone.now())


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def hers(client, anna):
    client.force_login(anna)
    return client


def test_the_history_tells_each_version_with_who_why_and_what(hers, anna, paul):
    record = PartnershipFactory(summary="First.")
    member = OrganisationFactory(name="Kansai")
    correct(record, anna, paul, summary="Second.")
    correct(record, anna, paul, participants=[{"organisation": member.slug, "side": "partner", "role": "lead"}])
    page = hers.get(address(record, "history"))
    newest, middle, oldest = page.context["versions"]
    assert [version.revision.number for version in (newest, middle, oldest)] == [3, 2, 1]
    assert [(one.label, one.before, one.after) for one in middle.differences] == [("Summary", "First.", "Second.")]
    assert [one.label for one in newest.differences] == ["Participant: Kansai"]
    assert newest.is_current
    assert oldest.differences == []
    html = page.content.decode()
    for text in ("anna", "approved by paul", WHY, "Back to version 1"):
        assert text in html
    assert "Back to version 3" not in html


def test_a_long_history_is_told_in_pages_without_losing_a_difference(hers, anna, monkeypatch):
    monkeypatch.setattr("eccp.curation.history.PER_PAGE", 2)
    record = OrganisationFactory(publication_status="draft", name="0")
    for number in range(1, 5):
        change(record, anna, name=str(number))
    found = []
    for page in (1, 2, 3):
        found += hers.get(address(record, "history"), {"p": page}).context["versions"]
    assert [version.differences[0].after for version in found[:-1]] == ["4", "3", "2", "1"]


def test_a_record_nobody_has_changed_says_so(hers):
    assert "Nobody has changed this record" in hers.get(address(OrganisationFactory(), "history")).content.decode()
    record = OrganisationFactory()
    moved = hers.get(address(Record, "history", record.pk))
    assert moved.url == address(record, "history")


def test_a_draft_goes_back_to_an_earlier_version_at_once(hers, anna):
    record = OrganisationFactory(publication_status="draft", name="Before")
    change(record, anna, name="After")
    url = address(record, "revert", 1)
    page = hers.get(url)
    assert [(line.difference.before, line.difference.after) for line in page.context["lines"]] == [("After", "Before")]
    answer = hers.post(url, {"reason": WHY, "seen_version": 2}, follow=True)
    assert "again what it was at version 1" in said(answer)
    record.refresh_from_db()
    assert (record.name, record.version, record.revisions.first().by) == ("Before", 3, anna)


def test_a_public_record_goes_back_once_that_is_approved(hers, anna, paul):
    record = OrganisationFactory(name="Before")
    correct(record, anna, paul, name="After")
    url = address(record, "revert", 1)
    assert "Say why" in hers.post(url, {"reason": "Oops.", "seen_version": 2}).content.decode()
    hers.post(url, {"reason": WHY, "seen_version": 2})
    record.refresh_from_db()
    assert record.name == "After"
    proposal = record.proposals.pending().get()
    proposals.submit(proposal=proposal, at=timezone.now())
    assert proposals.approve(proposal=proposal, by=paul, at=timezone.now()).name == "Before"


def test_going_back_from_a_page_that_is_out_of_date_is_refused(hers, anna):
    record = OrganisationFactory(publication_status="draft", name="Before")
    change(record, anna, name="After")
    change(record, anna, name="Long after")
    url = address(record, "revert", 1)
    answer = hers.post(url, {"reason": WHY, "seen_version": 2})
    assert "has changed since you opened this page" in answer.content.decode()
    assert Organisation.objects.get(pk=record.pk).name == "Long after"
    assert answer.context["form"]["seen_version"].value() == 3  # the page shows what would change now


def test_going_back_is_refused_when_another_saves_between_the_reading_and_the_lock(anna):
    record = OrganisationFactory(publication_status="draft", name="Before")
    change(record, anna, name="After")
    state = record.revisions.get(number=1).state
    with pytest.raises(aggregate.AggregateError, match="has changed since you opened this page"):
        put(Organisation, state, by=anna, at=timezone.now(), reason=WHY, record=record, seen=1)
    assert Organisation.objects.get(pk=record.pk).name == "After"


def test_only_who_may_change_a_record_goes_back(client, anna, team):
    record = OrganisationFactory(publication_status="draft", name="Before")
    change(record, anna, name="After")
    client.force_login(team("administrator"))
    assert "Back to version" not in client.get(address(record, "history")).content.decode()
    assert client.post(address(record, "revert", 1), {"reason": WHY, "seen_version": 2}).status_code == 403
    client.force_login(anna)
    assert client.get(address(record, "revert", 9)).status_code == 404
    assert client.get(address(Organisation, "history", 10**9)).status_code == 404


def test_a_publisher_reads_a_draft_beside_its_sources_before_publishing_it(client, anna, paul):
    source = SourceFactory(name="The minutes")
    state = {
        "slug": "novum", "name": "Novum", "kind": "cluster", "summary": "A cluster.",
        "citations": [{"field": "summary", "source": source.slug, "stated_value": "cluster", "rank": "preferred"}],
    }  # fmt: skip
    record = put(Organisation, state, by=anna, at=timezone.now(), reason="").record
    actions.submit(record=record, by=anna, at=timezone.now())
    client.force_login(paul)
    found = {line.difference.label: line for line in client.get(address(record, "act", "publish")).context["lines"]}
    assert found["Name"].difference.after == "Novum"
    assert [each.source.name for each in found["Summary"].evidence] == ["The minutes"]

    # What somebody types after that is not published unread.
    read = Record.objects.get(pk=record.pk).version
    change(record, anna, summary="Something else.")
    answer = client.post(address(record, "act", "publish"), {"seen_version": read})
    assert "Read it again" in said(answer)
    assert not Record.objects.get(pk=record.pk).is_published
    client.post(address(record, "act", "publish"), {"seen_version": read + 1})
    assert Record.objects.get(pk=record.pk).is_published


def test_a_draft_is_submitted_with_the_drafts_it_names_unless_not_wanted(hers):
    for together in (True, False):
        named = OrganisationFactory(publication_status="draft", name="Hidden")
        record = PartnershipFactory(publication_status="draft")
        record.participants.create(organisation=named, side="partner", role="partner")
        url = address(record, "act", "submit")
        assert "Hidden" in hers.get(url).content.decode()
        hers.post(url, {"seen_version": 1} | ({"together": "on"} if together else {}))
        statuses = [Record.objects.get(pk=one.pk).publication_status for one in (record, named)]
        assert statuses == ["in_review", "in_review" if together else "draft"]


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_what_cannot_be_published_is_handed_over_with_what_it_names_by_one_button(client, paul, status):
    named = OrganisationFactory(publication_status="draft", name="Hidden")
    record = PartnershipFactory(publication_status=status)
    record.participants.create(organisation=named, side="partner", role="partner")
    client.force_login(paul)
    html = client.get(address(record, "act", "publish")).content.decode()
    assert "Submit them together" in html
    assert f'action="{address(record, "act", "submit")}"' in html
    client.post(address(record, "act", "submit"), {"seen_version": record.version, "together": "on"})
    statuses = [Record.objects.get(pk=one.pk).publication_status for one in (record, named)]
    assert statuses == ["in_review", "in_review"]
    assert "Submit them together" not in client.get(address(record, "act", "publish")).content.decode()


def test_what_names_no_draft_is_submitted_without_a_question(hers):
    lonely = OrganisationFactory(publication_status="draft")
    assert "together" not in hers.get(address(lonely, "act", "submit")).context["form"].fields

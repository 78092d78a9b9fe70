"""A change of what is public waits for a publisher; every version of a record is kept, with who, when and why."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from eccp.curation import actions, proposals
from eccp.curation.models import Proposal, Revision
from eccp.curation.revisions import pending, put
from eccp.records import aggregate
from eccp.records.models import DataVersion, Record
from eccp.reference.models import Organisation
from partnerships.models import ContactPoint, Partnership
from tests.factories import ContactPointFactory, OrganisationFactory, PartnershipFactory, SourceFactory

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHY = "The list of members says so since June."


def changed(record, **fields):
    return aggregate.dump(type(record).objects.get(pk=record.pk)) | fields


def propose(record, by, reason=WHY, **fields):
    return put(type(record), changed(record, **fields), by=by, at=AT, reason=reason)


def versions(record):
    return list(record.revisions.order_by("number").values_list("number", "act", "by__username", "reason"))


def test_a_new_record_is_a_draft_whatever_its_state_says(anna):
    made = put(
        Organisation,
        {"slug": "novum", "name": "Novum", "kind": "cluster", "publication_status": "published"},
        by=anna, at=AT, reason="",
    )  # fmt: skip
    assert (made.what, made.record.publication_status) == ("stored", "draft")
    assert versions(made.record) == [(1, "created", "anna", "")]
    assert {difference.label for difference in made.differences} == {"Id", "Name", "Kind"}


def test_a_draft_is_changed_at_once_and_its_earlier_state_is_kept(anna):
    record = OrganisationFactory(publication_status="draft", name="Before")
    outcome = put(Organisation, changed(record, name="After"), by=anna, at=AT, reason="")
    assert (outcome.what, outcome.record.version) == ("stored", 2)
    assert versions(record) == [(1, "loaded", None, ""), (2, "changed", "anna", "")]
    assert [revision.state["name"] for revision in record.revisions.all()] == ["After", "Before"]
    assert not record.revisions.public().exists()
    again = put(Organisation, changed(outcome.record), by=anna, at=AT, reason="")
    assert (again.what, again.differences, record.revisions.count()) == ("unchanged", [], 2)


def test_a_published_record_stays_as_it_is_until_a_publisher_approves(anna, paul, client):
    record = OrganisationFactory(name="Before")
    number, stored = DataVersion.objects.get().number, aggregate.dump(record)
    outcome = propose(record, anna, name="After")
    assert outcome.what == "proposed"
    assert [(one.label, one.before, one.after) for one in outcome.differences] == [("Name", "Before", "After")]
    assert aggregate.dump(Organisation.objects.get(pk=record.pk)) == stored
    assert DataVersion.objects.get().number == number  # no cache is made to ask again
    proposals.submit(proposal=outcome.proposal, at=AT)
    assert b"Before" in client.get(f"/organisations/{record.slug}/").content

    proposals.approve(proposal=outcome.proposal, by=paul, at=AT + timedelta(hours=1))
    assert b"After" in client.get(f"/organisations/{record.slug}/").content
    assert versions(record) == [(1, "loaded", None, ""), (2, "corrected", "anna", WHY)]
    kept = record.revisions.first()
    assert (kept.approved_by, kept.at, kept.is_public) == (paul, AT + timedelta(hours=1), True)
    assert pending(record) is None


def test_rows_are_proposed_with_the_record_and_keep_their_keys_when_approved(anna, paul):
    record, first, second = PartnershipFactory(), OrganisationFactory(), OrganisationFactory(name="Second")
    kept = record.participants.create(organisation=first, side="european", role="partner")
    rows = [
        {"organisation": first.slug, "side": "european", "role": "lead"},
        {"organisation": second.slug, "side": "partner", "role": "partner"},
    ]
    source = SourceFactory(name="The minutes")
    cited = {"field": f"participants.{second.slug}", "source": source.slug, "stated_value": "x", "rank": "preferred"}
    outcome = propose(record, anna, participants=rows, citations=[cited])
    assert [(one.label, one.before, one.after) for one in outcome.differences] == [
        (f"Participant: {first.name} – Role", "partner", "lead"),
        ("Participant: Second", "", "Side: partner side\nRole: partner"),
        (
            f"Citation: Participant: {second.slug.replace('-', ' ')}, The minutes", "",
            "Value as stated: x\nRank: preferred",
        ),
    ]  # fmt: skip
    assert record.participants.count() == 1
    proposals.submit(proposal=outcome.proposal, at=AT)
    proposals.approve(proposal=outcome.proposal, by=paul, at=AT)
    assert set(record.participants.values_list("organisation", "role")) == {(first.pk, "lead"), (second.pk, "partner")}
    assert record.participants.get(organisation=first).pk == kept.pk


@pytest.mark.parametrize(
    ("reason", "is_enough"),
    [
        ("", False),
        ("Typo.", False),
        ("   short but   wider    ", True),
        ("誤字を直した", False),
        ("会員数の誤りを訂正", True),
        ("x" * 301, False),
    ],
)
def test_a_public_record_changes_for_a_real_reason_only(anna, reason, is_enough):
    record = OrganisationFactory()
    if is_enough:
        assert propose(record, anna, reason=reason, name="After").what == "proposed"
        return
    with pytest.raises(aggregate.AggregateError, match="Say why"):
        propose(record, anna, reason=reason, name="After")
    assert not Proposal.objects.exists()


def test_the_database_itself_refuses_a_correction_without_a_reason(anna):
    record = OrganisationFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(record=record, number=1, act="corrected", at=AT, state={}, is_public=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(record=record, base_version=1, state={}, author=anna, reason="short", changed_at=AT)


def test_a_broken_rule_is_said_and_nothing_is_kept(anna):
    record = PartnershipFactory(started="2016")
    with pytest.raises(aggregate.AggregateError, match="ends before it starts"):
        propose(record, anna, ended="2015")
    assert not Proposal.objects.exists()
    assert Partnership.objects.get(pk=record.pk).ended is None


def test_one_change_waits_at_a_time_and_its_author_goes_on_with_it(anna, team):
    record = OrganisationFactory(name="Before")
    first = propose(record, anna, name="After").proposal
    proposals.submit(proposal=first, at=AT)
    second = propose(record, anna, name="Long after").proposal
    assert (second.pk, second.saves, second.status, second.state["name"]) == (first.pk, 2, "open", "Long after")
    with pytest.raises(aggregate.AggregateError, match="by anna is waiting"):
        propose(record, team("curator", "ben"), name="Otherwise")
    assert propose(record, anna).what == "unchanged"  # back to what is public
    assert pending(record) is None


@pytest.mark.parametrize("is_superuser", [False, True])
def test_nobody_approves_an_own_change_unless_there_is_nobody_else(paul, settings, is_superuser):
    paul.is_superuser = is_superuser
    proposal = propose(OrganisationFactory(), paul, name="After").proposal
    proposals.submit(proposal=proposal, at=AT)
    with pytest.raises(actions.RefusedError, match=r"somebody else has to publish.* ONE_PERSON_TEAM=true"):
        proposals.approve(proposal=proposal, by=paul, at=AT)
    settings.ONE_PERSON_TEAM = True
    assert proposals.approve(proposal=proposal, by=paul, at=AT).name == "After"


def test_a_draft_is_not_published_by_who_wrote_it(paul, anna):
    state = {"slug": "novum", "name": "Novum", "kind": "cluster"}
    record = put(Organisation, state, by=anna, at=AT, reason="").record
    record = put(Organisation, state | {"name": "Novum e. V."}, by=paul, at=AT, reason="").record
    with pytest.raises(actions.RefusedError, match="somebody else"):
        actions.publish(record=record, by=paul, at=AT)
    assert Record.objects.get(pk=record.pk).publication_status == "draft"


def test_a_change_made_from_an_older_version_is_not_approved(anna, paul):
    record = OrganisationFactory(name="Before")
    proposal = propose(record, anna, name="After").proposal
    proposals.submit(proposal=proposal, at=AT)
    record.version += 1
    record.save()
    with pytest.raises(actions.RefusedError, match="has changed since"):
        proposals.approve(proposal=proposal, by=paul, at=AT)
    assert Organisation.objects.get(pk=record.pk).name == "Before"


def test_a_change_saved_again_since_it_was_read_is_not_approved(anna, paul):
    proposal = propose(OrganisationFactory(), anna, name="After").proposal
    again = propose(Organisation.objects.get(pk=proposal.record_id), anna, name="Something else").proposal
    proposals.submit(proposal=again, at=AT)
    with pytest.raises(actions.RefusedError, match="saved again since you read it"):
        proposals.approve(proposal=proposal, by=paul, at=AT)
    for decide in (proposals.give_back, proposals.discard):
        with pytest.raises(actions.RefusedError, match="saved again since you read it"):
            decide(proposal=proposal, by=paul, at=AT, comment="Which list?")


def test_a_change_that_names_a_draft_waits_for_it(anna, paul):
    record, draft = PartnershipFactory(), OrganisationFactory(name="Hidden", publication_status="draft")
    row = {"organisation": draft.slug, "side": "partner", "role": "partner"}
    proposal = propose(record, anna, participants=[row]).proposal
    proposals.submit(proposal=proposal, at=AT)
    with pytest.raises(actions.RefusedError, match="Hidden"):
        proposals.approve(proposal=proposal, by=paul, at=AT)
    assert not record.participants.exists()
    actions.publish(record=draft, by=paul, at=AT)
    proposals.approve(proposal=proposal, by=paul, at=AT)
    assert record.participants.get().organisation == draft


def test_a_change_is_returned_with_a_comment_or_discarded(anna, paul):
    proposal = propose(OrganisationFactory(), anna, name="After").proposal
    proposals.submit(proposal=proposal, at=AT)
    with pytest.raises(actions.RefusedError, match="Say what"):
        proposals.give_back(proposal=proposal, by=paul, at=AT, comment=" ")
    proposals.give_back(proposal=proposal, by=paul, at=AT, comment="Which list?")
    with pytest.raises(actions.RefusedError, match="returned already"):
        proposals.approve(proposal=proposal, by=paul, at=AT)
    proposals.submit(proposal=proposal, at=AT)
    with pytest.raises(actions.RefusedError, match="Say why"):
        proposals.discard(proposal=proposal, by=paul, at=AT, comment=" ")
    proposals.discard(proposal=proposal, by=paul, at=AT, comment="The list is older than ours.")
    with pytest.raises(actions.RefusedError, match="discarded already"):
        proposals.submit(proposal=proposal, at=AT)


def test_a_new_id_keeps_the_old_address_and_so_does_the_way_back(anna, paul, client):
    record = OrganisationFactory(slug="before")
    for slug in ("afterwards", "before"):
        outcome = put(
            Organisation, changed(record, slug=slug), record=record, by=anna, at=AT, reason=WHY
        )  # fmt: skip
        proposals.submit(proposal=outcome.proposal, at=AT)
        record = proposals.approve(proposal=outcome.proposal, by=paul, at=AT)
    assert client.get("/organisations/before/").status_code == 200
    assert client.get("/organisations/afterwards/")["Location"] == "/organisations/before/"
    # A state kept under the id of then still leads to the record.
    partnership = PartnershipFactory()
    row = {"organisation": "afterwards", "side": "partner", "role": "partner"}
    assert propose(partnership, anna, participants=[row]).proposal.state["participants"][0]["organisation"] == "before"


def test_personal_data_is_corrected_without_the_public_reading_of_it(anna, paul):
    contact = ContactPointFactory()
    said = {"person_name": "Somebody", "basis": "consent", "basis_recorded_on": "2026-01-01"}
    for fields in (said, {"role": "another role"}):
        outcome = propose(ContactPoint.objects.get(pk=contact.pk), anna, **fields)
        proposals.submit(proposal=outcome.proposal, at=AT)
        proposals.approve(proposal=outcome.proposal, by=paul, at=AT)
    shown = contact.revisions.order_by("number").values_list("act", "is_public")
    assert list(shown) == [("loaded", True), ("corrected", False), ("corrected", True)]


def test_a_withdrawn_record_no_longer_changes(anna):
    record = OrganisationFactory(
        publication_status="withdrawn", withdrawn_on="2026-01-01", withdrawal_reason="x"
    )  # fmt: skip
    with pytest.raises(aggregate.AggregateError, match="is withdrawn"):
        propose(record, anna, name="After")


def test_the_whole_history_survives_a_second_loading(anna, paul):
    """What is loaded past the curators is kept as a version nobody signed."""
    record = OrganisationFactory(publication_status="draft")
    put(Organisation, changed(record, name="One"), by=anna, at=AT, reason="")
    aggregate.store(Organisation, changed(record, name="Two"))
    put(Organisation, changed(record, name="Three"), by=anna, at=AT, reason="")
    assert [(act, by) for _number, act, by, _reason in versions(record)] == [
        ("loaded", None), ("changed", "anna"), ("loaded", None), ("changed", "anna"),
    ]  # fmt: skip


def test_a_row_that_says_little_is_still_seen_to_come_and_go(anna):
    record, body = PartnershipFactory(), OrganisationFactory(name="METI")
    record.supports.create(organisation=body)
    [gone] = propose(record, anna, supports=[]).differences
    assert (gone.label, gone.before, gone.after) == ("Policy support: METI", "Organisation: METI", "")
    consortium = OrganisationFactory(kind="consortium")
    [come] = propose(consortium, anna, memberships=[{"member": body.slug}]).differences
    assert (come.label, come.before, come.after) == ("Membership: METI", "", "Leads it: no")


def test_every_writer_waits_for_the_same_row_first(anna, paul):
    """Two that held rows in different orders could wait for each other; SQLite lets one write at a time anyway."""
    draft, public = OrganisationFactory(publication_status="draft"), OrganisationFactory(name="Before")
    proposal = propose(public, anna, name="After").proposal
    proposals.submit(proposal=proposal, at=AT)
    for act in (
        lambda: put(Organisation, changed(draft, name="Other"), by=anna, at=AT, reason=""),
        lambda: actions.publish(record=Organisation.objects.get(pk=draft.pk), by=paul, at=AT),
        lambda: proposals.approve(proposal=proposal, by=paul, at=AT),
        lambda: actions.withdraw(
            record=Organisation.objects.get(pk=public.pk), on=AT.date(), reason=WHY, by=paul, at=AT
        ),
    ):
        with CaptureQueriesContext(connection) as asked:
            act()
        said = [each["sql"] for each in asked]
        waits = [sql for sql in said if "records_dataversion" in sql and sql.startswith("SELECT")]
        assert waits
        assert [sql for sql in said if "FOR UPDATE" in sql][:1] in ([], waits[:1])

"""Draft, in review, published, withdrawn: by acts that are refused where they would break a rule."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from eccp.curation import actions, proposals
from eccp.curation.revisions import put
from eccp.records import aggregate
from eccp.records.models import Citation, DataVersion, Record
from eccp.records.references import named_records, naming_records
from eccp.reference.models import Organisation
from partnerships.models import Partnership
from programmes.models import Programme
from tests.admin.pages import act_on_chosen, address, confirm
from tests.factories import OrganisationFactory, PartnershipFactory, ProgrammeFactory, SourceFactory

pytestmark = pytest.mark.usefixtures("registry")

WHY = "It stood in the registry twice."
NOW = {"by": None, "at": datetime(2026, 11, 22, 12, tzinfo=UTC)}
ACTS = {
    "submit": actions.submit,
    "return": partial(actions.return_to_draft, reason=WHY),
    "publish": actions.publish,
    "withdraw": partial(actions.withdraw, on=date(2026, 11, 22), reason=WHY),
    "restore": partial(actions.restore, reason=WHY),
}
WAYS = {
    ("draft", "submit"): "in_review",
    ("draft", "publish"): "published",
    ("in_review", "return"): "draft",
    ("in_review", "publish"): "published",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "restore"): "published",
}


def in_status(status):
    said = {"withdrawn_on": date(2026, 1, 1), "withdrawal_reason": "x"} if status == "withdrawn" else {}
    return OrganisationFactory(publication_status=status, **said)


@pytest.mark.parametrize("status", ["draft", "in_review", "published", "withdrawn"])
@pytest.mark.parametrize("act", ACTS)
def test_a_record_moves_only_along_the_known_ways(status, act):
    record = in_status(status)
    number = DataVersion.objects.get().number
    if (status, act) not in WAYS:
        with pytest.raises(actions.RefusedError, match="this is only for what is"):
            ACTS[act](record=record, **NOW)
        assert Record.objects.get(pk=record.pk).publication_status == status
        return
    ACTS[act](record=record, **NOW)
    stored = type(record).objects.get(pk=record.pk)
    assert stored.publication_status == record.publication_status == WAYS[status, act]
    assert stored.version == record.version == 2
    assert DataVersion.objects.get().number > number


def partnership_with(organisation, **status):
    made = PartnershipFactory(**status)
    made.participants.create(organisation=organisation, side="partner", role="partner")
    return made


def naming_by_field(target):
    return ProgrammeFactory(publication_status="draft", administrator=target)


def naming_by_many(target):
    made = ProgrammeFactory(publication_status="draft")
    made.supporters.add(target)
    return made


def naming_by_row(target):
    return partnership_with(target, publication_status="draft")


def naming_by_any_kind(target):
    made = ProgrammeFactory(publication_status="draft")
    made.assessments.create(key="a", criterion="c", judgement="j", judged_by=target)
    return made


@pytest.mark.parametrize("naming", [naming_by_field, naming_by_many, naming_by_row, naming_by_any_kind])
def test_nothing_is_published_while_it_names_what_is_not(naming):
    target = OrganisationFactory(name="Hidden", publication_status="draft")
    record = naming(target)
    assert [found.pk for found in named_records(record)] == [target.pk]
    with pytest.raises(actions.RefusedError, match=r"Hidden .*draft") as refusal:
        actions.publish(record=record, **NOW)
    assert [found.pk for found in refusal.value.records] == [target.pk]
    actions.publish(record=target, **NOW)
    actions.publish(record=record, **NOW)
    assert [found.pk for found in naming_records(target)] == [record.pk]
    with pytest.raises(actions.RefusedError, match="cannot be withdrawn while public records name it"):
        ACTS["withdraw"](record=target, **NOW)


def test_a_source_is_named_by_what_cites_it():
    source = SourceFactory(publication_status="draft")
    record = OrganisationFactory(publication_status="draft")
    Citation.objects.create(record=record, field="name", source=source, stated_value="x")
    with pytest.raises(actions.RefusedError, match="names what is not"):
        actions.publish(record=record, **NOW)


def test_every_public_record_names_only_public_ones():
    """The loaded data obeys the rule that the acts guard."""
    for model in (Partnership, Programme):
        for record in model.objects.published():
            assert not named_records(record).exclude(publication_status="published").exists()


@pytest.mark.parametrize("act", ["return", "withdraw", "restore"])
def test_what_somebody_else_reads_needs_a_reason(act):
    status = next(before for before, name in WAYS if name == act)
    with pytest.raises(actions.RefusedError, match="Say why in at least 15 characters"):
        ACTS[act](record=in_status(status), **NOW | {"reason": "Too short."})


def test_a_withdrawal_by_mistake_is_taken_back_for_all_to_read(client):
    record = OrganisationFactory()
    ACTS["withdraw"](record=record, **NOW)
    assert client.get(f"/organisations/{record.slug}/").status_code == 410
    ACTS["restore"](record=record, **NOW | {"reason": "They are two clusters after all."})
    assert client.get(f"/organisations/{record.slug}/").status_code == 200
    public = record.revisions.public().values_list("act", "reason")
    assert list(public) == [
        ("restored", "They are two clusters after all."),
        ("withdrawn", WHY),
        ("loaded", ""),
    ]


def test_nothing_is_withdrawn_before_it_was_published():
    record = in_status("draft")
    actions.publish(record=record, **NOW)
    with pytest.raises(actions.RefusedError, match="before that"):
        ACTS["withdraw"](record=record, **NOW | {"on": date(2026, 11, 21)})
    ACTS["withdraw"](record=record, **NOW)
    actions.restore(record=record, **NOW | {"at": NOW["at"] + timedelta(days=2), "reason": WHY})
    with pytest.raises(actions.RefusedError, match="published on 2026-11-24"):
        ACTS["withdraw"](record=record, **NOW)


def test_nothing_is_withdrawn_while_a_change_of_it_waits(anna):
    record = OrganisationFactory()
    state = aggregate.dump(record) | {"name": "After"}
    waiting = put(type(record), state, by=anna, at=NOW["at"], reason=WHY).proposal
    with pytest.raises(actions.RefusedError, match="by anna is waiting"):
        ACTS["withdraw"](record=record, **NOW)
    proposals.discard(proposal=waiting, by=anna, at=NOW["at"])
    ACTS["withdraw"](record=record, **NOW)


def act(client, record, name, **data):
    read = {"seen_version": Record.objects.get(pk=record.pk).version}
    return client.post(address(record, "act", name), read | data, follow=True)


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_a_curator_publishes_and_withdraws_with_day_and_reason(admin_page):
    record = OrganisationFactory(publication_status="draft", name="Novum")
    page = f"/organisations/{record.slug}/"
    buttons = admin_page.get(address(record, "change")).content.decode()
    assert "Publish…" in buttons
    assert "Withdraw…" not in buttons
    assert admin_page.get(address(record, "act", "publish")).status_code == 200
    assert admin_page.get(page).status_code == 404  # asking does nothing
    assert "“Novum” is public." in said(act(admin_page, record, "publish"))
    assert admin_page.get(page).status_code == 200

    day = timezone.localdate()
    refused = act(admin_page, record, "withdraw", on=day + timedelta(days=1), reason="")
    assert refused.context["form"].errors.keys() == {"on", "reason"}
    assert "withdrawn" in said(act(admin_page, record, "withdraw", on=day, reason="Merged into another."))
    stub = admin_page.get(page)
    assert stub.status_code == 410
    assert "Merged into another." in stub.content.decode()

    shown = admin_page.get(address(record, "change"))
    assert shown.status_code == 200
    assert not shown.context["has_change_permission"]
    assert admin_page.post(address(record, "change"), {"name": "x"}).status_code == 403


def test_an_act_is_about_the_version_that_was_read(admin_page):
    """Without the version that the page showed, or with another, nothing is done."""
    record = OrganisationFactory(publication_status="draft")
    for read in ("", "0", "2"):
        assert "Read it again" in said(act(admin_page, record, "publish", seen_version=read))
    assert "Read it again" in said(admin_page.post(address(record, "act", "publish"), follow=True))
    assert Record.objects.get(pk=record.pk).publication_status == "draft"


@pytest.mark.parametrize(("status", "name"), WAYS)
def test_an_act_is_refused_once_its_row_is_held_and_is_not_what_was_read(status, name):
    """Somebody else saves between the reading of the record and the lock on its row."""
    read = in_status(status)
    Record.objects.filter(pk=read.pk).update(version=2)
    with pytest.raises(actions.RefusedError, match="has changed since you read it"):
        ACTS[name](record=read, **NOW)
    assert Record.objects.get(pk=read.pk).publication_status == status


def test_what_is_in_the_way_is_shown_before_the_act(admin_page):
    target = OrganisationFactory(name="Hidden", publication_status="draft")
    record = naming_by_row(target)
    html = admin_page.get(address(record, "act", "publish")).content.decode()
    assert reverse("admin:records_record_change", args=[target.pk]) in html
    assert "Hidden" in html
    assert "“Name of" in said(act(admin_page, record, "publish"))
    assert Record.objects.get(pk=record.pk).publication_status == "draft"


def test_an_act_that_does_not_exist_or_fit_is_refused(admin_page):
    record = OrganisationFactory(publication_status="draft")
    assert admin_page.get(address(record, "act", "praise")).status_code == 404
    assert admin_page.get(address(type(record), "act", 10**9, "publish")).status_code == 404
    assert "this is only for what is published" in said(
        act(admin_page, record, "withdraw", on=timezone.localdate(), reason=WHY)
    )


def test_records_that_name_each_other_are_published_together(admin_page):
    target = OrganisationFactory(publication_status="draft")
    records = [naming_by_row(target), target, OrganisationFactory(publication_status="in_review")]
    asked = act_on_chosen(admin_page, Record, "publish_chosen", records)
    assert {line.status for line in asked.context["lines"]} == {"draft", "in review"}
    assert all(address(Record, "act", record.pk, "publish") in asked.content.decode() for record in records)
    assert not Record.objects.published().filter(pk__in=[record.pk for record in records]).exists()
    confirm(admin_page, asked)
    assert {Record.objects.get(pk=record.pk).publication_status for record in records} == {"published"}


def test_of_many_only_what_was_shown_is_published(admin_page):
    kept, changed = (OrganisationFactory(publication_status="draft") for _number in range(2))
    asked = act_on_chosen(admin_page, Record, "publish_chosen", [kept, changed])
    Record.objects.filter(pk=changed.pk).update(version=2)
    assert "has changed since you read it" in said(confirm(admin_page, asked))
    assert Record.objects.get(pk=kept.pk).is_published
    assert not Record.objects.get(pk=changed.pk).is_published


def test_many_are_submitted_and_what_is_in_the_way_is_named(admin_page):
    hidden = OrganisationFactory(publication_status="draft", name="Hidden")
    record = naming_by_field(hidden)
    assert "Hidden" in said(confirm(admin_page, act_on_chosen(admin_page, Programme, "publish_chosen", [record])))
    data = {"action": "submit_chosen", "_selected_action": [record.pk]}
    assert "is in review" in said(admin_page.post(address(Programme, "changelist"), data, follow=True))


@pytest.mark.parametrize(
    ("status", "answer"), [("draft", 302), ("in_review", 302), ("published", 403), ("withdrawn", 403)]
)
def test_nothing_that_was_ever_public_is_deleted(admin_page, status, answer):
    record = in_status(status)
    assert admin_page.post(address(record, "delete"), {"post": "yes"}).status_code == answer
    assert Record.objects.filter(pk=record.pk).exists() == (answer == 403)
    listed = admin_page.get(address(type(record), "changelist"))
    assert "delete_selected" not in listed.content.decode()


@pytest.mark.parametrize(
    ("status", "who", "answer"),
    [
        ("draft", "ben", 403), ("draft", "anna", 302), ("draft", "paul", 302),
        ("in_review", "anna", 403), ("in_review", "paul", 302),
    ],
)  # fmt: skip
def test_a_draft_is_deleted_by_who_wrote_it_or_by_a_publisher(client, team, status, who, answer):
    people = {name: team("curator", name) for name in ("anna", "ben")} | {"paul": team("publisher", "paul")}
    state = {"slug": "novum", "name": "Novum", "kind": "cluster"}
    record = put(Organisation, state, by=people["anna"], at=NOW["at"], reason="").record
    if status == "in_review":
        actions.submit(record=record, **NOW)
    client.force_login(people[who])
    for model, args in ((record, ()), (Record, (record.pk,))):
        assert client.get(address(model, "delete", *args)).status_code == (403 if answer == 403 else 200)
    assert client.post(address(record, "delete"), {"post": "yes"}).status_code == answer
    assert Organisation.objects.filter(slug="novum").exists() == (answer == 403)


def test_deleting_a_draft_from_the_list_of_all_records_is_no_way_around(admin_page):
    record = in_status("published")
    assert admin_page.post(address(Record, "delete", record.pk), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    admin_page.post(address(Record, "changelist"), data)
    assert Record.objects.filter(pk=record.pk).exists()


def test_a_stranger_may_do_nothing(client):
    record = OrganisationFactory(publication_status="draft")
    for url in (address(record, "act", "publish"), address(record, "change")):
        assert client.post(url).status_code == 302
    assert Record.objects.get(pk=record.pk).publication_status == "draft"

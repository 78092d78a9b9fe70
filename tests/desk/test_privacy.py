"""A named person is personal data: public only where it was set so, gone where it is erased, and never in bulk."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from eccp.curation import proposals
from eccp.curation.models import Proposal, Revision
from eccp.curation.revisions import put
from eccp.desk.models import ErrorReport
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.records import aggregate
from partnerships.models import ContactPoint
from tests.addresses import public_addresses
from tests.curation.conftest import anna, paul, team
from tests.factories import ContactPointFactory, OrganisationFactory, PartnershipFactory
from tests.test_drafts import text_of

__all__ = ["anna", "paul", "team"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
# In small letters, as the answers are read.
NAME, EMAIL, BASIS = "zyxwina quuxberg", "zyxwina@quux.example", "quuxian consent"
PERSON = {"person_name": NAME, "email": EMAIL, "basis": BASIS, "basis_recorded_on": date(2026, 1, 1)}


def contact(**said):
    partnership = PartnershipFactory(slug="with-contact")
    body = OrganisationFactory(slug="of-contact")
    return ContactPointFactory(slug="the-contact", partnership=partnership, organisation=body, **PERSON | said)


def run(*args):
    said = StringIO()
    call_command("personal_data", *args, stdout=said)
    return said.getvalue()


def approved(record, anna, paul, reason, **fields):
    state = aggregate.dump(ContactPoint.objects.get(pk=record.pk)) | fields
    outcome = put(ContactPoint, state, by=anna, at=AT, reason=reason)
    proposals.submit(proposal=outcome.proposal, at=AT)
    proposals.approve(proposal=outcome.proposal, by=paul, at=AT)


@pytest.mark.parametrize("is_public", [False, True], ids=["kept back", "public"])
def test_a_person_is_on_the_page_of_the_partnership_if_set_so_and_nowhere_else(client, is_public):
    contact(is_person_public=is_public)
    some = {"partnerships": ["with-contact"], "organisations": ["of-contact"]}
    ids = {name: some.get(name) or index.snapshot(listing).ids[:1] for name, listing in LISTINGS.items()}
    named, read = set(), 0
    for address in public_addresses(ids):
        said = text_of(client.get(address))
        read += 1
        if any(word in said for word in (NAME, EMAIL, BASIS)):
            named.add(address)
    pages = {f"{language}/partnerships/with-contact/" for language in ("", "/ja", "/fr", "/de")}
    assert named == (pages if is_public else set())
    assert read > 150
    for question in (NAME.split()[0], EMAIL):
        for address in (
            f"/search.json?q={question}",
            f"/partnerships.json?q={question}",
            f"/partnerships.csv?q={question}",
        ):
            answer = text_of(client.get(address))
            assert "with-contact" not in answer.replace(question, ""), address


def test_the_basis_stays_with_the_registry_also_where_the_person_is_public(client):
    contact(is_person_public=True)
    said = text_of(client.get("/partnerships/with-contact/"))
    assert NAME in said
    assert EMAIL in said
    assert BASIS not in said


def test_the_command_lists_what_is_due_and_prints_no_name(settings):
    settings.CONSENT_DAYS = 100
    today = timezone.localdate()
    contact(basis_recorded_on=today - timedelta(days=100), is_person_public=True)
    ContactPointFactory(slug="fresh", **PERSON | {"basis_recorded_on": today - timedelta(days=99)})
    ContactPointFactory(slug="nobody")
    said = run()
    assert f"DUE contactpoint/the-contact: public, basis recorded on {today - timedelta(days=100)}" in said
    assert "    contactpoint/fresh: not public" in said
    assert "nobody" not in said
    assert "1 due for renewed consent or erasure" in said
    assert NAME not in said
    assert EMAIL not in said


def test_what_is_erased_is_gone_from_the_record_its_history_and_the_changes_that_wait(anna, paul, client):
    made = contact(is_person_public=True)
    approved(made, anna, paul, "The function is called otherwise now.", role="another role")
    waiting = put(
        ContactPoint, aggregate.dump(ContactPoint.objects.get(pk=made.pk)) | {"email": "second@quux.example"},
        by=anna, at=AT, reason="The address has changed since June.",
    ).proposal  # fmt: skip
    assert waiting is not None
    assert "contactpoint/the-contact: personal data erased" in run("--erase", "contactpoint/the-contact")
    found = ContactPoint.objects.get(pk=made.pk)
    assert [getattr(found, name) for name in ContactPoint.personal_fields] == ["", "", False, "", None]
    assert found.role == "another role"
    states = [row.state for model in (Revision, Proposal) for row in model.objects.filter(record=made.pk)]
    assert len(states) == 5  # loaded, corrected, erased; the change that was approved, and the one that waits
    assert "quux" not in json.dumps(states).casefold()
    assert all(state["role"] for state in states)
    assert NAME not in text_of(client.get("/partnerships/with-contact/"))
    assert "erased" not in text_of(client.get("/partnerships/with-contact/")).casefold()
    assert "the-contact" not in run()


def test_what_a_curator_has_taken_out_of_the_form_is_still_due_in_the_history(anna, paul):
    made = contact()
    empty = {"person_name": "", "email": "", "basis": "", "basis_recorded_on": ""}
    approved(made, anna, paul, "The person has left the organisation.", **empty)
    assert "DUE contactpoint/the-contact: in its history only" in run()
    run("--erase", "contactpoint/the-contact")
    assert "the-contact" not in run()


@pytest.mark.parametrize("name", ["contactpoint/no-such", "organisation/of-contact", "nonsense"])
def test_a_wrong_name_erases_nothing_at_all(name):
    contact()
    with pytest.raises(CommandError, match="Nothing was erased"):
        run("--erase", "contactpoint/the-contact", name)
    assert ContactPoint.objects.get(slug="the-contact").person_name == NAME


def test_the_e_mail_of_a_report_is_kept_as_long_as_the_setting_says(settings):
    settings.REPORT_CONTACT_DAYS = 30
    now = timezone.now()
    for days in (29, 31):
        ErrorReport.objects.create(
            received_at=now - timedelta(days=days), message="Something is wrong.", email=f"reader{days}@example.eu"
        )
    assert "1 e-mails of reports past their time" in run()
    assert "1 e-mails of reports erased" in run("--erase-due")
    assert list(ErrorReport.objects.order_by("-received_at").values_list("email", flat=True)) == [
        "reader29@example.eu",
        "",
    ]
    assert ErrorReport.objects.filter(message="Something is wrong.").count() == 2

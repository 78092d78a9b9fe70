"""The public reads when a record was published, corrected, withdrawn, and why: no draft, no name, no private data."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from eccp.curation import actions, proposals
from eccp.curation.revisions import put
from eccp.listing.history import public_history
from eccp.records import aggregate
from partnerships.models import ContactPoint
from tests.factories import ContactPointFactory, OrganisationFactory, PartnershipFactory

# Past ten in the evening of the 21st in London it is the 22nd in Brussels.
AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
WHY = "The list of members says so since June."


def change(record, anna, paul, reason=WHY, **fields):
    """A change of a public record, through all hands."""
    state = aggregate.dump(type(record).objects.get(pk=record.pk)) | fields
    outcome = put(type(record), state, by=anna, at=AT, reason=reason)
    proposals.submit(proposal=outcome.proposal, at=AT)
    proposals.approve(proposal=outcome.proposal, by=paul, at=AT)


def drafted(anna, name="Novum"):
    return put(type(OrganisationFactory.build()), {"slug": name.lower(), "name": name, "kind": "cluster"},
               by=anna, at=AT, reason="").record  # fmt: skip


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def test_a_record_page_says_when_it_was_published_and_corrected_and_why(anna, paul, client):
    record = drafted(anna)
    actions.submit(record=record, by=anna, at=AT, reason="A secret of the draft, for the publisher.")
    actions.publish(record=record, by=paul, at=AT)
    change(record, anna, paul, name="Novum Cluster")
    said = text(client.get("/organisations/novum/"))
    assert f"22 November 2026: corrected – {WHY}" in said
    assert "22 November 2026: published" in said
    assert said.index("corrected –") < said.index("2026: published")
    for hidden in ("anna", "paul", "A secret of the draft", "submitted for review", ": created"):
        assert hidden not in said


def test_what_waits_or_was_discarded_is_nowhere_in_the_history(anna, paul, client):
    record = OrganisationFactory(name="Before")
    state = aggregate.dump(type(record).objects.get(pk=record.pk)) | {"name": "After"}
    waiting = put(type(record), state, by=anna, at=AT, reason="A reason that nobody has approved.").proposal
    page = f"/organisations/{record.slug}/"
    assert "nobody has approved" not in text(client.get(page))
    proposals.discard(proposal=waiting, by=paul, at=AT, comment="Not so.")
    assert "nobody has approved" not in text(client.get(page))
    assert client.get(page).context["history"] in ((), [])


def test_a_correction_of_personal_data_leaves_no_trace(anna, paul, client):
    partnership = PartnershipFactory()
    contact = ContactPointFactory(partnership=partnership)
    change(
        contact, anna, paul, reason="Quux Person has agreed to be named.", person_name="Quux Person",
        basis="consent", basis_recorded_on="2026-01-01",
    )  # fmt: skip
    assert ContactPoint.objects.get(pk=contact.pk).person_name == "Quux Person"
    assert [event.act for event in public_history([contact.pk])[contact.pk]] == ["loaded"]
    assert "Quux" not in text(client.get(f"/partnerships/{partnership.slug}/"))


def test_a_withdrawn_record_says_all_that_happened_to_it(anna, paul, client):
    record = drafted(anna)
    actions.publish(record=record, by=paul, at=AT)
    actions.withdraw(record=record, on=date(2026, 11, 22), reason="It stood in the registry twice.", by=paul, at=AT)
    response = client.get("/organisations/novum/")
    assert response.status_code == 410
    assert [event.act for event in response.context["history"]] == ["withdrawn", "published"]
    actions.restore(record=record, by=paul, at=AT, reason="The other one was another body.")
    assert "published again – The other one was another body." in text(client.get("/organisations/novum/"))


def test_the_feed_tells_the_same(anna, paul, client):
    record = OrganisationFactory(name="Before", slug="novum")
    change(record, anna, paul, name="After")
    feed = client.get("/organisations.atom?q=novum").content.decode()
    assert f"corrected, 22 November 2026: {WHY}" in feed
    assert "anna" not in feed
    assert client.get("/citations.atom").status_code == client.get("/observations.atom").status_code == 200


def test_the_history_of_many_records_is_one_question(anna, paul, django_assert_num_queries):
    made = [OrganisationFactory() for _number in range(3)]
    for record in made:
        change(record, anna, paul, name=f"After {record.slug}")
    with django_assert_num_queries(1):
        found = public_history([record.pk for record in made])
    assert [len(found[record.pk]) for record in made] == [2, 2, 2]


@pytest.mark.parametrize("language", ["ja", "fr", "de"])
def test_the_history_is_told_in_the_language_of_the_page(anna, paul, client, language):
    record = OrganisationFactory(slug="novum")
    change(record, anna, paul, name="After")
    with translation.override(language):
        [corrected, _loaded] = public_history([record.pk])[record.pk]
    said = text(client.get(f"/{language}/organisations/novum/"))
    assert f"{corrected.label} – {WHY}" in said

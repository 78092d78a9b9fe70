"""The quality desk: each item counts exactly what waits, leads to where it is mended, and asks few questions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from eccp.curation import actions, proposals
from eccp.curation.models import Proposal
from eccp.curation.revisions import put
from eccp.desk.facts import coverage, fact_fields, fact_parts
from eccp.desk.items import ITEMS
from eccp.desk.models import ErrorReport, LinkCheck
from eccp.records import aggregate
from eccp.records.models import Record, record_models
from eccp.records.references import row_key
from eccp.reference.models import Organisation
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

ON = date(2026, 11, 22)


def waiting(name, on=ON):
    """The records that wait under an item."""
    return set(ITEMS[name].question(on))


def test_a_review_waits_from_thirty_days_before_its_day():
    made = {
        days: factories.OrganisationFactory(review_due_on=ON + timedelta(days=days)).record
        for days in (-400, 0, 30, 31)
    }
    draft = factories.OrganisationFactory(review_due_on=ON, publication_status="draft").record
    found = waiting("review-due")
    assert found == {made[-400], made[0], made[30]}
    assert draft not in found
    whys = ITEMS["review-due"].whys([made[-400], made[0]], ON)
    assert "overdue" in whys[made[-400].pk]
    assert "due on" in whys[made[0].pk]


def test_the_desk_says_when_by_the_clock_of_the_house():
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # half an hour into the next day in Brussels
    record = factories.OrganisationFactory(publication_status="in_review").record
    Record.objects.filter(pk=record.pk).update(changed_at=late)
    report = ErrorReport.objects.create(record=record, message="Wrong", received_at=late)
    record.refresh_from_db()
    assert "2 July 2026" in ITEMS["in-review"].whys([record], ON)[record.pk]
    assert "2 July 2026" in ITEMS["error-reports"].why(report)


def test_an_agreement_waits_in_the_year_before_its_end_unless_it_is_renewed():
    kept = {"signed": "2020", "stated_end": "2027-11-22"}
    ending = factories.AgreementFactory(**kept)
    renewed = factories.AgreementFactory(**kept)
    factories.AgreementFactory(supersedes=renewed)
    half_renewed = factories.AgreementFactory(**kept)
    factories.AgreementFactory(supersedes=half_renewed, publication_status="draft")
    factories.AgreementFactory(signed="2020", stated_end="2027-11-23")
    factories.AgreementFactory(signed="2020", stated_end="2026-11-21")
    factories.AgreementFactory(publication_status="draft", **kept)
    assert waiting("agreements-ending") == {ending, half_renewed}


def is_stated(field, value):
    """Whether a record says something in a field; an answer of no is one where nothing would be said otherwise."""
    if field.many_to_many:
        return value.exists()
    return value is not None if field.null else value not in ("", False)


def by_brute_force(record):
    """The uncited facts of a record, asked one by one."""
    cited = set(record.citations.values_list("field", flat=True))
    fields = {field.name for field in fact_fields(type(record)) if is_stated(field, getattr(record, field.name))}
    parts = {
        part
        for part, owner in fact_parts(type(record)).items()
        if part not in cited
        and any(f"{part}.{row_key(row, owner)}" not in cited for row in getattr(record, part).all())
    }
    return sorted((fields - cited) | parts)


@pytest.mark.parametrize("kind", sorted(record_models()))
def test_coverage_counts_what_brute_force_counts(kind):
    model = record_models()[kind]
    total, facts = coverage(model)
    records = list(model.objects.published())
    assert total == len(records)
    for field in fact_fields(model):
        assert facts[field.name][0] == sum(is_stated(field, getattr(record, field.name)) for record in records)
    uncited = [name for record in records for name in by_brute_force(record)]
    assert {name: filled - cited for name, (filled, cited) in facts.items() if filled != cited} == {
        name: uncited.count(name) for name in set(uncited)
    }


def facts_waiting():
    return {(row["record"], row["field"]) for row in ITEMS["undecided"].question(ON)}


@pytest.mark.parametrize(
    ("field", "ranks", "reason", "waits"),
    [
        ("started", ["preferred", "preferred"], "", True),
        ("started", ["preferred", "preferred"], "The second is later.", False),
        ("started", ["preferred", "alternative"], "", False),
        ("started", ["alternative", "alternative"], "", True),
        ("started", ["alternative", "rejected"], "", False),
        ("figures.members", ["preferred", "preferred"], "", True),
        ("summary", ["preferred", "preferred"], "", False),
        ("summary", ["alternative", "alternative"], "", True),
    ],
)
def test_a_discrepancy_waits_until_one_statement_is_followed_with_a_reason(field, ranks, reason, waits):
    record = factories.PartnershipFactory()
    for number, rank in enumerate(ranks):
        said = reason if rank == "preferred" else "It was not followed."
        factories.CitationFactory(record=record, field=field, rank=rank, reason=said, stated_value=f"in 201{number}")
    assert ((record.pk, field) in facts_waiting()) is waits


def test_two_statements_in_the_same_words_are_no_discrepancy():
    record = factories.PartnershipFactory()
    for _each in range(2):
        factories.CitationFactory(record=record, field="started", stated_value="in 2013")
    assert (record.pk, "started") not in facts_waiting()


def test_a_source_waits_until_somebody_notes_the_day_of_reading():
    before = waiting("sources-unchecked")
    unread = factories.SourceFactory(document_url="https://example.eu/a")
    unverified = factories.SourceFactory(verified_on=None)
    factories.SourceFactory(document_url="https://example.eu/b", consulted_on=ON)
    factories.SourceFactory()
    assert waiting("sources-unchecked") - before == {unread, unverified}


def test_a_missing_translation_waits_with_its_language():
    names = {"name_fr": "x", "name_de": "x", "name_ja": "x"}
    before = waiting("untranslated")
    lacking = factories.SectorFactory(**names | {"name_ja": "", "name_fr": ""}).record
    factories.SectorFactory(**names)
    assert waiting("untranslated") - before == {lacking}
    assert ITEMS["untranslated"].whys([lacking], ON) == {lacking.pk: "Japanese, French"}


@pytest.mark.parametrize(
    ("outcome", "since", "waits"),
    [("broken", ON, True), ("down", ON - timedelta(days=7), True), ("down", ON, False), ("found", None, False)],
)
def test_a_link_waits_when_it_is_broken_and_some_public_record_has_it(outcome, since, waits):
    url = "https://example.eu/gone"
    LinkCheck.objects.create(url=url, checked_on=ON, outcome=outcome, failing_since=since, detail="404")
    LinkCheck.objects.create(url="https://example.eu/nobodys", checked_on=ON, outcome="broken", failing_since=ON)
    named = {
        factories.OrganisationFactory(website=url).record,
        factories.SourceFactory(document_url=url).record,
        factories.ProgrammeFactory(website=url).record,
    }
    factories.OrganisationFactory(website=url, publication_status="draft")
    assert waiting("broken-links") == (named if waits else set())
    if waits:
        whys = ITEMS["broken-links"].whys(list(named), ON)
        assert set(whys) == {record.pk for record in named}
        assert all(url in why and "404" in why for why in whys.values())


def test_a_draft_waits_for_its_author_with_who_touched_it_last_and_what_was_said():
    anna = User.objects.create_user("anna")
    state = {"slug": "begun", "name": "Begun", "kind": "cluster"}
    draft = put(Organisation, state, by=anna, at=timezone.now(), reason="").record.record
    assert draft in waiting("drafts")
    actions.submit(record=draft, by=anna, at=timezone.now())
    assert draft not in waiting("drafts")
    actions.return_to_draft(record=draft, by=None, at=timezone.now(), reason="Which town is it in?")
    assert draft in waiting("drafts")
    assert "Which town is it in?" in ITEMS["drafts"].whys([draft], ON)[draft.pk]


def test_a_change_waits_for_its_author_until_it_is_handed_over(django_user_model):
    anna, paul = (django_user_model.objects.create_user(name) for name in ("anna", "paul"))
    record = factories.OrganisationFactory()
    state = aggregate.dump(record) | {"name": "After"}
    proposal = put(Organisation, state, by=anna, at=timezone.now(), reason="It moved to another town.").proposal
    assert proposal in waiting("changes-open")
    proposals.submit(proposal=proposal, at=timezone.now())
    assert proposal not in waiting("changes-open")
    proposals.give_back(proposal=proposal, by=paul, at=timezone.now(), comment="Which town?")
    assert proposal in waiting("changes-open")
    [line] = ITEMS["changes-open"].lines([proposal], ON)
    assert "Which town?" in line.why
    assert "anna" in line.why


def one_of_each():
    """Something that waits under every item."""
    today = timezone.localdate()
    record = factories.OrganisationFactory(review_due_on=today, website="https://example.eu/gone")
    factories.OrganisationFactory(publication_status="in_review")
    factories.OrganisationFactory(publication_status="draft")
    factories.AgreementFactory(signed="2020", stated_end=today.isoformat())
    for value in ("2013", "2014"):
        factories.CitationFactory(record=factories.PartnershipFactory(), field="started", stated_value=value)
        factories.CitationFactory(record=record, field="figures.x", stated_value=value)
    factories.SourceFactory(verified_on=None)
    factories.SectorFactory()
    for _each in range(2):
        factories.OrganisationFactory(name="The Same Twice")
    found = {"checked_on": today, "outcome": "broken", "failing_since": today}
    LinkCheck.objects.update_or_create(found, url=record.website)
    ErrorReport.objects.create(record=record.record, message="It has moved.", received_at=timezone.now())
    author, _made = User.objects.get_or_create(username="author")
    said = {"base_version": 1, "reason": "It has moved to another town.", "status": "submitted"}
    Proposal.objects.create(
        record=record.record, author=author, state=aggregate.dump(record), changed_at=timezone.now(), **said
    )  # fmt: skip
    other = factories.OrganisationFactory()
    Proposal.objects.create(
        record=other.record, author=author, state=aggregate.dump(other), changed_at=timezone.now(),
        **said | {"status": "open"},
    )  # fmt: skip


def test_the_front_page_counts_every_item_in_one_query_each(admin_page, django_assert_max_num_queries):
    one_of_each()
    with django_assert_max_num_queries(len(ITEMS) + 20):  # a dozen of them to find duplicates in
        response = admin_page.get("/admin/")
    counted = {entry["item"].name: entry["count"] for entry in response.context["desk"]}
    assert set(counted) == set(ITEMS)
    assert all(counted.values()), counted
    html = response.content.decode()
    for name, count in counted.items():
        assert reverse("admin:desk-list", args=[name]) in html
        listed = admin_page.get(reverse("admin:desk-list", args=[name]))
        assert listed.context["page"].paginator.count == count


@pytest.mark.parametrize("name", ITEMS)
def test_a_list_asks_as_much_for_many_lines_as_for_few(admin_page, name, monkeypatch, django_assert_max_num_queries):
    one_of_each()
    one_of_each()
    for lines in (1, 50):
        monkeypatch.setattr("eccp.desk.views.PER_PAGE", lines)
        with django_assert_max_num_queries(28 if name in ("uncited", "duplicates") else 12):
            response = admin_page.get(reverse("admin:desk-list", args=[name]))
        assert response.status_code == 200
        assert 1 <= len(response.context["lines"]) <= lines


@pytest.mark.parametrize("name", ITEMS)
def test_a_list_is_narrowed_to_a_kind_and_each_line_leads_to_a_form(admin_page, name):
    one_of_each()
    address = reverse("admin:desk-list", args=[name])
    response = admin_page.get(address)
    for kind, _title, count in response.context["kinds"]:
        narrowed = admin_page.get(address, {"kind": kind})
        assert narrowed.context["page"].paginator.count == count
        line = narrowed.context["lines"][0]
        url, _hash, anchor = line.url.partition("#")
        form = admin_page.get(url)
        assert form.status_code == 200
        assert not anchor or f'id="{anchor}"' in form.content.decode(), line.url
    assert admin_page.get(address, {"kind": "nonsense"}).status_code == 404


def test_an_unknown_item_does_not_exist(admin_page):
    assert admin_page.get("/admin/desk/nonsense/").status_code == 404


@pytest.mark.parametrize("kind", ["partnership", "organisation", "agreement", "indicator", "country"])
def test_each_gap_of_the_coverage_leads_to_the_records_that_have_it(admin_page, kind):
    response = admin_page.get(reverse("admin:desk-coverage"), {"kind": kind})
    assert response.context["facts"]
    for fact in response.context["facts"]:
        if fact["empty"]:
            listed = admin_page.get(fact["empty_url"])
            assert listed.status_code == 200, fact["empty_url"]
            assert listed.context["cl"].result_count == fact["empty"], fact["empty_url"]


def test_the_desk_is_shut_to_who_may_not_see_records(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("accounts", password="x", is_staff=True))
    assert client.get("/admin/").context["desk"] == []
    assert client.get("/admin/desk/review-due/").status_code == 403
    assert client.get("/admin/desk/error-reports/").status_code == 403
    assert client.get("/admin/desk/coverage/").status_code == 403


def test_what_is_noted_beside_a_record_does_not_change_what_is_public(client):
    record = Record.objects.published().first()
    before = client.get("/partnerships/")["ETag"]
    ErrorReport.objects.create(record=record, message="It has moved.", received_at=timezone.now())
    assert client.get("/partnerships/")["ETag"] == before
    assert Record.objects.get(pk=record.pk).changed_at == record.changed_at

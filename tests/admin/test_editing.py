"""A curator's edit: stored with its rows and citations where nobody sees it, kept for a publisher where all do."""

import re

import pytest
from django.utils import timezone

from eccp.curation import actions, proposals
from eccp.curation.models import Proposal
from eccp.records import aggregate
from eccp.records.models import Citation, DataVersion, Source
from eccp.reference.models import Cluster, Organisation
from partnerships.models import Agreement, Partnership
from tests.admin.pages import RECORD_ADMINS, add_row, address, errors, every_message, richest, save, typed
from tests.factories import OrganisationFactory, PartnershipFactory, ProgrammeFactory

names = [model.__name__ for model in RECORD_ADMINS]


@pytest.fixture
def paper(registry):
    return Source.objects.get(slug="eccp-japan-2018")


def approve(record):
    """What a publisher's click does."""
    [proposal] = Proposal.objects.pending().filter(record=record.pk)
    proposals.submit(proposal=proposal, at=timezone.now())
    return proposals.approve(proposal=proposal, by=None, at=timezone.now())


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_saving_what_nobody_changed_changes_nothing(admin_page, model):
    record = richest(model)
    before = aggregate.dump(record), record.version, DataVersion.objects.get().number
    answer = save(admin_page, record)
    assert answer.status_code == 302, errors(answer)
    after = model.objects.get(pk=record.pk)
    assert (aggregate.dump(after), after.version, DataVersion.objects.get().number) == before


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_a_change_of_any_public_record_is_kept_until_it_is_approved(admin_page, model):
    record = richest(model)
    before = aggregate.dump(record), record.version, DataVersion.objects.get().number
    answer = save(admin_page, record, summary="A summary that nobody wrote before.")
    assert answer.status_code == 302, errors(answer)
    untouched = model.objects.get(pk=record.pk)
    assert (aggregate.dump(untouched), untouched.version, DataVersion.objects.get().number) == before
    # Nothing but the summary differs, of all that the form holds.
    proposal = record.proposals.get()
    assert proposal.state == before[0] | {"summary": "A summary that nobody wrote before."}
    approve(record)
    after = model.objects.get(pk=record.pk)
    assert (after.summary, after.version) == ("A summary that nobody wrote before.", record.version + 1)
    assert after.record_kind == record.record_kind


@pytest.mark.parametrize("digits", [1, 19, 400])
def test_the_number_of_no_record_is_no_choice_however_long(admin_page, digits):
    record = richest(Agreement)
    answer = save(admin_page, record, partnership="9" * digits if digits > 1 else "0")
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() == {"partnership"}


def test_from_a_partnership_one_click_leads_to_what_belongs_to_it(admin_page):
    record = PartnershipFactory(publication_status="draft")
    add = f"{address(Agreement, 'add')}?partnership={record.pk}"
    assert add in admin_page.get(address(record, "change")).content.decode()
    assert admin_page.get(add).context["adminform"].form["partnership"].value() == str(record.pk)


def test_a_change_of_a_draft_is_stored_at_once_with_who_and_why(admin_page, curator):
    record = OrganisationFactory(publication_status="draft")
    assert save(admin_page, record, name="Afterwards", reason="").status_code == 200
    assert save(admin_page, record, name="Afterwards", reason="Spelling").status_code == 302
    record.refresh_from_db()
    kept = record.revisions.first()
    assert (record.name, record.version) == ("Afterwards", 2)
    assert (kept.number, kept.act, kept.by, kept.reason) == (2, "changed", curator, "Spelling")


def test_a_partnership_is_added_with_its_participants_and_citations(admin_page, paper):
    european, partner = OrganisationFactory(name="Nord"), OrganisationFactory(name="Kansai")
    url = address(Partnership, "add")
    data = typed(admin_page.get(url)) | {
        "name": "Nord – Kansai", "slug": "nord-kansai", "stage": "active", "started": "May 2015",
    }  # fmt: skip
    add_row(data, "participants", organisation=european.pk, side="european", role="lead")
    add_row(data, "participants", organisation=partner.pk, side="partner", role="partner")
    add_row(data, "statements", aspect="objective", text="To exchange experts.", position=0)
    first = {"field": "started", "source": paper.pk, "line_first": 86, "stated_value": "May 2015", "rank": "preferred"}
    add_row(data, "citations", **first)
    add_row(data, "citations", field=f"participants.{partner.slug}", stated_value="Kansai", rank="preferred")
    add_row(data, "citations", field="statements.objective", stated_value="experts", rank="preferred")
    answer = admin_page.post(url, data)
    assert answer.status_code == 302, errors(answer)

    made = Partnership.objects.get(slug="nord-kansai")
    assert (made.publication_status, made.version, made.started.text) == ("draft", 1, "2015-05")
    assert {row.organisation for row in made.participants.all()} == {european, partner}
    assert made.statements.get().key == "objective"  # nobody typed it
    assert {row.source for row in made.citations.all()} == {paper}  # the same source as above
    assert made.citations.get(field="started").key == "partnership.nord-kansai.started.1"
    assert [(kept.act, kept.by.username) for kept in made.revisions.all()] == [("created", "curator")]
    assert admin_page.get("/partnerships/nord-kansai/").status_code == 404

    url = address(Agreement, "add")
    data = typed(admin_page.get(url)) | {
        "name": "MoU Nord – Kansai", "slug": "nord-kansai-mou", "type": "mou", "level": "cluster",
        "partnership": made.pk, "signed": "21/11/2017", "duration_months": 36, "evidence": paper.pk,
    }  # fmt: skip
    add_row(data, "parties", organisation=european.pk, side="european")
    add_row(data, "parties", organisation=partner.pk, side="partner")
    answer = admin_page.post(url, data)
    assert answer.status_code == 302, errors(answer)
    agreement = Agreement.objects.get(slug="nord-kansai-mou")
    assert agreement.signed.text == "2017-11-21"
    assert agreement.ends_on.isoformat() == "2020-11-20"


def test_what_is_added_under_clusters_is_one(admin_page):
    url = address(Cluster, "add")
    answer = admin_page.post(url, typed(admin_page.get(url)) | {"name": "New cluster", "slug": "new-cluster"})
    assert answer.status_code == 302, errors(answer)
    made = Organisation.objects.get(slug="new-cluster")
    assert (made.kind, made.record_kind) == ("cluster", "organisation")
    listed = admin_page.get(address(Cluster, "changelist")).context["cl"].queryset
    assert {row.kind for row in listed} == {"cluster"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"started": "2016", "ended": "2015"}, "The partnership ends before it starts."),
        ({"started": "3/4/2017"}, "Write 2017-04-03 or 2017-03-04"),
        ({"slug": "unknown"}, "cannot be ids."),
        ({"slug": "not a slug"}, "letters without accents"),
        ({"slug": "BioXclusters-plus-Osaka-Bio"}, "(bioxclusters-plus-osaka-bio; capitals make no difference)"),
        ({"name": ""}, "“Name” is missing: fill it in."),
        ({"stage": "excellent"}, "Choose one that is offered."),
        ({"stage": ""}, "“Stage” is missing: choose it."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_broken_rule_is_said_beside_the_form(admin_page, changes, message):
    record = PartnershipFactory()
    assert Partnership.objects.filter(slug="bioxclusters-plus-osaka-bio").exists()
    answer = save(admin_page, record, **changes)
    assert answer.status_code == 200
    assert message in errors(answer)


def test_a_rule_about_the_record_itself_is_said_too(admin_page):
    renewed = Agreement.objects.first()
    answer = save(admin_page, renewed, supersedes=str(renewed.pk))
    assert "renew" in errors(answer)


@pytest.mark.parametrize(
    ("part", "rows", "message"),
    [
        ("citations", [{"field": "name", "stated_value": "x", "rank": "rejected"}], "Say why this statement"),
        ("citations", [{"field": "colour", "stated_value": "x", "rank": "preferred"}], "is not, or no longer, a fact"),
        ("figures", [{"what": "members", "unit": "members", "kind": "actual"}], "either one value or a range"),
        (
            "figures",
            [{"what": "staff", "unit": "staff", "kind": "actual", "value_low": 5, "value_high": 2}],
            "upside down",
        ),
        ("aliases", [{"name": "Twin", "kind": "alias"}] * 2, "Two rows say the same (Name). Change one of them"),
        ("old_slugs", [{"slug": "techtera"}], "is the id of a record today"),
        ("statements", [{"aspect": "praise", "text": "x", "position": 0}], "Choose one that is offered."),
    ],
    ids=["no-reason", "no-such-field", "no-value", "range", "twice", "old-id-in-use", "aspect"],
)
def test_a_broken_rule_of_a_row_is_said_beside_it(admin_page, paper, part, rows, message):
    record = OrganisationFactory()
    url = address(record, "change")
    data = typed(admin_page.get(url))
    for row in rows:
        add_row(data, part, **(row | {"source": paper.pk} if part == "citations" else row))
    answer = admin_page.post(url, data)
    assert answer.status_code == 200
    assert message in errors(answer)


#: How Django itself begins, which says what is wrong and not what to do.
BARE = re.compile(
    "This field|Select a valid|Enter a|Ensure|Please correct|Value |.* (valid value|value must)|.* with this"
)


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
@pytest.mark.parametrize("junk", ["", "~", "9" * 18, "x" * 5000], ids=["nothing", "sign", "digits", "letters"])
def test_no_form_refuses_in_bare_words(admin_page, model, junk):
    """Whatever is typed into every field of the form and of a row of each part."""
    url = address(model, "add")
    page = admin_page.get(url)
    data = {name: junk for name in typed(page) if not name.endswith("_FORMS")}
    for inline in page.context["inline_admin_formsets"]:
        form, prefix = inline.formset.empty_form, inline.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": "2", f"{prefix}-INITIAL_FORMS": "0"}
        for number in range(2):
            data |= {f"{prefix}-{number}-{field.name}": junk for field in form.visible_fields()}
        fillable = [field.name for field in form.visible_fields() if field.field.required]
        if not junk and len(fillable) > 1:
            data[f"{prefix}-0-{fillable[-1]}"] = "a row with only this"
    answer = admin_page.post(url, data)
    assert answer.status_code == 200
    said = every_message(answer)
    assert said
    assert [message for message in said if BARE.match(message)] == []


def test_a_row_that_is_cited_does_not_leave_its_citations_behind(admin_page, paper):
    record = PartnershipFactory()
    member = record.participants.create(organisation=OrganisationFactory(), side="partner", role="partner")
    cited = f"participants.{member.organisation.slug}"
    Citation.objects.create(record=record, field=cited, source=paper, stated_value="x")
    answer = save(admin_page, record, **{"participants-0-DELETE": "on"})
    assert "is not, or no longer, a fact" in errors(answer)
    answer = save(admin_page, record, **{"participants-0-DELETE": "on", "citations-0-DELETE": "on"})
    assert answer.status_code == 302, errors(answer)
    assert record.participants.exists()
    approve(record)
    assert not record.participants.exists()


def test_the_first_citation_needs_its_source(admin_page):
    record = OrganisationFactory()
    url = address(record, "change")
    data = add_row(typed(admin_page.get(url)), "citations", field="name", stated_value="x", rank="preferred")
    assert "Choose the source" in errors(admin_page.post(url, data))


def test_keys_nobody_typed_are_made_and_differ(admin_page):
    record = ProgrammeFactory(publication_status="draft")
    url = address(record, "change")
    data = typed(admin_page.get(url))
    for text in ("One.", "Two."):
        add_row(data, "statements", aspect="objective", text=text, position=0)
    answer = admin_page.post(url, data)
    assert answer.status_code == 302, errors(answer)
    assert sorted(record.statements.values_list("key", flat=True)) == ["objective", "objective-2"]


def test_a_public_record_that_is_made_to_name_a_draft_waits_for_it(admin_page):
    draft = OrganisationFactory(name="Hidden", publication_status="draft")
    record = PartnershipFactory()
    url = address(record, "change")
    data = add_row(
        typed(admin_page.get(url)), "participants", organisation=draft.pk, side="partner", role="partner"
    )  # fmt: skip
    answer = admin_page.post(url, data)
    assert answer.status_code == 302, errors(answer)
    with pytest.raises(actions.RefusedError, match="Hidden"):
        approve(record)
    assert not record.participants.exists()
    page = admin_page.get(address(Proposal, "change", record.proposals.get().pk)).content.decode()
    assert "cannot be approved yet" in page
    assert "Hidden" in page


def test_an_edit_is_public_once_it_is_approved_and_not_before(admin_page):
    record = OrganisationFactory(name="Before")
    page = f"/organisations/{record.slug}/"
    assert save(admin_page, record, name="Afterwards").status_code == 302
    assert b"Before" in admin_page.get(page).content
    approve(record)
    assert b"Afterwards" in admin_page.get(page).content


def test_a_changed_id_keeps_the_old_address_and_its_citations(admin_page, paper):
    record = OrganisationFactory()
    old = record.slug
    partnership = PartnershipFactory()
    partnership.participants.create(organisation=record, side="partner", role="partner")
    cited = Citation.objects.create(
        record=partnership, field=f"participants.{old}", source=paper, stated_value="x"
    )  # fmt: skip
    assert save(admin_page, record, slug="renamed").status_code == 302
    approve(record)
    answer = admin_page.get(f"/organisations/{old}/")
    assert (answer.status_code, answer.url) == (301, "/organisations/renamed/")
    cited.refresh_from_db()
    assert cited.field == "participants.renamed"

    taken = save(admin_page, OrganisationFactory(), slug=old)
    assert "was the id of another record" in errors(taken)

    record.refresh_from_db()
    assert save(admin_page, record, slug=old).status_code == 302
    approve(record)
    assert admin_page.get(f"/organisations/{old}/").status_code == 200
    assert admin_page.get("/organisations/renamed/").status_code == 301


def test_a_field_says_how_many_citations_support_it(admin_page, paper):
    record = OrganisationFactory()
    for value in ("one", "two"):
        Citation.objects.create(record=record, field="name", source=paper, stated_value=value)
    html = admin_page.get(address(record, "change")).content.decode()
    assert '<a class="cited" href="#cited-name">2 citations</a>' in html
    assert '<summary id="cited-name">Name <span class="count">(2)</span></summary>' in html

"""Two records that are one become one: all that named the loser names the winner, and all of it can be undone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from eccp.curation import actions
from eccp.curation.merging import acts
from eccp.curation.models import Merger, Revision
from eccp.curation.revisions import put
from eccp.desk.models import ErrorReport
from eccp.records import aggregate
from eccp.records.models import DataVersion, OldSlug, Record, record_models
from eccp.records.references import naming_records
from eccp.records.version import is_registry_data
from eccp.reference.models import Country, Organisation, Region
from partnerships.models import Partnership
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNTED = ("version", "changed_at")
WHY = "Both entries mean the body in Kobe."


@pytest.fixture
def both():
    """Two organisations that are one, each with all that an organisation can have, in the same places and others."""
    japan, spain = Country.objects.get(slug="JP"), Country.objects.get(slug="ES")
    winner = factories.OrganisationFactory(
        slug="hyogo-cluster", name="Hyōgo Cluster", website="https://hyogo.example.jp", countries=[japan]
    )
    loser = factories.OrganisationFactory(
        slug="cluster-hyogo", name="Hyogo Cluster", native_name="兵庫クラスター", kind="association",
        website="https://www.hyogo.example.jp", countries=[japan, spain], summary="What the other lacks.",
    )  # fmt: skip
    other = factories.OrganisationFactory(slug="other-body", kind="consortium")
    shared = factories.PartnershipFactory(slug="shared", partner=[winner, loser], european=[other])
    factories.PartnershipFactory(slug="losers", partner=[loser], european=[other])
    factories.CitationFactory(record=shared.record, field="participants.cluster-hyogo")
    factories.AgreementFactory(slug="losers-mou", parties=[loser, other])
    factories.AgreementFactory(slug="shared-mou", parties=[loser, winner])
    factories.ActivityFactory(slug="visit", organisations=[loser])
    factories.ActivityFactory(slug="both-visit", organisations=[loser, winner])
    factories.MarketPlayerFactory(slug="player", organisation=loser)
    factories.ContactPointFactory(slug="contact", organisation=loser)
    shared.supports.create(organisation=loser)
    other.memberships.create(member=loser)
    loser.memberships.create(member=winner)
    for record, value in ((winner, 40), (loser, 42)):
        record.figures.create(key="members", what="Members", value=value, unit="members")
        factories.CitationFactory(record=record.record, field="figures.members", stated_value=str(value))
        factories.CitationFactory(record=record.record, field="website", stated_value=record.website)
        record.aliases.create(name="HC")
    other.assessments.create(key="a", criterion="c", judgement="j", judged_by=loser.record)
    factories.OrganisationFactory(slug="heir", successor=loser)
    loser.old_slugs.create(slug="older-hyogo", record_kind="organisation")
    ErrorReport.objects.create(record=loser.record, message="It has moved.", received_at=timezone.now())
    return winner, loser


def merge(winner, loser, by, **choices):
    return acts.merge(winner=winner, loser=loser, choices=choices, by=by, at=AT, reason=WHY)


def everything():
    """Every row of every table of the registry, with its key: what undoing has to give back."""
    found = {}
    for model in filter(is_registry_data, apps.get_models(include_auto_created=True)):
        if model._meta.proxy:
            continue
        names = [field.attname for field in model._meta.local_concrete_fields if field.name not in COUNTED]
        # Links are what they link; the line of ancestors of a record is made anew.
        names = [name for name in names if not (model._meta.auto_created and name == "id")]
        found[model._meta.label] = sorted(map(repr, model._base_manager.order_by().values_list(*names)))
    return found


def exported(folder):
    call_command("export", folder, verbosity=0)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_that_named_the_loser_names_the_winner(both, paul):
    winner, loser = both
    merge(winner, loser, paul)
    assert not naming_records(loser).exists()
    merged = Organisation.objects.get(pk=winner.pk)
    assert set(merged.participations_in.values_list("partnership__slug", flat=True)) == {"shared", "losers"}
    assert set(merged.agreements_as_party.values_list("agreement__slug", flat=True)) == {"losers-mou", "shared-mou"}
    assert set(merged.activities.values_list("slug", flat=True)) == {"visit", "both-visit"}
    assert set(merged.consortia.values_list("slug", flat=True)) == {"other-body"}
    assert not merged.memberships.exists()  # nobody is a member of itself
    assert merged.supports.get().partnership.slug == "shared"
    assert merged.predecessors.get().slug == "heir"
    assert merged.contact_points.get().slug == "contact"
    assert Organisation.objects.get(slug="other-body").assessments.get().judged_by == merged.record
    assert Partnership.objects.get(slug="shared").citations.get().field == "participants.hyogo-cluster"
    assert ErrorReport.objects.get().record == merged.record


def test_rows_are_united_and_what_was_cited_stays_with_its_row(both, paul):
    winner, loser = both
    merge(winner, loser, paul, kind="winner")
    merged = Organisation.objects.get(pk=winner.pk)
    assert (merged.kind, merged.summary, merged.native_name) == ("cluster", "What the other lacks.", "兵庫クラスター")
    assert {country.slug for country in merged.countries.all()} == {"JP", "ES"}
    assert {figure.key: figure.value for figure in merged.figures.all()} == {"members": 40, "members-2": 42}
    cited = {citation.field: citation.stated_value for citation in merged.citations.all()}
    assert (cited["figures.members"], cited["figures.members-2"]) == ("40", "42")
    assert {alias.name for alias in merged.aliases.all()} == {"HC", "Hyogo Cluster"}
    assert {old.slug for old in merged.old_slugs.all()} == {"older-hyogo", "cluster-hyogo"}
    ranks = {(row.stated_value, row.rank, row.reason) for row in merged.citations.filter(field="website")}
    assert ranks == {
        ("https://hyogo.example.jp", "preferred", ""), ("https://www.hyogo.example.jp", "alternative", WHY)
    }  # fmt: skip


def test_each_field_is_taken_from_whom_the_curator_chose(both, paul):
    winner, loser = both
    merge(winner, loser, paul, name="loser", website="loser", summary="winner", countries="winner")
    merged = Organisation.objects.get(pk=winner.pk)
    assert (merged.name, merged.website, merged.summary) == ("Hyogo Cluster", "https://www.hyogo.example.jp", "")
    assert {country.slug for country in merged.countries.all()} == {"JP"}
    assert {alias.name for alias in merged.aliases.all()} == {"HC", "Hyōgo Cluster"}
    beaten = merged.citations.get(field="website", rank="alternative")
    assert beaten.stated_value == "https://hyogo.example.jp"


def test_the_old_address_leads_to_the_winner_and_the_loser_is_in_no_list(both, paul, client):
    winner, loser = both
    merge(winner, loser, paul)
    for slug in ("cluster-hyogo", "older-hyogo"):
        moved = client.get(f"/organisations/{slug}/")
        assert (moved.status_code, moved["Location"]) == (301, "/organisations/hyogo-cluster/")
        assert client.get(f"/organisations/{slug}.json").status_code in (301, 404)
    assert client.get("/organisations/cluster-hyogo/", follow=True).status_code == 200
    listed = b"".join(client.get("/organisations.csv"))
    assert b"cluster-hyogo" not in listed
    found = client.get("/partnerships.json?organisation=cluster-hyogo", follow=True).json()
    assert found["count"] == 2


def test_undoing_gives_the_very_same_files_and_rows_back(both, paul, tmp_path):
    winner, loser = both
    before, files = everything(), exported(tmp_path / "before")
    merger = merge(winner, loser, paul, name="loser", website="loser")
    merged = exported(tmp_path / "merged")
    assert merged["organisations.csv"] != files["organisations.csv"]
    number = DataVersion.objects.get().number
    acts.undo(merger=merger, by=paul, at=AT + timedelta(days=1), reason="They are two bodies after all.")
    assert DataVersion.objects.get().number > number
    assert everything() == before
    assert exported(tmp_path / "after") == files
    with pytest.raises(actions.RefusedError, match="undone already"):
        acts.undo(merger=merger, by=paul, at=AT, reason="They are two bodies after all.")


def test_history_tells_of_the_merger_at_every_record_that_changed(both, paul):
    winner, loser = both
    stale = Record.objects.get(slug="losers").changed_at
    merger = merge(winner, loser, paul)
    told = Revision.objects.filter(act="merged")
    assert sorted(told.values_list("record", flat=True)) == merger.touched
    assert {(one.by, one.reason, one.number) for one in told} == {(paul, WHY, 2)}
    assert [one.record_id for one in told if not one.is_public] == [loser.pk]  # its address leads to the other's
    assert {record.version for record in Record.objects.filter(pk__in=merger.touched)} == {2}
    assert Record.objects.get(slug="losers").changed_at > stale
    assert Revision.objects.get(record=loser.pk, number=1).state["name"] == "Hyogo Cluster"
    acts.undo(merger=merger, by=paul, at=AT, reason="They are two bodies after all.")
    assert Revision.objects.filter(act="unmerged", number=3).count() == len(merger.touched)


def test_what_has_changed_since_is_not_overwritten_by_undoing(both, paul):
    winner, loser = both
    merger = merge(winner, loser, paul, website="loser")
    merged = Organisation.objects.get(pk=winner.pk)
    merged.website = "https://new.example.jp"
    merged.save()
    stored = everything()
    with pytest.raises(actions.RefusedError, match=r"Hyōgo Cluster.*has changed since"):
        acts.undo(merger=merger, by=paul, at=AT, reason="They are two bodies after all.")
    assert everything() == stored
    assert Merger.objects.get().undone_at is None


def test_what_was_added_since_stays_when_a_merger_is_undone(both, paul):
    winner, loser = both
    merger = merge(winner, loser, paul)
    later = factories.PartnershipFactory(partner=[Organisation.objects.get(pk=winner.pk)])
    acts.undo(merger=merger, by=paul, at=AT, reason="They are two bodies after all.")
    assert later.participants.get().organisation_id == winner.pk
    assert Organisation.objects.get(pk=loser.pk).is_published


def test_a_merged_record_is_not_published_again_but_parted(both, paul):
    winner, loser = both
    merge(winner, loser, paul)
    with pytest.raises(actions.RefusedError, match="Undo that instead"):
        actions.restore(record=Organisation.objects.get(pk=loser.pk), by=paul, at=AT, reason="It is another body.")


@pytest.mark.parametrize(
    ("winner", "loser", "why"),
    [
        ({"publication_status": "draft"}, {}, "keep the public one"),
        ({}, {"publication_status": "withdrawn", "withdrawn_on": AT, "withdrawal_reason": "Gone."}, "not merged"),
    ],
)
def test_the_more_public_one_stays(winner, loser, why, paul):
    with pytest.raises(actions.RefusedError, match=why):
        merge(factories.OrganisationFactory(**winner), factories.OrganisationFactory(**loser), paul)


def test_two_kinds_and_one_and_the_same_are_not_merged(paul):
    one = factories.OrganisationFactory()
    for other in (one, factories.ProgrammeFactory()):
        with pytest.raises(actions.RefusedError, match="one kind"):
            merge(one, other, paul)


def test_a_draft_goes_into_what_is_public_and_nothing_of_it_stands_alone(paul, client):
    winner = factories.OrganisationFactory(slug="known")
    draft = factories.OrganisationFactory(slug="again", name="Known again", publication_status="draft")
    assert client.get("/organisations/again/").status_code == 404
    merger = merge(winner, draft, paul)
    assert client.get("/organisations/again/").status_code == 301
    acts.undo(merger=merger, by=paul, at=AT, reason="They are two bodies after all.")
    assert client.get("/organisations/again/").status_code == 404


def test_of_two_drafts_the_public_learns_nothing(paul, client):
    winner, loser = (factories.OrganisationFactory(slug=slug, publication_status="draft") for slug in ("a1", "a2"))
    merge(winner, loser, paul)
    for slug in ("a1", "a2"):
        assert client.get(f"/organisations/{slug}/").status_code == 404
    assert not Revision.objects.public().filter(record__in=(winner.pk, loser.pk)).exists()
    # The old id may be taken back by a curator, or go with the draft: the loser was never public all the same.
    OldSlug.objects.filter(slug="a2").delete()
    assert client.get("/organisations/a2/").status_code == 404
    assert client.get("/organisations/a2.json").status_code == 404


def test_a_public_winner_takes_nothing_that_names_a_draft(paul):
    winner = factories.OrganisationFactory()
    hidden = factories.SectorFactory(name="Hidden", publication_status="draft")
    loser = factories.OrganisationFactory(publication_status="draft", sectors=[hidden])
    with pytest.raises(actions.RefusedError, match="Hidden"):
        merge(winner, loser, paul)
    assert not Merger.objects.exists()


def test_nobody_publishes_an_own_draft_by_merging_it(paul):
    state = {"slug": "novum", "name": "Novum", "kind": "cluster"}
    draft = put(Organisation, state, by=paul, at=AT, reason="").record
    with pytest.raises(actions.RefusedError, match="somebody else"):
        merge(factories.OrganisationFactory(), draft, paul)


def test_a_change_that_waits_is_decided_first(anna, paul):
    winner, loser = factories.OrganisationFactory(), factories.OrganisationFactory()
    put(Organisation, aggregate.dump(loser) | {"name": "After"}, by=anna, at=AT, reason=WHY)
    with pytest.raises(actions.RefusedError, match="A change is waiting"):
        merge(winner, loser, paul)


def test_a_change_that_names_the_loser_comes_to_name_the_winner(both, anna, paul):
    winner, loser = both
    record = factories.PartnershipFactory(slug="later")
    merge(winner, loser, paul)
    row = {"organisation": loser.slug, "side": "partner", "role": "partner"}
    outcome = put(Partnership, aggregate.dump(record) | {"participants": [row]}, by=anna, at=AT, reason=WHY)
    assert outcome.proposal.state["participants"][0]["organisation"] == winner.slug


def test_a_merger_that_would_change_too_much_is_refused(monkeypatch, both, paul):
    monkeypatch.setattr(acts, "MOST_TOUCHED", 3)
    winner, loser = both
    stored = everything()
    with pytest.raises(actions.RefusedError, match="changes at most 3"):
        merge(winner, loser, paul)
    assert everything() == stored


def test_a_record_that_may_exist_once_only_stands_in_the_way(paul):
    winner, loser = factories.PartnershipFactory(), factories.PartnershipFactory()
    for partnership in (winner, loser):
        factories.GoodPracticeFactory(partnership=partnership)
    with pytest.raises(actions.RefusedError, match="stands in the way"):
        merge(winner, loser, paul)


@pytest.mark.parametrize("kind", sorted(record_models()))
def test_two_of_any_kind_are_merged_and_parted_again(kind, paul):
    winner, loser = (factories.FACTORIES[kind]() for _each in range(2))
    loser.aliases.create(name="Another name")
    before = everything()
    merger = merge(winner, loser, paul)
    assert {alias.name for alias in winner.aliases.all()} == {"Another name", loser.name}
    acts.undo(merger=merger, by=paul, at=AT, reason="They are two things after all.")
    assert everything() == before


def test_children_follow_in_the_tree_and_come_back(paul):
    country = factories.CountryFactory()
    above = factories.RegionFactory(country=country)
    winner = factories.RegionFactory(country=country, parent=above)
    loser = factories.RegionFactory(country=country)
    child = factories.RegionFactory(country=country, parent=loser)

    def line():
        return set(Region.objects.get(pk=child.pk).ancestors.values_list("pk", flat=True))

    merger = merge(winner, loser, paul)
    assert line() == {child.pk, winner.pk, above.pk}
    acts.undo(merger=merger, by=paul, at=AT, reason="They are two regions after all.")
    assert line() == {child.pk, loser.pk}


def test_a_later_merger_is_undone_first(paul):
    first, second, third = (factories.OrganisationFactory() for _each in range(3))
    inner = merge(second, first, paul)
    outer = merge(third, Organisation.objects.get(pk=second.pk), paul)
    with pytest.raises(actions.RefusedError, match="has changed since"):
        acts.undo(merger=inner, by=paul, at=AT, reason="They are two bodies after all.")
    for merger in (outer, inner):
        acts.undo(merger=merger, by=paul, at=AT, reason="They are two bodies after all.")
    assert Organisation.objects.published().filter(pk__in=[first.pk, second.pk, third.pk]).count() == 3

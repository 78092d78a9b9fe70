"""A long file costs little a row: its records are stored together, and are what they would be if stored alone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eccp.curation.importing import running
from eccp.curation.importing.bindings import Subject, importable
from eccp.curation.models import Proposal, Revision
from eccp.curation.revisions import put, put_together
from eccp.records import aggregate, together
from eccp.records.models import Alias, DataChange, DataVersion, OldSlug, TreeModel
from eccp.records.references import owners
from eccp.reference.models import Organisation, Sector
from tests.curation.test_importing import AT, MAIN, ON, WHY, checked
from tests.factories import AgreementFactory, OrganisationFactory, SourceFactory

pytestmark = pytest.mark.usefixtures("registry")

HEADER = ["id", "name", "aliases", "kind", "countries", "website"]


def new_rows(count, start=0):
    return [
        [f"many-{at}", f"Many {at}", f"M{at}; Much {at}", "cluster", "Germany; Japan", f"https://example.eu/{at}"]
        for at in range(start, start + count)
    ]


def statements(by, rows):
    """How many statements a check and an import of ``rows`` take."""
    with CaptureQueriesContext(connection) as asked:
        wanted = checked(by, "organisations", [HEADER, *rows])
        list(running.apply(wanted, at=AT, on=ON))
    return len(asked)


def test_a_new_row_costs_next_to_no_statement(anna):
    """What a row costs, not what a file costs: the difference between a short file and a longer one."""
    short, long = statements(anna, new_rows(100)), statements(anna, new_rows(300, start=100))
    assert Organisation.objects.filter(slug__startswith="many-").count() == 400
    assert (long - short) / 200 < 0.5


@pytest.mark.parametrize("status", ["draft", "published"])
def test_an_edited_row_costs_next_to_no_statement(anna, status):
    """The same for records that are there: drafts change at once, what is public waits for a publisher."""
    list(running.apply(checked(anna, "organisations", [HEADER, *new_rows(400)]), at=AT, on=ON))
    made = Organisation.objects.filter(slug__startswith="many-")
    made.update(publication_status=status)
    edited = [[row[0], f"{row[1]} more", f"{row[2]}; new", *row[3:]] for row in new_rows(400)]
    short, long = statements(anna, edited[:100]), statements(anna, edited[100:])
    told = Proposal.objects.submitted().count() if status == "published" else made.filter(name__endswith="more").count()
    assert told == 400
    assert (long - short) / 200 < 0.7


def test_new_records_are_known_whole_with_who_when_and_why(anna):
    wanted = checked(anna, "organisations", [HEADER, *new_rows(3)])
    list(running.apply(wanted, at=AT, on=ON))
    made = Organisation.objects.get(slug="many-1")
    assert aggregate.dump(made) == {
        "slug": "many-1", "name": "Many 1", "publication_status": "draft", "kind": "cluster",
        "website": "https://example.eu/1", "countries": ["DE", "JP"],
        "aliases": [{"name": "M1", "kind": "alias"}, {"name": "Much 1", "kind": "alias"}],
    }  # fmt: skip
    [told] = made.revisions.all()
    assert (told.act, told.by, told.at, told.number, told.is_public) == ("created", anna, AT, 1, False)
    assert told.state == aggregate.dump(made)


def test_an_import_raises_the_data_version_once_and_readers_read_nothing_anew(anna):
    """All of it is drafts: no list shows any of it."""
    wanted = checked(anna, "organisations", [HEADER, *new_rows(3)])
    number = DataVersion.objects.get().number
    list(running.apply(wanted, at=AT, on=ON))
    assert DataVersion.objects.get().number == number + 1
    assert DataChange.objects.last().rows == {}


def columns_of(rows, owner):
    """Every column of some rows but keys and instants."""
    left_out = {"id", "changed_at", "key", "record", owner}
    return sorted(
        repr(
            [
                (field.name, getattr(row, field.attname))
                for field in row._meta.concrete_fields
                if field.name not in left_out
            ]
        )
        for row in rows
    )


def stored_by(store, model, state):
    """All that a way of storing leaves in the tables of a record and its parts."""
    with aggregate.rehearsal():
        record = store(model, state)
        again = model.objects.get(slug=state["slug"])
        assert (record.pk, record.version) == (again.pk, again.version)
        parts = {
            part: columns_of(getattr(again, part).all(), owner.name)
            for part, owner in owners(model).items()
            if part != "old_slugs"
        }
        return columns_of([again], ""), parts, aggregate.dump(again)


TOGETHER = [name for name in MAIN if name not in ("observations", "sources")]


def richest_and_another(listing):
    """A kind of record, the one of the registry that says most, and another."""
    model = Subject.of(importable()[listing]).model
    *_others, another, richest = sorted(model.objects.all(), key=lambda record: len(repr(aggregate.dump(record))))
    return model, richest, another


@pytest.mark.parametrize("listing", TOGETHER)
def test_stored_together_is_the_same_as_stored_alone(listing):
    model, richest, another = richest_and_another(listing)
    whole = aggregate.dump(richest)
    for slug in ("one-more", another.slug):
        state = whole | {"slug": slug, "old_slugs": [], "publication_status": "draft"}
        if issubclass(model, TreeModel):
            # A new one gets its place in the tree alone; one that is there keeps it.
            state = state | {"parent": another.parent.slug if another.parent else ""}
            if slug != another.slug:
                assert not together.is_possible(model, state, aggregate.hold(model, state))
                continue
        model.objects.filter(pk=another.pk).update(publication_status="draft")
        assert together.is_possible(model, state, aggregate.hold(model, state))
        alone = stored_by(lambda *of: aggregate.store(*of)[0], model, state)
        at_once = stored_by(
            lambda model, state: together.store(model, [(state, aggregate.hold(model, state))])[0].record, model, state
        )
        assert at_once == alone


@pytest.mark.parametrize("listing", MAIN)
def test_read_together_is_the_same_as_read_alone(listing):
    model = Subject.of(importable()[listing]).model
    for record, state in together.read(model.objects.all()):
        assert state == aggregate.dump(model.objects.get(pk=record.pk))
        assert list(state) == list(aggregate.dump(record))


def test_agreements_follow_a_source_whose_date_is_imported(anna):
    source = SourceFactory(dated="2015", publication_status="draft")
    agreement = AgreementFactory(evidence=source, duration_months=12, publication_status="draft")
    wanted = checked(anna, "sources", [["id", "dated"], [source.slug, "2018"], [SourceFactory().slug, "2018"]])
    assert wanted.faults == 0, wanted.report
    list(running.apply(wanted, at=AT, on=ON))
    agreement.refresh_from_db()
    assert agreement.ends_on == date(2019, 12, 31)


def test_a_row_that_is_known_again_keeps_its_key():
    record = OrganisationFactory()
    figure = record.figures.create(key="members", what="members", unit="companies", value=3)
    gone = record.aliases.create(name="Gone")
    state = aggregate.dump(record)
    state["figures"][0]["value"], state["aliases"] = "4", [{"name": "New", "kind": "alias"}]
    together.store(Organisation, [(state, aggregate.hold(Organisation, state))])
    [changed] = record.figures.all()
    assert (changed.pk, changed.value) == (figure.pk, 4)
    assert [alias.name for alias in record.aliases.all()] == ["New"]
    assert not Alias.objects.filter(pk=gone.pk).exists()


def left_by(change, anna):
    """What a change leaves in the history and among the changes that wait."""
    with aggregate.rehearsal():
        change()
        acts = Revision.objects.order_by("record", "number").values_list(
            "record", "number", "act", "by", "at", "reason", "state", "is_public"
        )
        waiting = Proposal.objects.order_by("record").values_list(
            "record", "base_version", "author", "reason", "status", "saves", "state", "changed_at", "comment"
        )
        return [*acts], [*waiting]


@pytest.mark.parametrize("status", ["open", "submitted"])
def test_a_change_among_many_leaves_what_it_leaves_alone(anna, status):
    """A draft, a public record, one whose change waits and goes on, one whose change is taken back, one as it was."""
    records = OrganisationFactory.create_batch(5)
    Organisation.objects.filter(pk=records[0].pk).update(publication_status="draft")
    for record in records[2:4]:
        state = aggregate.dump(Organisation.objects.get(pk=record.pk)) | {"native_name": "前"}
        put(Organisation, state, by=anna, at=AT, reason=WHY)
    changes = []
    for record, native in zip(records, ("新", "新", "新", "", ""), strict=True):
        state = {"slug": record.slug}
        held = aggregate.hold(Organisation, state)
        changes.append((held.state | ({"native_name": native} if native else {}), held))
    said = {"by": anna, "at": AT, "reason": WHY, "status": status}
    alone = left_by(lambda: [put(Organisation, state, held=held, **said) for state, held in changes], anna)
    at_once = left_by(lambda: put_together(Organisation, changes, **said), anna)
    assert at_once == alone
    acts, waiting = alone
    assert [act[2] for act in acts] == ["loaded", "changed"]
    assert [change[4] for change in waiting] == [status, status, "discarded"]


def test_a_circle_that_only_the_file_closes_is_found(anna):
    for slug in ("one", "two", "three"):
        AgreementFactory(slug=slug, publication_status="draft")
    rows = [["id", "supersedes"], ["one", "two"], ["two", "three"], ["three", "one"]]
    wanted = checked(anna, "agreements", rows)
    assert wanted.faults == 1
    [found] = [each for each in wanted.report if each["problems"]]
    assert "in a circle" in found["problems"][0][1]


def test_a_new_place_in_a_tree_is_kept(anna):
    rows = [["id", "name", "parent", "ecosystem"], ["a", "A", "b", "health"], ["b", "B", "", "health"]]
    wanted = checked(anna, "sectors", rows)
    list(running.apply(wanted, at=AT, on=ON))
    made = Sector.objects.get(slug="a")
    assert {above.slug for above in made.ancestors.all()} == {"a", "b"}
    rows = [["id", "name", "parent"], ["a", "A", ""], ["b", "Bee", ""]]
    list(running.apply(checked(anna, "sectors", rows), at=AT, on=ON))
    assert {above.slug for above in made.ancestors.all()} == {"a"}
    assert Sector.objects.get(slug="b").name == "Bee"


def test_one_bad_row_among_many_is_named_and_hides_no_other(anna):
    """An old id of another record is found out when the records are stored."""
    OldSlug.objects.create(record=OrganisationFactory(), slug="many-7", record_kind="organisation")
    rows = new_rows(20)
    rows[3][5] = "no address"
    rows[11][0] = "NOT AN ID"
    wanted = checked(anna, "organisations", [HEADER, *rows])
    assert wanted.state == "faulty"
    assert [found["id"] for found in wanted.report if found["problems"]] == ["many-3", "many-7", "NOT AN ID"]
    assert not Organisation.objects.filter(slug__startswith="many-").exists()


def test_rows_stored_together_may_not_name_each_other_and_are_parted(anna):
    """Each is followed by the one that comes after it in the file."""
    rows = [["id", "name", "kind", "successor"]]
    rows += [[f"many-{at}", f"Many {at}", "cluster", f"many-{at + 1}" if at < 5 else ""] for at in range(6)]
    wanted = checked(anna, "organisations", rows)
    assert wanted.faults == 0, wanted.report
    list(running.apply(wanted, at=AT, on=ON))
    made = Organisation.objects.filter(slug__startswith="many-").order_by("slug")
    assert [one.successor and one.successor.slug for one in made] == [*(f"many-{at}" for at in range(1, 6)), None]

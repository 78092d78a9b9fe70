"""A snapshot made from the one before is the one that would be made from the beginning, whatever has changed."""

from contextlib import contextmanager
from copy import copy
from datetime import date
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from django.test import override_settings
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eccp.listing import keeping
from eccp.listing import ways as asking
from eccp.listing.directory import Directory, Ref
from eccp.listing.index import index, opened_directory
from eccp.listing.listings import LISTINGS
from eccp.listing.reading import dated
from eccp.listing.segment import sorted_columns
from eccp.listing.showing import RECORDS, RENAMED, ways
from eccp.listing.snapshot import Snapshot
from eccp.listing.versions import changes_since, data_version
from eccp.listing.words import BoundWord
from eccp.records import version
from eccp.records.dates import PartialDate
from eccp.records.models import Alias, Citation, OldSlug, Record, record_models
from eccp.records.references import naming_fields, owners
from eccp.reference.models import Country
from partnerships.models import Partnership
from tests.factories import AgreementFactory, OrganisationFactory, PartnershipFactory, SectorFactory

ON = date(2026, 11, 22)
pytestmark = pytest.mark.django_db


def plain(cell):
    """A cell by its content: what stands above a record is asked of the directory, never of a cell."""
    if isinstance(cell, Ref):
        return cell.kind, cell.slug, cell.names, cell.other_names
    return tuple(map(plain, cell)) if isinstance(cell, tuple | list) else cell


def answers(snapshot: Snapshot) -> dict:
    """Everything a snapshot can be asked, whatever the places of its rows."""
    words, columns = snapshot.listing.filterset_class.base_filters, snapshot.columns
    bounds = {name: word for name, word in words.items() if isinstance(word, BoundWord)}

    def ids(places):
        return sorted(map(snapshot.id, places))

    orders = {
        f"{name} {descending}": snapshot.order(name, descending, ON)
        for name in (*sorted_columns(snapshot.listing), "status", "countries_codes")
        if name in columns
        for descending in (False, True)
    }
    return {
        "rows": {
            (row := snapshot.row(at)).id: (
                row.key, row.changed, plain(row.ref), snapshot.line(at),
                [plain(snapshot.cell(at, column, ON)) for column in columns.values()],
            )
            for at in snapshot.all
        },
        "found": [snapshot.find(snapshot.id(at)) == at == snapshot.place(snapshot.key(at)) for at in snapshot.all],
        **{f"word {name}": {code: ids(rows) for code, rows in snapshot.facet(name, ON).items()}
           for name, word in words.items() if word.is_choice},
        **{f"matching {text}": ids(snapshot.matching(text)) for text in ("zeta", "a", "県", "omega 兵", "kobé")},
        **{f"{name} {year}": ids(snapshot.within(word, PartialDate.parse(year)))
           for name, word in bounds.items() for year in ("2013", "2017-05")},
        **{f"undated {word.of}": ids(snapshot.undated(word.of)) for word in bounds.values()},
        **{f"extent {of}": snapshot.extent(of) for of in dated(snapshot.listing)},
        **{f"order {name}": [snapshot.id(at) for at in order] for name, order in orders.items()},
        **{f"ranks {name}": [snapshot.id(at) for at in sorted(snapshot.all, key=order.rank)]
           for name, order in orders.items()},
    }  # fmt: skip


def ask_everything() -> dict:
    return {name: answers(index.snapshot(listing)) for name, listing in LISTINGS.items()}


def read_anew() -> Directory:
    """The directory from the beginning."""
    return keeping.make_directory(data_version(), is_lasting=False)


def anew(listing, directory, token) -> Snapshot:
    """The list from the beginning."""
    return Snapshot(listing, directory, token, keeping.make(listing, directory, token, is_lasting=False))


def differing() -> list[str]:
    """What the held snapshots answer otherwise than new ones."""
    directory, token = read_anew(), data_version()
    held = index.directory()
    # Words of names that are gone may stay: what is meant has to be found first.
    wrong = [] if held.vocabulary.keys() >= directory.vocabulary.keys() else ["vocabulary"]
    for kind, slug in OldSlug.objects.values_list("record_kind", "slug"):
        wrong += [] if held.moved(kind, slug) == directory.moved(kind, slug) else [f"moved {slug}"]
    for kind in {*held.refs, *directory.refs}:
        old, new = (
            [(slug, plain(ref), ref.parent) for slug, ref in of.items()] for of in (held.of(kind), directory.of(kind))
        )
        wrong += [] if old == new else [kind]
    for name, listing in LISTINGS.items():
        found, expected = answers(index.snapshot(listing)), answers(anew(listing, directory, token))
        wrong += [f"{name}: {part}" for part in expected if found[part] != expected[part]]
    return wrong


# ── changes of every sort, each of some record ──


def rename(record):
    record.name = f"Zeta {record.name}"
    record.save()


def give_new_id(record):
    record.slug = f"a-{record.slug}"
    record.save()


def hide(record):
    record.publication_status = "draft"
    record.save()


def add_alias(record):
    Alias.objects.create(record=Record.objects.get(pk=record.pk), name="Omega 兵庫", kind="alias")


def show(record):
    record.publication_status = "published"
    record.save()


def add_old_id(record):
    OldSlug.objects.create(record=Record.objects.get(pk=record.pk), slug=f"old-{record.slug}")


def pass_old_id_on(record):
    """An id under which another record of the kind was known is now an old one of this."""
    old = OldSlug.objects.filter(record_kind=record.record_kind).exclude(record=record.pk).first()
    if old is not None:
        old.record = Record.objects.get(pk=record.pk)
        old.save()


def drop_parts(record):
    for part in type(record).parts:
        row = getattr(record, part).first()
        if row is not None:
            row.delete()


def unlink(record):
    for field in naming_fields(type(record)):
        if field.many_to_many:
            getattr(record, field.name).clear()
        elif field.null and not field.one_to_one:
            setattr(record, field.name, None)
    record.save()


def link_parts_elsewhere(record):
    """The first row of each part now names another record of the same kind."""
    for part, owner in owners(type(record)).items():
        row = getattr(record, part).first()
        for field in naming_fields(owner.model, owner) if row is not None and owner.model is not Citation else ():
            other = field.related_model.objects.exclude(pk__in=[getattr(row, field.attname) or 0, record.pk]).first()
            if not field.many_to_many and other is not None:
                setattr(row, field.name, other)
                row.save()
                break


def make(record):
    sector = SectorFactory(parent=record if record._meta.model_name == "sector" else None)
    partnership = PartnershipFactory(european=[OrganisationFactory()], partner=[OrganisationFactory()])
    partnership.sectors.add(sector)
    AgreementFactory(partnership=partnership, signed="2013")


CHANGES = [
    rename, give_new_id, hide, show, add_alias, add_old_id, pass_old_id_on, drop_parts, unlink, link_parts_elsewhere,
    make,
]  # fmt: skip


@contextmanager
def undone():
    """What is done inside is undone, and the index holds what it held."""
    held = {name: copy(value) for name, value in vars(index).items() if name in ("_versions", "_last")}
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        vars(index).update(held)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(CHANGES), st.sampled_from(sorted(record_models())), st.integers(0, 10_000)),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_read_anew_is_all_that_has_changed(registry, changes):
    ask_everything()
    before = data_version()
    with undone():
        for change, kind, number in changes:
            records = record_models()[kind].objects.order_by("pk")
            record = records[number % records.count()]
            try:
                with transaction.atomic():
                    change(record)
            except (DatabaseError, ValidationError, ValueError, ProtectedError):
                continue  # the registry does not allow it
        assert changes_since(before, data_version()) is not None
        assert differing() == []


#: Kinds that are renamed together, six times: whichever two kinds, one is renamed at least once while the other is not,
#: so that it has to be said by rows that nothing else has read anew.
TOGETHER = [
    [kind for kind, at in zip(sorted(record_models()), combinations(range(6), 3), strict=False) if turn in at]
    for turn in range(6)
]


def test_each_kind_is_renamed_once_while_each_other_is_not():
    kinds = set(record_models())
    for kind in kinds:
        assert kinds - {kind} == set().union(*(kinds - set(turn) for turn in TOGETHER if kind in turn))


@pytest.mark.parametrize("kinds", TOGETHER, ids=" ".join)
def test_what_names_a_renamed_record_says_its_new_name(registry, kinds):
    ask_everything()
    with undone():
        for kind in kinds:
            # Every second one, for those of a kind that name another of the same.
            for record in record_models()[kind].objects.order_by("pk")[::2]:
                rename(record)
            add_alias(record)
        assert differing() == []


def test_a_new_name_is_noted_for_the_record_and_for_no_row_that_names_it(registry):
    before, japan = data_version(), Country.objects.get(slug="JP")
    rename(japan)
    add_alias(japan)
    changed = changes_since(before, data_version())
    assert changed[RECORDS] == changed[RENAMED] == changed["countries"] == {japan.pk}
    assert changed.keys() == {RECORDS, RENAMED, "countries", "citations"}  # its own citations: when it last changed
    before = data_version()
    japan.alpha3 = "XXX"
    rename(japan)
    assert changes_since(before, data_version())["partnerships"]


def test_one_change_reads_few_rows_and_an_untold_one_everything(registry):
    before = data_version()
    partnership = Partnership.objects.get(slug="life-science-nord-kobe")
    partnership.save()
    changed = changes_since(before, data_version())
    assert changed["partnerships"] == {partnership.pk}
    assert sum(map(len, changed.values())) < 100
    before = data_version()
    version.bump()
    assert changes_since(before, data_version()) is None
    assert changes_since((0, before[1]), data_version()) is None
    assert changes_since((before[0], partnership.changed_at.replace(year=2000)), data_version()) is None


def test_a_row_is_read_anew_without_building_the_list(registry, monkeypatch):
    partnerships = LISTINGS["partnerships"]
    before = index.snapshot(partnerships)
    partnership = Partnership.objects.get(slug="life-science-nord-kobe")
    partnership.name = "Zither makers"
    partnership.save()
    monkeypatch.setattr(keeping, "make", None)
    after = index.snapshot(partnerships)
    at = after.find(partnership.slug)
    assert before.row(at).ref.name != after.row(at).ref.name == "Zither makers"
    assert list(after.matching("zither")) == [at]
    assert len(before.matching("zither")) == 0


def test_one_row_is_read_anew_with_few_questions_that_are_written_once(registry, django_assert_max_num_queries):
    partnerships = LISTINGS["partnerships"]
    partnership = Partnership.objects.get(slug="life-science-nord-kobe")
    index.forget_everything()  # what other tests have asked for is brought up to date too
    index.snapshot(partnerships).facet("agreement_status", ON)
    partnership.save()
    index.snapshot(partnerships)
    written = asking._written.cache_info().misses
    partnership.save()
    with django_assert_max_num_queries(43):
        index.snapshot(partnerships)
    assert asking._written.cache_info().misses == written > 0


def test_a_change_is_noted_with_few_questions_that_are_written_once(registry, django_assert_max_num_queries):
    partnership = Partnership.objects.get(slug="life-science-nord-kobe")
    partnership.save()
    written = asking._written.cache_info().misses
    with django_assert_max_num_queries(35):  # 20 ways lead to a partnership; each list is asked once
        partnership.save()
    assert asking._written.cache_info().misses == written > 0


def same(one: Directory, other: Directory) -> bool:
    """Whether two directories say the same of every record that is or was."""
    old = OldSlug.objects.values_list("record_kind", "slug")
    keys = Record.objects.values_list("pk", flat=True)
    return (
        [[(*plain(ref), ref.parent) for ref in of.values()] for _kind, of in sorted(one.refs.items()) if of]
        == [[(*plain(ref), ref.parent) for ref in of.values()] for _kind, of in sorted(other.refs.items()) if of]
        and [one.moved(*at) for at in old] == [other.moved(*at) for at in old]
        and [plain(one.find(key)) for key in keys] == [plain(other.find(key)) for key in keys]
        and one.vocabulary.keys() >= other.vocabulary.keys()
    )


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
@pytest.mark.parametrize("is_opened", [False, True], ids=["held", "opened"])
def test_a_directory_brought_up_to_date_is_the_one_made_anew(registry, tmp_path, is_opened, data):
    def brought_up_to_date() -> Directory:
        return opened_directory(data_version(), is_lasting=False) if is_opened else index.directory()

    kinds = st.sampled_from(["region", "sector", "organisation", "programme", "partnership"])
    changes = st.tuples(st.sampled_from(CHANGES[:7]), kinds, st.integers(0, 30))
    with pytest.MonkeyPatch.context() as patch, override_settings(INDEX_DIR=tmp_path), undone():
        patch.setattr(keeping, "LONG", 1)
        before, first = opened_directory(data_version(), is_lasting=is_opened), read_anew()
        assert any(tmp_path.glob("directory.*.segment")) == is_opened
        for change, kind, number in data.draw(st.lists(changes, min_size=1, max_size=8)):
            records = record_models()[kind].objects.order_by("pk")
            try:
                with transaction.atomic():
                    change(records[number % records.count()])
            except (DatabaseError, ValidationError):
                continue  # the registry does not allow it
            assert same(brought_up_to_date(), read_anew())
    assert same(before, first)


@pytest.mark.django_db(transaction=True)
def test_a_change_outside_a_transaction_is_seen_once_it_is_made(registry):
    sectors = LISTINGS["sectors"]
    index.snapshot(sectors)
    made = SectorFactory(name="First")
    assert index.snapshot(sectors).find(made.slug) is not None
    made.name = "Second"
    made.save()
    snapshot = index.snapshot(sectors)
    assert "Second" in {snapshot.row(at).ref.name for at in snapshot.all}
    made.delete()
    assert index.snapshot(sectors).find(made.slug) is None


def test_the_ways_of_a_list_lead_to_what_it_shows():
    found = {way: end.__name__ for way, end in ways(LISTINGS["partnerships"])}
    for way, end in {
        "participants": "Participant",
        "participants__organisation": "Organisation",
        "participants__organisation__members__countries__memberships": "AreaMembership",
        "sectors__ancestors": "Sector",
        "agreements__renewals__evidence": "Source",
        "good_practice": "GoodPractice",
    }.items():
        assert found.get(way) == end, way


def test_labels_and_what_stands_above_are_said_anew_for_the_kinds_that_have_changed(registry):
    sector, kinds = SectorFactory(name="Amber"), ("sector",)
    before = index.directory()
    assert list(before.labels(kinds).values()) == sorted(before.labels(kinds).values())
    assert before.labels(kinds)[sector.slug] == "Amber"
    assert before.parents(kinds)[sector.slug] == ""
    with override("ja"):
        assert before.labels(("country",))["JP"] == "日本"
    assert before.labels(("country",))["JP"] == "Japan"

    sector.name, sector.parent = "Zircon", SectorFactory(slug="gems")
    sector.save()
    after = index.directory()
    assert after.labels(kinds)[sector.slug] == "Zircon"
    assert after.parents(kinds)[sector.slug] == "gems"
    assert after.labels(("country",)) is before.labels(("country",))
    assert before.labels(kinds)[sector.slug] == "Amber"

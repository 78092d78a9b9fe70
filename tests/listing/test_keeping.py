"""Long lists are kept in files: opened by the next process, refreshed by what has changed, written by one alone."""

import gc
import sys
import threading
import weakref
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eccp.listing import directory, keeping, overlay
from eccp.listing.index import Index, index, rebuild
from eccp.listing.listings import LISTINGS
from eccp.listing.segment import Segment
from eccp.listing.versions import data_version
from eccp.reference.models import Sector
from partnerships.models import Partnership
from tests.factories import SectorFactory
from tests.listing.test_refreshing import anew, answers, read_anew
from tests.postgres import address_of

LIST = LISTINGS["partnerships"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(registry, settings, tmp_path, monkeypatch):
    """A machine on which every list is long, and nothing is kept yet; the test's own transaction counts for none."""
    settings.INDEX_DIR = tmp_path / "index"
    monkeypatch.setattr(keeping, "LONG", 1)
    monkeypatch.setattr(keeping, "is_lasting", lambda: True)
    index.forget_everything()
    yield settings.INDEX_DIR
    index.forget_everything()


def files(folder):
    return sorted(path.name for path in folder.glob("partnerships.*.segment"))


def test_the_next_process_opens_what_the_first_wrote(kept, monkeypatch):
    index.snapshot(LIST)
    assert len(files(kept)) == 1
    changed = Partnership.objects.get(slug="life-science-nord-kobe")
    changed.name = "Zither makers"
    changed.save()
    read = []
    rows_read = keeping.rows_read
    monkeypatch.setattr(keeping, "rows_read", lambda *args: read.append(args) or rows_read(*args))
    opened = Index().snapshot(LIST)
    assert read == []
    assert opened.segment.is_in_file
    assert set(opened.fresh) == {opened.place(changed.pk)}
    assert opened.row(opened.find(changed.slug)).ref.name == "Zither makers"
    assert answers(opened) == answers(anew(LIST, read_anew(), data_version()))


def test_the_next_process_opens_the_directory_and_reads_no_name_that_it_is_not_asked_for(kept, monkeypatch):
    first = index.directory()
    assert len(list(kept.glob("directory.*.segment"))) == 1
    changed, gone = Sector.objects.get(slug="health"), Partnership.objects.get(slug="life-science-nord-kobe")
    changed.name = "Zither making"
    changed.save()
    gone.publication_status = "draft"
    gone.save()
    read, unpacked = [], directory._unpacked
    monkeypatch.setattr(directory, "_unpacked", lambda packed: read.append(packed) or unpacked(packed))
    monkeypatch.setattr(keeping, "make_directory", None)
    opened = Index().directory()
    assert len(read) == 2  # as they were before
    assert list(opened.of("organisation")) == list(first.of("organisation"))
    assert set(opened.of("partnership")) == set(first.of("partnership")) - {gone.slug}
    assert "nowhere" not in opened.of("partnership")
    assert (len(opened.of("partnership")), len(read)) == (len(first.of("partnership")) - 1, 2)
    assert opened.of("sector")["health"].name == "Zither making"
    assert opened.find(gone.pk) is None
    assert opened.of("country")["JP"].name == "Japan"
    assert len(read) == 3


def test_a_name_is_one_object_while_it_is_used_and_none_afterwards(kept, monkeypatch):
    monkeypatch.setattr(overlay, "_REMEMBERED", 1)
    directory = index.directory()
    country = directory.of("country")["JP"]
    other = next(ref for ref in directory.of("country").values() if ref is not country)
    assert directory.at(other.key) is other
    SectorFactory()
    later = index.directory()
    assert later is not directory
    assert later.at(country.key) is later.of("country")["JP"] is directory.find(country.key) is country
    directory.at(other.key), directory.of("country")[other.slug]
    used = weakref.ref(country)
    del country
    assert used() is None


def test_what_is_of_another_history_or_another_release_is_not_opened(kept, monkeypatch):
    index.snapshot(LIST)
    (written,) = files(kept)
    token = data_version()
    assert keeping.newest(LIST.name, Segment, lambda version: version == token).token == token
    assert keeping.newest(LIST.name, Segment, lambda version: False) is None
    monkeypatch.setattr(keeping, "_maker", lambda: "0" * 16)
    assert keeping.newest(LIST.name, Segment, lambda version: True) is None
    Index().snapshot(LIST)
    assert set(files(kept)) > {written}


def test_what_is_read_inside_a_change_is_never_written(kept, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(keeping, "LONG", 1)
    index.snapshot(LIST)
    assert files(kept) == []


def test_half_a_file_is_passed_over(kept):
    index.snapshot(LIST)
    (path,) = kept.glob("partnerships.*.segment")
    path.write_bytes(path.read_bytes()[:1000])
    again = Index().snapshot(LIST)
    assert len(again) == len(index.snapshot(LIST))


def test_without_a_place_for_files_the_list_is_held_in_memory(kept, settings, tmp_path, caplog):
    settings.INDEX_DIR = tmp_path / "a-file" / "index"
    settings.INDEX_DIR.parent.write_text("no folder")
    snapshot = index.snapshot(LIST)
    assert not snapshot.segment.is_in_file
    assert len(snapshot) > 0
    assert "held in memory" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_was_held_in_memory_is_let_go_without_a_complaint(registry, monkeypatch):
    complaints = []
    segment = keeping.make(LISTINGS["sectors"], read_anew(), data_version(), is_lasting=False)
    assert not segment.is_in_file
    segment.in_a_circle = segment  # so that the collector takes all of it at once, in an order of its own
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)  # heard from Python 3.13 on
    del segment
    gc.collect()
    assert not complaints


def test_one_process_writes_and_the_others_wait_for_it(kept, monkeypatch):
    made, begun, may_end = [], threading.Event(), threading.Event()
    make = keeping.make

    def slow(*args, **kwargs):
        made.append(args)
        begun.set()
        assert may_end.wait(30)
        return make(*args, **kwargs)

    monkeypatch.setattr(keeping, "make", slow)
    found = []

    def process():
        found.append(Index().snapshot(LIST))
        connection.close()

    threads = [threading.Thread(target=process) for _number in range(2)]
    threads[0].start()
    assert begun.wait(30)
    threads[1].start()
    may_end.set()
    for thread in threads:
        thread.join(60)
    assert len(found) == 2
    assert len(made) == 1
    assert found[0].ids == found[1].ids


def test_a_process_that_carries_rows_goes_over_to_a_newer_file(kept):
    process = Index()
    first = process.snapshot(LIST).segment
    one, other = Partnership.objects.order_by("slug")[:2]
    one.save()
    assert process.snapshot(LIST).segment is first
    rebuild(LIST)
    other.save()
    after = process.snapshot(LIST)
    assert after.segment.token > first.token
    assert set(after.fresh) == {after.place(other.pk)}
    assert answers(after) == answers(anew(LIST, read_anew(), data_version()))


def test_few_files_stay(kept):
    for number in range(4):
        partnership = Partnership.objects.get(slug="life-science-nord-kobe")
        partnership.summary = f"Version {number}"
        partnership.save()
        rebuild(LIST)
    assert len(files(kept)) == 2


def test_after_an_older_backup_was_restored_what_is_written_stays(kept):
    index.snapshot(LIST)
    (path,) = kept.glob("partnerships.*.segment")
    for later in (900_000, 900_001):
        name, maker, _number, at, kind = path.name.split(".")
        (kept / f"{name}.{maker}.{later}.{at}.{kind}").write_bytes(path.read_bytes())
    assert rebuild(LIST).segment.is_in_file
    assert path.name in files(kept)
    assert len(files(kept)) == 2


def test_every_account_of_the_machine_may_read_what_one_wrote(kept):
    index.snapshot(LIST)
    (path,) = kept.glob("partnerships.*.segment")
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_process_that_waited_for_a_later_version_does_not_write_the_earlier(kept, monkeypatch):
    made, others = [], ["one that writes what changes meanwhile"]
    make, only_writer = keeping.make, keeping.only_writer

    @contextmanager
    def waiting(name):
        has_waited = name == LIST.name and bool(others)
        if has_waited:
            others.clear()
            Partnership.objects.get(slug="life-science-nord-kobe").save()
            rebuild(LIST)
        with only_writer(name):
            yield has_waited

    monkeypatch.setattr(keeping, "only_writer", waiting)
    monkeypatch.setattr(keeping, "make", lambda *args, **kwargs: made.append(args) or make(*args, **kwargs))
    assert Index().snapshot(LIST).token == data_version()
    assert len(made) == 1


def test_before_all_lists_are_read_the_database_looks_at_what_it_holds(kept):
    with CaptureQueriesContext(connection) as asked:
        call_command("rebuild_index", processes=1, verbosity=0, stdout=StringIO())
    said = [query["sql"] for query in asked]
    assert "ANALYZE" in said
    assert said.index("ANALYZE") < min(at for at, sql in enumerate(said) if "partnerships_partnership" in sql)


def test_the_directory_is_written_anew_with_the_lists(kept):
    index.directory()
    SectorFactory()
    call_command("rebuild_index", "sectors", verbosity=0, stdout=StringIO())
    assert len(list(kept.glob("directory.*.segment"))) == 2


def test_several_processes_write_what_one_writes(registry, monkeypatch):
    given = connection.settings_dict
    address = address_of(given, given["NAME"]) if connection.vendor == "postgresql" else f"sqlite:///{given['NAME']}"
    monkeypatch.setenv("DATABASE_URL", address)
    one, two = StringIO(), StringIO()
    call_command("rebuild_index", processes=1, verbosity=0, stdout=one)
    call_command("rebuild_index", processes=2, verbosity=0, stdout=two)
    assert f"partnerships: {len(index.snapshot(LIST))} rows" in one.getvalue()
    assert two.getvalue() == one.getvalue()


def test_a_list_that_does_not_exist_is_not_written_anew(registry):
    with pytest.raises(CommandError, match="There is no list nonsense"):
        call_command("rebuild_index", "sectors", "nonsense")

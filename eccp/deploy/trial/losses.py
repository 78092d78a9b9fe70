"""Losses: processes killed in the midst of an act, the database stopped under load, a disk that is full.

After each the database holds the whole act or none of it, which is seen by the digest of every row of every table,
and the web servers, whose processes have lived through it, give the files that a new process makes.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from eccp.deploy.trial.curators import Curator, Pressed
from eccp.deploy.trial.machines import POSTGRES, ROOT, Database, Site, TrialError, run, site, until
from eccp.deploy.trial.readers import Load, ask, under_load
from eccp.deploy.trial.serving import hold

BEGIN = """
import json
from datetime import date
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from eccp.reference.models import Organisation
now = timezone.now()
curator = User.objects.get(username="curator")
"""
PROPOSE = """
from eccp.curation import proposals
from eccp.curation.revisions import put
from eccp.records import aggregate
record = Organisation.objects.published().order_by("pk").first()
changed = aggregate.dump(record) | {"name": "Renamed in the trial"}
proposal = put(Organisation, changed, by=curator, at=now, reason="Renamed for the trial of losses.").proposal
proposals.submit(proposal=proposal, at=now)
print(json.dumps([
    reverse("admin:curation_proposal_change", args=[proposal.pk]),
    reverse("admin:curation_proposal_decide", args=[proposal.pk, "approve"]),
]))
"""
IMPORT = """
from eccp.curation.importing import running
from eccp.curation.importing.models import Import
rows = ["id,name,kind", *(f"trial-{n},Imported {n},cluster" for n in range(20))]
public = Organisation.objects.published().order_by("-pk")[:20]
rows += [f"{one.slug},Renamed {one.pk},{one.kind}" for one in public]
wanted = Import.objects.create(
    listing="organisations", file_name="trial.csv", by=curator, uploaded_at=now,
    content="\\r\\n".join(rows).encode(), reason="Imported for the trial of losses.",
)
list(running.check(wanted, at=now, on=date.today()))
wanted.refresh_from_db()
assert wanted.state == "checked", wanted.report
print(json.dumps([
    reverse("admin:curation_import_change", args=[wanted.pk]),
    reverse("admin:curation_import_apply", args=[wanted.pk]),
]))
"""
MERGE = """
from eccp.curation.merging import acts
from eccp.curation.revisions import pending
found = [one for one in Organisation.objects.published().filter(kind="cluster").order_by("pk") if not pending(one)]
winner, loser = next(
    (winner, loser) for loser in found for winner in found if winner != loser and 0 < acts.plan(loser, winner).total
)
print(json.dumps([reverse("admin:reference_organisation_merge", args=[winner.pk]) + f"?with={loser.slug}", ""]))
"""
WITHDRAW = """
from eccp.records.references import naming_records
from markets.models import Outlook
record = next(one for one in Outlook.objects.published().order_by("pk") if not naming_records(one))
print(json.dumps([reverse("admin:markets_outlook_act", args=[record.pk, "withdraw"]), ""]))
"""
TOO_MUCH = """
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    for record in Organisation.objects.order_by("pk"):
        record.name += "!"
        record.save()
        cursor.execute("UPDATE curation_proposal SET state = state || jsonb_build_object('x', (SELECT string_agg("
                       "md5(random()::text), '') FROM generate_series(1, 100000)))")
"""


def digest(database: Database) -> dict[str, str]:
    """Every row of every table, and the columns of each."""
    names = database.sql("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'").split()
    found = {
        name: database.sql(f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{name}\" t")  # noqa: S608 - names from the catalogue
        for name in names
    }
    columns = "SELECT md5(string_agg(c::text, ' ' ORDER BY c::text)) FROM (SELECT table_name, column_name, data_type "
    return found | {"columns": database.sql(f"{columns} FROM information_schema.columns) c")}


def others(database: Database, state: str) -> int:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'registry' AND pid <> pg_backend_pid()"
    return int(database.sql(f"{asked} AND {state}"))


@contextlib.contextmanager
def held_back(database: Database, table: str):
    """Nobody writes to ``table`` meanwhile: an act that comes to it waits in its midst."""
    address = ["-h", "127.0.0.1", "-p", str(database.port), "-U", "postgres", "-d", "registry"]
    with subprocess.Popen(
        [str(POSTGRES / "psql"), *address, "-Xqc", f"BEGIN; LOCK TABLE {table} IN SHARE MODE; SELECT pg_sleep(600)"],
        env=os.environ | {"PGPASSWORD": database.site.password, "PGAPPNAME": "holds"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as holder:  # fmt: skip
        until(lambda: others(database, "wait_event = 'PgSleep'"), f"{table} is held")
        try:
            yield
        finally:
            database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holds'")
            holder.wait()


@contextlib.contextmanager
def nothing_stays(made: Site, table: str, *, but_for: str = ""):
    """What is begun inside comes to ``table``, where it is killed at the end of the block: nothing of it may stay."""
    before = digest(made.primary)
    with held_back(made.primary, table):
        yield
    until(lambda: not others(made.primary, "state <> 'idle'"), "the database has let go of it")
    after = digest(made.primary)
    moved = {name for name in after | before if after.get(name) != before.get(name)} - {but_for}
    hold(not moved, f"nothing stays of what was killed: {moved}")


def kill_workers(made: Site, number: int) -> int:
    """Kill every process that answers for a web server; its master starts others."""
    workers = run("pgrep", "-P", made.running[f"web{number}"].pid).split()
    for pid in workers:
        os.kill(int(pid), 9)
    return len(workers)


def killed_command(made: Site, table: str, *arguments: str) -> None:
    """Kill a command of the project where it comes to ``table``, then let it run to its end."""
    with nothing_stays(made, table):
        process = made.begin("killed", sys.executable, "manage.py", *arguments)
        until(lambda: others(made.primary, "wait_event_type = 'Lock'") or process.poll() is not None, "it is midway")
        hold(process.poll() is None, f"it waits at {table}: {made.log('killed')[-800:]}")
        process.kill()
        process.wait()
        made.running.pop("killed")
    before = digest(made.primary)
    made.manage(*arguments)
    hold(digest(made.primary) != before, "the same act, begun again, is done")


def killed_web(made: Site, table: str, curator: Curator, page: list[str], *, but_for: str = "", **typed: str) -> None:
    """Kill the web server's processes where a curator's act comes to ``table``; then press the button again."""
    with nothing_stays(made, table, but_for=but_for):
        pressed = Pressed(curator, *page, **typed)
        until(lambda: others(made.primary, "wait_event_type = 'Lock'") or pressed.is_over, "it is midway")
        hold(not pressed.is_over, f"it waits at {table}: {pressed.said}")
        kill_workers(made, curator.web)
        pressed.wait()
        hold(pressed.broken is not None, "the curator's connection breaks off")
    before = digest(made.primary)
    again = curator.press(*page, **typed)
    hold(again.status == 302, f"the same act, begun again, is done: {again.status} {again.text[-2000:]}")
    hold(digest(made.primary) != before, "and is in the database")


def prepare(made: Site, source: str) -> list[str]:
    """The page of an act, and the address of its button."""
    return json.loads(made.python(BEGIN + source).splitlines()[-1])


def true_everywhere(made: Site) -> str:
    """``verify`` in a new process, and what the web servers' processes hold beside what a new one makes."""
    folder = made.folder / "export"
    lists = made.manage("verify").count(": true")
    made.manage("export", str(folder), "--verbosity=0")
    files = sorted(folder.glob("*.csv"))
    hold(lists == len(files), f"verify finds every list true: {lists} of {len(files)}")
    for file in files:
        for web in (0, 1):
            given = ask(made, f"/{file.name}", web=web)
            hold(given.status == 200 and given.body == file.read_bytes(), f"/{file.name} of web server {web} is true")
    return f"verify: {lists} lists true, and the {len(files)} files of both web servers are a new process's"


def explained(made: Site, load: Load) -> str:
    """Each refusal of the registry itself is in its log under the id that the answer carries."""
    logs = "".join(made.log(f"web{number}") for number in (0, 1))
    ours = [request_id for _at, _said, request_id in load.failed if request_id]
    lost = [request_id for request_id in ours if f'"request_id": "{request_id}"' not in logs]
    hold(not lost, f"every 5xx has a log line with its request id: {lost[:3]}")
    return f"{len(ours)} answers of 5xx, each with its request id in the log"


def approval(made: Site, publisher: Curator, curator: Curator) -> str:
    killed_web(made, "curation_revision", publisher, prepare(made, PROPOSE))
    return f"web processes killed after the record was changed: nothing stayed; again: done; {true_everywhere(made)}"


def withdrawal(made: Site, publisher: Curator, curator: Curator) -> str:
    page = prepare(made, WITHDRAW)
    killed_web(made, "curation_revision", publisher, page, on="2026-01-31", reason="Withdrawn for the trial.")
    return f"web processes killed: nothing stayed; again: done; {true_everywhere(made)}"


def merger(made: Site, publisher: Curator, curator: Curator) -> str:
    page = prepare(made, MERGE)
    killed_web(made, "curation_merger", publisher, page, reason="Merged for the trial of losses.")
    return f"web processes killed after all rows had moved: nothing stayed; again: done; {true_everywhere(made)}"


def import_of_a_file(made: Site, publisher: Curator, curator: Curator) -> str:
    page = prepare(made, IMPORT)
    # An import notes beforehand that it has begun, so that a curator sees one that was cut off.
    killed_web(made, "curation_proposal", curator, page, but_for="curation_import")
    return (
        "web processes killed when 20 new rows were stored and 20 changes were to come: nothing stayed; again: done; "
        f"{true_everywhere(made)}"
    )


def migration(made: Site, *_curators) -> str:
    # Where its tables are made and their foreign keys wait for the table of accounts; and where it is noted as done.
    for table in ("auth_user", "django_migrations"):
        made.manage("migrate", "--verbosity=0", "desk", "zero")
        killed_command(made, table, "migrate", "--verbosity=0")
    return (
        "desk's killed after its tables were made, and again before it was noted: no table was there; again: done; "
        f"{true_everywhere(made)}"
    )


def web_process(made: Site, *_curators) -> str:
    with under_load(made) as load:
        until(lambda: load.answered > 10, "readers are answered")
        for number in (0, 1):
            kill_workers(made, number)
            before = load.answered
            until(lambda before=before: load.answered > before + 20, "readers are answered after the kill")
    hold(not load.failed, f"the proxy asks the other web server: {load}")
    return f"every worker of one web server, then of the other, killed under load: {load}"


def database_away(made: Site, *_curators) -> str:
    version = made.primary.sql("SELECT number FROM records_dataversion")
    kept = ask(made, "/partnerships/").body
    with under_load(made) as load:
        until(lambda: load.answered > 10, "readers are answered")
        made.primary.stop("immediate")
        before = load.answered
        until(lambda: load.answered > before + 30, "readers are told")
        hold(ask(made, "/partnerships/").body == kept, "a page that the proxy has is served all the same")
        made.primary.start()
        seconds = until(lambda: ask(made, "/partnerships/?q=again").status == 200, "it is answered again")
        failed = len(load.failed)
        before = load.answered
        until(lambda: load.answered > before + 30, "readers are answered again")
        late = load.failed[failed:]
    hold(len(late) <= len(load.threads), f"nobody is turned away after the start: {late}")
    hold({said for _, said, _ in load.failed} <= {"503"}, f"while it is away readers get 503 and nothing else: {load}")
    hold(made.primary.sql("SELECT number FROM records_dataversion") == version, "the data version is the same")
    return (
        f"stopped and started under load: {load}; {explained(made, load)}; 200 again {seconds:.1f} s after the start; "
        f"{true_everywhere(made)}"
    )


def disk_full(made: Site, *_curators) -> str:
    if os.geteuid():
        return "NOT TRIED: needs root, for a small disk"
    disk = made.folder / "disk"
    disk.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=220m,mode=755", "tmpfs", disk)
    small = Database(made, "small", disk)
    try:
        small.make()
        dump = made.folder / "full.pgdump"
        given = os.environ | {"PGPASSWORD": made.password}
        address = ["-h", "127.0.0.1", "-p", str(made.primary.port), "-U", "postgres", "-d", "registry"]
        run(POSTGRES / "pg_dump", "-Fc", *address, "-f", dump, env=given)
        made.fill(small, dump)
        before = digest(small)
        ballast = disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb") as file:
            while os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize > 6 << 20:
                file.write(bytes(1 << 20))
                file.flush()
        said = _fill_up(made, small)
        ballast.unlink()
        with contextlib.suppress(TrialError):
            small.start()  # where it stopped itself rather than lose a word
        until(lambda: _answers(small), "it answers again")
        hold(digest(small) == before, "nothing stays of the act that did not fit")
        made.python(BEGIN + "r = Organisation.objects.order_by('pk').first(); r.save()", DATABASE_URL=small.url)
        lists = made.manage("verify", DATABASE_URL=small.url).count(": true")
        return f"the act was refused ({said}); with room again: as before, and written to; verify: {lists} lists true"
    finally:
        with contextlib.suppress(TrialError):
            small.stop("immediate")
        run("umount", "-l", disk)


def _fill_up(made: Site, small: Database) -> str:
    """An act larger than the disk; what the log says of it."""
    try:
        made.python(BEGIN + TOO_MUCH, DATABASE_URL=small.url)
    except TrialError as problem:
        found = re.search(
            r"No space left on device|server closed the connection[^\n]*", str(problem) + made.log("small")
        )
        hold(found, f"it is the disk that is full: {problem}")
        return found[0]
    raise TrialError("the act fits on the disk")


def _answers(database: Database) -> bool:
    with contextlib.suppress(TrialError):
        return bool(database.sql("SELECT 1"))
    return False


STEPS = (
    approval, withdrawal, merger, import_of_a_file, migration, web_process, database_away, disk_full,
)  # fmt: skip


def trial(say: Callable[[str, str], None], dump: Path | None) -> None:
    """All steps, in this order."""
    with site() as made:
        made.primary.make()
        made.fill(made.primary, dump)
        made.manage("collectstatic", "--no-input", "--verbosity=0")
        for number in (0, 1):
            made.start_web(number)
        made.start_nginx()
        publisher, curator = Curator(made, "publisher", web=0), Curator(made, "curator", web=0)
        say("machines", f"PostgreSQL, nginx, two web servers of {ROOT.name}, a curator and a publisher signed in")
        try:
            for step in STEPS:
                say(step.__name__.replace("_", " "), step(made, publisher, curator))
        except Exception:
            for name in ("web0", "web1"):
                say(f"log of {name}", made.log(name)[-3000:])
            raise

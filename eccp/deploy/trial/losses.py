"""Losses: processes killed in the midst of an act, the database stopped under load, a disk that is full.

After each the database holds the whole act or none of it, which is seen by the digest of every row of every table.
"""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

from eccp.deploy.trial.machines import POSTGRES, ROOT, Database, Site, TrialError, run, site, until
from eccp.deploy.trial.readers import ask, under_load
from eccp.deploy.trial.serving import hold

BEGIN = """
from datetime import date
from django.contrib.auth.models import Group, User
from django.utils import timezone
from eccp.curation import actions, proposals
from eccp.curation.models import Proposal
from eccp.curation.revisions import put
from eccp.records import aggregate
from eccp.reference.models import Organisation
now = timezone.now()
"""
PROPOSE = """
def member(role):
    user = User.objects.create_user(role, password=None, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user
anna = member("curator"); member("publisher")
record = Organisation.objects.published().order_by("pk").first()
changed = aggregate.dump(record) | {"name": "Renamed in the trial"}
proposal = put(Organisation, changed, by=anna, at=now, reason="Renamed for the trial of losses.").proposal
proposals.submit(proposal=proposal, at=now)
"""
APPROVE = """
proposals.approve(proposal=Proposal.objects.submitted().first(), by=User.objects.get(username="publisher"), at=now)
"""
IMPORT = """
from eccp.curation.importing import running
from eccp.curation.importing.models import Import
from django.test import Client
content = b"".join(Client().get("/organisations.csv?columns=id,name", secure=True, headers={"host": "127.0.0.1"}))
lines = content.decode("utf-8-sig").splitlines()
content = "\\r\\n".join([lines[0], *(line + " (imported)" for line in lines[1:21] if not line.endswith('"'))])
wanted = Import.objects.create(
    listing="organisations", file_name="trial.csv", by=User.objects.get(username="curator"), uploaded_at=now,
    content=content.encode(), reason="Imported for the trial of losses.",
)
list(running.check(wanted, at=now, on=date.today()))
"""
APPLY = """
from eccp.curation.importing import running
from eccp.curation.importing.models import Import
wanted = Import.objects.get(state="checked")
list(running.apply(wanted, at=now, on=date.today()))
"""
WITHDRAW = """
from eccp.records.models import Record
from eccp.records.references import naming_records
from markets.models import Outlook
record = next(one for one in Outlook.objects.published().order_by("pk") if not naming_records(one))
publisher = User.objects.get(username="publisher")
actions.withdraw(record=record, by=publisher, at=now, on=now.date(), reason="Withdrawn for the trial.")
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


def killed(made: Site, table: str, *arguments: str, but_for: str = "") -> None:
    """Kill a command with -9 where it comes to ``table``: nothing of it may stay. Then let it run to its end."""
    before = digest(made.primary)
    with held_back(made.primary, table):
        process = made.begin("killed", sys.executable, "manage.py", *arguments)
        until(lambda: others(made.primary, "wait_event_type = 'Lock'") or process.poll() is not None, "it is midway")
        hold(process.poll() is None, f"it waits at {table}: {made.log('killed')[-800:]}")
        process.kill()
        process.wait()
        made.running.pop("killed")
    until(lambda: not others(made.primary, "state <> 'idle'"), "the database has let go of it")
    after = digest(made.primary)
    moved = {name for name in after | before if after.get(name) != before.get(name)} - {but_for}
    hold(not moved, f"nothing stays of what was killed: {moved}")
    made.manage(*arguments)
    hold(digest(made.primary) != before, "the same act, begun again, is done")


def shell(source: str) -> list[str]:
    return ["shell", "--verbosity=0", "-c", BEGIN + source]


def verified(made: Site, database: Database | None = None) -> str:
    given = {"DATABASE_URL": database.url} if database else {}
    return f"verify: {made.manage('verify', **given).count(': true')} lists true"


def approval(made: Site) -> str:
    made.manage(*shell(PROPOSE))
    killed(made, "curation_revision", *shell(APPROVE))
    return f"killed after the record was changed: nothing of it stayed; approved again: done; {verified(made)}"


def withdrawal(made: Site) -> str:
    killed(made, "curation_revision", *shell(WITHDRAW))
    return f"killed: nothing stayed; again: done; {verified(made)}"


def import_of_a_file(made: Site) -> str:
    made.manage(*shell(IMPORT))
    # An import notes beforehand that it has begun, so that a curator sees one that was cut off.
    killed(made, "curation_proposal", *shell(APPLY), but_for="curation_import")
    return f"killed: no row of it stayed, and it is shown as cut off; again: done; {verified(made)}"


def migration(made: Site) -> str:
    # Where its tables are made, and their foreign keys wait for the table of accounts.
    made.manage("migrate", "--verbosity=0", "desk", "zero")
    killed(made, "auth_user", "migrate", "--verbosity=0")
    return f"desk's killed after its tables were made: no table was there; again: done; {verified(made)}"


def web_process(made: Site) -> str:
    with under_load(made) as load:
        until(lambda: load.answered > 10, "readers are answered")
        for number in (0, 1):
            master = made.running[f"web{number}"].pid
            for pid in run("pgrep", "-P", master).split():
                os.kill(int(pid), 9)
            before = load.answered
            until(lambda before=before: load.answered > before + 20, "readers are answered after the kill")
    bad = {said for _, said in load.failed}
    hold(not bad, f"the proxy asks the other web server: {load}")
    return f"every worker of one web server, then of the other, killed under load: {load}"


def database_away(made: Site) -> str:
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
    hold({said for _, said in load.failed} <= {"503"}, f"while it is away readers get 503 and nothing else: {load}")
    told = sum(made.log(f"web{number}").count("The database does not answer") for number in (0, 1))
    hold(told >= 1, "the log says so")
    hold(made.primary.sql("SELECT number FROM records_dataversion") == version, "the data version is the same")
    return f"stopped and started under load: {load}; 200 again {seconds:.1f} s after the start; {verified(made)}"


def disk_full(made: Site) -> str:
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
        return f"the act was refused ({said}); with room again: as before, and written to; {verified(made, small)}"
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


STEPS = (approval, withdrawal, import_of_a_file, migration, web_process, database_away, disk_full)


def trial(say, dump: Path | None) -> None:
    """All steps, in this order."""
    with site() as made:
        made.primary.make()
        made.fill(made.primary, dump)
        made.manage("collectstatic", "--no-input", "--verbosity=0")
        for number in (0, 1):
            made.start_web(number)
        made.start_nginx()
        say("machines", f"PostgreSQL, nginx, two web servers of {ROOT.name}")
        for step in STEPS:
            say(step.__name__.replace("_", " "), step(made))

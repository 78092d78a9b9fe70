"""A backup: the database's own dump, the project's portable dump, and what both must give again.

All three are of one state of the database, so that a backup made while curators work can be proved. The manifest
holds the digest of every file of every list and the number of rows of every table; a restored database is held
against it. The portable dump loads into the other kind of database too.
"""

import contextlib
import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict

from eccp.listing import files
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.question import Question
from eccp.listing.versions import data_version
from eccp.records.models import DataVersion

PORTABLE, MANIFEST = "registry.json.gz", "manifest.json"
NATIVE = {"postgresql": "registry.pgdump", "sqlite": "registry.sqlite3"}
#: What ``migrate`` makes by itself, and what is worth nothing elsewhere.
LEFT_OUT = ("contenttypes", "auth.permission", "sessions", "records.datachange")


class BackupError(Exception):
    """A backup cannot be made or is not what it says, told to the operator."""


def digests(on: date) -> dict[str, str]:
    """The SHA-256 of the CSV of every list as of the day ``on``."""
    found = {}
    for name, listing in LISTINGS.items():
        question = Question(index.snapshot(listing), QueryDict(f"as_of={on.isoformat()}"), on)
        digest = hashlib.sha256()
        for block in files.csv_blocks(question):
            digest.update(block)
        found[name] = digest.hexdigest()
    return found


def rows() -> dict[str, int]:
    """How many rows each table has that a backup keeps."""
    kept = (model for model in apps.get_models() if not {model._meta.app_label, model._meta.label_lower} & {*LEFT_OUT})
    return {model._meta.db_table: model._base_manager.count() for model in kept if model._meta.managed}


def state(on: date) -> dict:
    """What a restored database must give again."""
    number, changed_at = data_version()
    return {
        "data_version": number,
        "changed_at": changed_at.isoformat() if changed_at else None,
        "files": digests(on),
        "rows": rows(),
    }


def make(folder: Path, *, at: datetime) -> Path:
    """Write a backup into a new folder under ``folder``, complete or not at all; returns it."""
    name = at.strftime("%Y-%m-%dT%H%M%SZ")
    unfinished, finished = folder / f".{name}.unfinished", folder / name
    unfinished.mkdir(parents=True, mode=0o700)  # it holds the accounts
    with _one_state() as snapshot:
        manifest = {"made_at": at.isoformat(), "as_of": at.date().isoformat(), "database": connection.vendor}
        manifest |= {"site_url": settings.SITE_URL} | state(at.date())
        with gzip.open(unfinished / PORTABLE, "wt", encoding="utf-8") as file:
            call_command("dumpdata", exclude=[*LEFT_OUT], use_natural_foreign_keys=True, stdout=file, verbosity=0)
        native = unfinished / NATIVE[connection.vendor]
        _dump_postgresql(native, snapshot) if snapshot else _copy_sqlite(native)
    manifest["sha256"] = {path.name: _digest(path) for path in sorted(unfinished.iterdir())}
    (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for path in unfinished.iterdir():
        _to_disk(path)
    unfinished.rename(finished)
    return finished


def read(folder: Path) -> dict:
    """The manifest of a backup whose files are what it says they are."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BackupError(f"{folder} is no backup: {problem}") from problem
    for name, digest in manifest["sha256"].items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise BackupError(f"{folder / name} is not the file that was written.")
    return manifest


def load(folder: Path) -> None:
    """Load the portable dump of a backup into this database, which is migrated and empty."""
    manifest = read(folder)
    if DataVersion.objects.exists() or apps.get_model("auth", "User").objects.exists():
        raise BackupError("The database is not empty. A backup is restored into an empty one.")
    with transaction.atomic():
        apps.get_model("auth", "Group").objects.all().delete()  # those that `migrate` made; the backup has its own
        call_command("loaddata", folder / PORTABLE, verbosity=0)
    number, changed_at = manifest["data_version"], manifest["changed_at"]
    if changed_at:
        DataVersion.objects.update(number=number, changed_at=datetime.fromisoformat(changed_at))


def differences(manifest: dict) -> list[str]:
    """What this database does not give as the manifest says; empty when all is there."""
    if manifest["site_url"] != settings.SITE_URL:  # it stands in every row of every file
        raise BackupError(f"The backup is of {manifest['site_url']}: set SITE_URL to that to compare.")
    found, said = state(date.fromisoformat(manifest["as_of"])), []
    for part in ("files", "rows"):
        for name in sorted(manifest[part] | found[part]):
            was, now = manifest[part].get(name), found[part].get(name)
            if was != now:
                said.append(f"{part} of {name}: {was} in the backup, {now} here")
    if manifest["data_version"] != found["data_version"]:
        said.append(f"data version {manifest['data_version']} in the backup, {found['data_version']} here")
    return said


def server_tool(name: str) -> str:
    """PostgreSQL's program ``name`` of the server's own version where Debian has it, else the one that is found."""
    own = Path(f"/usr/lib/postgresql/{connection.pg_version // 10000}/bin/{name}")
    return str(own) if own.is_file() else name


def login() -> dict[str, str]:
    """The environment by which PostgreSQL's programs reach this database: a password is never an argument."""
    given = connection.settings_dict
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    return os.environ | {variable: str(given[name]) for name, variable in names.items() if given[name]}


@contextlib.contextmanager
def _one_state() -> Iterator[str]:
    """All that is read inside is of one state; on PostgreSQL, its name for ``pg_dump``. SQLite's writers wait."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            yield ""
            return
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _dump_postgresql(path: Path, snapshot: str) -> None:
    command = [server_tool("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    done = subprocess.run([*command, f"--file={path}"], env=login(), capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode:
        raise BackupError(f"pg_dump failed: {done.stderr.strip()}")


def _copy_sqlite(path: Path) -> None:
    """SQLite's own copy of a file in use."""
    with (
        contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        contextlib.closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    """Wait until a file would outlive a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())

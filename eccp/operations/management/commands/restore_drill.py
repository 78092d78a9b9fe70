"""``manage.py restore_drill``: makes a backup, restores it in every way there is, and proves that nothing is lost."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from eccp.operations import backup


class Command(BaseCommand):
    help = (
        "Makes a backup (or takes one), restores both of its dumps into empty databases of either kind and holds "
        "every file of every list and the rows of every table against it. Nothing that is in use is touched."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, nargs="?", help="the folder of one backup; default: make one now")

    def handle(self, *args, **options):
        with tempfile.TemporaryDirectory(prefix="registry-drill-") as name:
            work = Path(name)
            try:
                folder = options["folder"] or self._timed("backup made", backup.make, work, at=timezone.now())
                manifest = backup.read(folder)
                self._drill(folder, manifest, work)
            except backup.BackupError as problem:
                raise CommandError(str(problem)) from problem
        self.stdout.write("Nothing is lost.")

    def _drill(self, folder: Path, manifest: dict, work: Path) -> None:
        portable = f"sqlite:///{work / 'portable.sqlite3'}"
        self._timed("portable dump into SQLite", self._load, folder, portable)
        if manifest["database"] == "sqlite":
            copy = shutil.copy(folder / backup.NATIVE["sqlite"], work / "native.sqlite3")
            self._timed("SQLite's own copy", self._check, folder, f"sqlite:///{copy}")
        if connection.vendor == "postgresql":
            with self._empty_postgresql() as address:
                self._timed("portable dump into PostgreSQL", self._load, folder, address)
        if manifest["database"] == "postgresql":
            if connection.vendor != "postgresql":
                raise CommandError("This backup is PostgreSQL's: set DATABASE_URL to a server to restore it on.")
            with self._empty_postgresql() as address:
                self._timed("PostgreSQL's own dump", self._restore_postgresql, folder, address)

    def _timed(self, what: str, act, *args, **options):
        begun = perf_counter()
        said = act(*args, **options)
        self.stdout.write(f"{what}: {said or 'done'} ({perf_counter() - begun:.1f} s)")
        return said

    def _load(self, folder: Path, address: str) -> str:
        self._manage(address, "migrate", "--verbosity=0")
        return self._manage(address, "restore", str(folder))

    def _check(self, folder: Path, address: str) -> str:
        return self._manage(address, "restore", "--check", str(folder)) + "; " + self._verify(address)

    def _verify(self, address: str) -> str:
        return f"verify: {self._manage(address, 'verify').count('true')} lists true"

    def _restore_postgresql(self, folder: Path, address: str) -> str:
        command = [backup.server_tool("pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"]
        name = address.rpartition("/")[2]
        done = subprocess.run(  # noqa: S603 - our own arguments
            [*command, f"--dbname={name}", str(folder / backup.NATIVE["postgresql"])],
            env=backup.login(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise CommandError(f"pg_restore failed: {done.stderr.strip()}")
        with psycopg.connect(address, autocommit=True) as restored:
            restored.execute("ANALYZE")  # a dump holds no statistics
        return self._check(folder, address)

    @staticmethod
    def _manage(address: str, *arguments: str) -> str:
        """Run a command of the project on another database, in a process of its own."""
        done = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "manage.py", *arguments],
            env=os.environ | {"DATABASE_URL": address, "DATABASE_REPLICA_URLS": ""},
            cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise CommandError(f"{' '.join(arguments)} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout.strip()

    @contextlib.contextmanager
    def _empty_postgresql(self) -> Iterator[str]:
        """The address of an empty database on the same server, dropped afterwards."""
        given = connection.settings_dict
        name = f"drill_{secrets.token_hex(6)}"
        user, password = (quote(given[part], safe="") for part in ("USER", "PASSWORD"))
        host = f"{quote(given['HOST'], safe='')}:{given['PORT']}" if given["PORT"] else quote(given["HOST"], safe="")
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            try:
                yield f"postgresql://{f'{user}:{password}' if password else user}@{host}/{name}"
            finally:
                server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

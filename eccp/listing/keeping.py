"""Segments between processes: a long list is written to a file once, and every process of the machine opens it.

A file is named after its list, its data version and what wrote it, so that no process opens what another release
or another configuration made. Where a file is missing, one process writes it and the others wait for it.
"""

import contextlib
import fcntl
import hashlib
import io
import logging
import mmap
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from django.conf import settings
from django.db import connections

from eccp.listing.directory import Directory
from eccp.listing.reading import Entry, entries
from eccp.listing.segment import Segment, write
from eccp.records.databases import reading

#: Rows from which on a list is kept in a file; a shorter one is read in a moment.
LONG = 2000
_FILES_KEPT = 2
_NAME = re.compile(r"(?P<list>[a-z]+)\.(?P<maker>[0-9a-f]{16})\.(?P<number>\d+)\.(?P<at>\d+)\.segment")

Token = tuple

log = logging.getLogger(__name__)


@cache
def _maker() -> str:
    """What the rows of a segment depend on besides the data: the project's own code, its address, its database."""
    made_by = hashlib.sha256()
    for folder in ("eccp", "programmes", "markets", "partnerships"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            made_by.update(path.read_bytes())
    database = settings.DATABASES["default"]
    made_by.update(repr([settings.SITE_URL, *(database.get(part) for part in ("HOST", "PORT", "NAME"))]).encode())
    return made_by.hexdigest()[:16]


def _path(listing, token: Token) -> Path:
    number, at = token
    return settings.INDEX_DIR / f"{listing.name}.{_maker()}.{number}.{_microseconds(at)}.segment"


def _microseconds(at: datetime | None) -> int:
    return round(at.timestamp() * 1_000_000) if at else 0


def _files(listing) -> list[tuple[int, int, Path]]:
    """The files of a list that this release can read, the newest version first: number, instant, path."""
    paths = settings.INDEX_DIR.glob(f"{listing.name}.{_maker()}.*.segment")
    named = [(match, path) for path in paths if (match := _NAME.fullmatch(path.name))]
    return sorted(((int(match["number"]), int(match["at"]), path) for match, path in named), reverse=True)


def open_segment(path: Path) -> Segment:
    """The segment in a file, of which only what is looked at is read."""
    with path.open("rb") as file:
        return Segment(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def newest(listing, is_of_this_history: Callable[[Token], bool]) -> tuple[Segment, Token] | None:
    """The newest segment of a list that is kept, if its version is of the history of the database that is read."""
    for _number, _at, path in _files(listing):
        # Another process may just have put a newer one in its place, and a machine that fell may have left half of one.
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            segment = open_segment(path)
            number, at = segment.contents["token"]
            token = number, at and datetime.fromisoformat(at)
            if is_of_this_history(token):
                return segment, token
    return None


@contextlib.contextmanager
def only_writer(listing) -> Iterator[None]:
    """Hold every other process of this machine from writing the same list, if there is a place for files at all."""
    try:
        settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
        # To be read suffices for holding it: another account may have made it.
        lock = os.open(settings.INDEX_DIR / f"{listing.name}.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def is_lasting() -> bool:
    """Whether what is read now will still have been so later: what is read inside a change may be undone with it."""
    return not connections[reading()].in_atomic_block


def make(
    listing, directory: Directory, token: Token, *, is_lasting: bool, said: Callable[[int], None] | None = None
) -> Segment:
    """The list as the database has it now, at the version ``token``: in memory, or in a file if it is long.

    What is not ``is_lasting``, because it is read inside a change that may be undone, is never written to a file; nor
    is anything where there is no room for it. ``said`` is told how many rows have been read.
    """
    keys = list(listing.get_queryset().order_by("pk").values_list("pk", flat=True))

    def rows():
        read = entries(listing, directory, keys)
        return _told(read, said) if said else read

    if len(keys) >= LONG and is_lasting:
        try:
            return _in_file(listing, directory, token, rows())
        except OSError as problem:
            log.warning("The list %s is held in memory, since no file can be written: %s", listing.name, problem)
    stored = io.BytesIO()
    write(stored, listing, directory, token, rows(), io.BytesIO())
    # Its bytes, which are not copied: a view of them would keep it from being closed when both are let go.
    return Segment(stored.getvalue())


def _in_file(listing, directory: Directory, token: Token, rows: Iterator[Entry]) -> Segment:
    """The list in its file, which stands under its name only once it is whole; older ones are removed."""
    path = _path(listing, token)
    for half in settings.INDEX_DIR.glob(f"{listing.name}.*.half"):
        half.unlink(missing_ok=True)  # of a process that was killed: nobody else writes this list now
    half = partial(tempfile.NamedTemporaryFile, dir=settings.INDEX_DIR, prefix=f"{listing.name}.", suffix=".half")
    with half(delete=False) as file, half() as apart:
        try:
            write(file, listing, directory, token, rows, apart)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
    for _number, _at, older in _files(listing)[_FILES_KEPT:]:
        older.unlink(missing_ok=True)
    return open_segment(path)


def _told(rows: Iterator, said: Callable[[int], None]) -> Iterator:
    for number, row in enumerate(rows, 1):
        yield row
        said(number)

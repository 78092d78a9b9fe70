"""What processes share: a long list, and the directory, is written to a file once, and all of the machine open it.

A file is named after what it holds, its data version and what wrote it, so that no process opens what another release
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
from typing import BinaryIO

from django.conf import settings
from django.db import connections

from eccp.listing.directory import Directory, write_directory
from eccp.listing.parts import Parts
from eccp.listing.reading import rows_read
from eccp.listing.segment import Segment, write
from eccp.listing.versions import Token
from eccp.records.databases import reading
from eccp.records.models import Record

#: The name under which the directory is kept; a list is kept under its own.
DIRECTORY = "directory"
#: Rows from which on a list is kept in a file; a shorter one is read in a moment.
LONG = 2000
_FILES_KEPT = 2
_FOR_ALL = 0o644  # may read
_NAME = re.compile(r"(?P<name>[a-z]+)\.(?P<maker>[0-9a-f]{16})\.(?P<number>\d+)\.(?P<at>\d+)\.segment")

log = logging.getLogger(__name__)


@cache
def _maker() -> str:
    """What a file depends on besides the data: the project's own code, its address, its database."""
    made_by = hashlib.sha256()
    for folder in settings.OWN_CODE:
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            made_by.update(path.read_bytes())
    database = settings.DATABASES["default"]
    made_by.update(repr([settings.SITE_URL, *(database.get(part) for part in ("HOST", "PORT", "NAME"))]).encode())
    return made_by.hexdigest()[:16]


def _path(name: str, token: Token) -> Path:
    number, at = token
    return settings.INDEX_DIR / f"{name}.{_maker()}.{number}.{_microseconds(at)}.segment"


def _microseconds(at: datetime | None) -> int:
    return round(at.timestamp() * 1_000_000) if at else 0


def _files(name: str) -> list[tuple[int, int, Path]]:
    """The files under a name that this release can read, the newest version first: number, instant, path."""
    paths = settings.INDEX_DIR.glob(f"{name}.{_maker()}.*.segment")
    named = [(match, path) for path in paths if (match := _NAME.fullmatch(path.name))]
    return sorted(((int(match["number"]), int(match["at"]), path) for match, path in named), reverse=True)


def _open(path: Path) -> mmap.mmap:
    """A file, of which only what is looked at is read."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def newest(
    name: str, kind: type[Parts], is_of_this_history: Callable[[Token], bool], *, after: int = -1
) -> Parts | None:
    """The newest that is kept under a name, if its version is of the history of the database that is read.

    Its number is larger than ``after``; what is older is not opened.
    """
    for path in (path for number, _at, path in _files(name) if number > after):
        # Another process may just have put a newer one in its place, and a machine that fell may have left half of one.
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            found = kind(_open(path))
            if is_of_this_history(found.token):
                return found
    return None


@contextlib.contextmanager
def only_writer(name: str) -> Iterator[bool]:
    """Hold every other process of this machine from writing under a name, if there is a place for files at all.

    Gives whether another was writing, and this one waited for it.
    """
    try:
        settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
        # To be read suffices for holding it: another account may have made it.
        lock = os.open(settings.INDEX_DIR / f"{name}.lock", os.O_RDONLY | os.O_CREAT, _FOR_ALL)
    except OSError:
        yield False
        return
    try:
        yield _waited_for(lock)
    finally:
        os.close(lock)


def _waited_for(lock: int) -> bool:
    """Hold the file ``lock``; whether somebody else held it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return True
    return False


def has_newer(name: str, token: Token) -> bool:
    """Whether a version later than ``token`` is kept under a name, be it of this history of the database or not."""
    return any(number > token[0] for number, _at, _path in _files(name))


def is_lasting() -> bool:
    """Whether what is read now will still have been so later: what is read inside a change may be undone with it."""
    return not connections[reading()].in_atomic_block


def make(
    listing, directory: Directory, token: Token, *, is_lasting: bool, said: Callable[[int], None] | None = None
) -> Segment:
    """The list as the database has it now, at the version ``token``; ``said`` is told how many rows have been read."""
    keys = list(listing.get_queryset().order_by("pk").values_list("pk", flat=True))

    def put(file: BinaryIO, apart: BinaryIO) -> None:
        read = rows_read(listing, directory, keys)
        write(file, listing, directory, token, _told(read, said) if said else read, apart)

    return Segment(_made(listing.name, token, put, may_be_kept=is_lasting and len(keys) >= LONG))


def make_directory(token: Token, *, is_lasting: bool) -> Directory:
    """The directory as the database has it now, at the version ``token``."""
    is_long = Record.objects.published().count() >= LONG

    def put(file: BinaryIO, _apart: BinaryIO) -> None:
        write_directory(file, token)

    return Directory(Parts(_made(DIRECTORY, token, put, may_be_kept=is_lasting and is_long)))


def _made(name: str, token: Token, put: Callable[[BinaryIO, BinaryIO], None], *, may_be_kept: bool):
    """What ``put`` writes: in a file if it ``may_be_kept`` and there is room for it, else in memory.

    What is read inside a change that may be undone is never written to a file.
    """
    if may_be_kept:
        try:
            return _in_file(name, token, put)
        except OSError as problem:
            log.warning("What is kept as %s is held in memory, since no file can be written: %s", name, problem)
    stored = io.BytesIO()
    put(stored, io.BytesIO())
    # Its bytes, which are not copied: a view of them would keep it from being closed when both are let go.
    return stored.getvalue()


def _in_file(name: str, token: Token, put: Callable[[BinaryIO, BinaryIO], None]) -> mmap.mmap:
    """What ``put`` writes, in a file that stands under its name only once it is whole; older ones are removed."""
    path = _path(name, token)
    for half in settings.INDEX_DIR.glob(f"{name}.*.half"):
        half.unlink(missing_ok=True)  # of a process that was killed: nobody else writes this now
    half = partial(tempfile.NamedTemporaryFile, dir=settings.INDEX_DIR, prefix=f"{name}.", suffix=".half")
    with half(delete=False) as file, half() as apart:
        try:
            put(file, apart)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), _FOR_ALL)  # whichever account writes it, what it holds is public
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
    # The last written stay, whatever their numbers: after an older backup was restored, those begin lower again.
    others = sorted((other for _number, _at, other in _files(name) if other != path), key=_written_at)
    for older in others[: len(others) - (_FILES_KEPT - 1)]:
        older.unlink(missing_ok=True)
    return _open(path)


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _told(rows: Iterator, said: Callable[[int], None]) -> Iterator:
    for number, row in enumerate(rows, 1):
        yield row
        said(number)

"""Which database a question is put to: the primary, or a replica that is up and has kept up.

The choice is made once for a whole answer, so that its data version and its rows come over one connection. A
replica is judged by the data version, which is what readers would see of its lag: it may be read while it has
reached what the primary had ``REPLICA_LAG_SECONDS`` ago.
"""

import itertools
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connections
from django.utils import timezone

from eccp.records.models import DataVersion

PRIMARY = DEFAULT_DB_ALIAS
JUDGED_EVERY = 2  # seconds between two looks at a replica that is read
RESTS_FOR = 10  # seconds before a replica that was left out is looked at again

log = logging.getLogger(__name__)

_reading: ContextVar[str] = ContextVar("reading", default=PRIMARY)


def reading() -> str:
    """The alias of the database that is read here and now."""
    return _reading.get()


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Everything inside is read from the database ``alias``."""
    token = _reading.set(alias)
    try:
        yield
    finally:
        _reading.reset(token)


def took_too_long(problem: Exception) -> bool:
    """Whether a statement was ended by its bound: the database is there, but the question asks too much of it."""
    cause = problem.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        return str(cause) == "interrupted"
    return isinstance(problem, OperationalError) and getattr(cause, "sqlstate", None) == "57014"


def gather_statistics() -> None:
    """Let the primary look at what its tables hold now, as it needs to know once many rows have come.

    PostgreSQL does so by itself, but only some time later; SQLite never does, and then reads every public record for
    each part of a list.
    """
    with connections[PRIMARY].cursor() as cursor:
        cursor.execute("ANALYZE")


class ReplicaRouter:
    """Django's way to be told: reads go where this answer reads, all else to the primary."""

    def db_for_read(self, model, **hints) -> str | None:
        alias = reading()
        return None if alias == PRIMARY else alias

    def db_for_write(self, model, **hints) -> str | None:
        return None if reading() == PRIMARY else PRIMARY

    def allow_relation(self, first, second, **hints) -> bool:
        return True  # two rows of one registry, whichever copy each was read from

    def allow_migrate(self, db, app_label, **hints) -> bool:
        return db == PRIMARY


class Replica:
    """One replica as this process has last seen it."""

    def __init__(self, alias: str):
        self.alias = alias
        self.is_in = False
        self.next_look = 0.0
        #: The data versions that the primary was seen to have, and when, newest last.
        self.primary_had: deque[tuple[datetime, int]] = deque()

    def is_behind(self, version: tuple, primary: tuple, now: datetime) -> bool:
        """Whether the replica at ``version`` has not reached what the ``primary`` had a bound ago."""
        bound = now - timedelta(seconds=settings.REPLICA_LAG_SECONDS)
        self.primary_had.append((now, primary[0]))
        while len(self.primary_had) > 1 and self.primary_had[1][0] <= bound:
            self.primary_had.popleft()
        if version == primary:
            return False
        seen_at, number = self.primary_had[0]
        return primary[1] is None or primary[1] <= bound or (seen_at <= bound and version[0] < number)


class Replicas:
    """The replicas of this process, and which of them is to be read next."""

    def __init__(self, aliases: list[str]):
        self.all = {alias: Replica(alias) for alias in aliases}
        self._turn = itertools.cycle(aliases) if aliases else None
        self._lock = threading.Lock()

    def choose(self) -> str:
        """The alias of a replica whose connection is there and which has kept up, in turn; else the primary."""
        with self._lock:
            order = [next(self._turn) for _ in self.all]
        for alias in order:
            replica = self.all[alias]
            with self._lock:
                is_due = time.monotonic() >= replica.next_look
                if is_due:  # by this thread; the others go by what was seen last
                    replica.next_look = time.monotonic() + JUDGED_EVERY
            if (self._look(replica) if is_due else replica.is_in) and self._is_there(alias):
                return alias
        return PRIMARY

    def leave_out(self, alias: str, why) -> None:
        """Read the replica no more for a while."""
        replica = self.all[alias]
        with self._lock:
            replica.next_look = time.monotonic() + RESTS_FOR
            was_in, replica.is_in = replica.is_in, False
        log.log(logging.WARNING if was_in else logging.INFO, "%s is left out: %s", alias, why)

    def _is_there(self, alias: str) -> bool:
        """Whether the connection answers: an old one is tried (CONN_HEALTH_CHECKS), a new one opened."""
        try:
            with connections[alias].cursor():
                return True
        except Error as problem:
            self.leave_out(alias, problem)
            return False

    def _look(self, replica: Replica) -> bool:
        """Judge a replica anew. While the primary does not answer, a replica that does is the best there is."""
        try:
            version = DataVersion.objects.using(replica.alias).token()
        except Error as problem:
            self.leave_out(replica.alias, problem)
            return False
        try:
            primary = DataVersion.objects.using(PRIMARY).token()
        except Error:
            is_behind = False
        else:
            is_behind = replica.is_behind(version, primary, timezone.now())
        if is_behind:
            self.leave_out(replica.alias, f"it is at data version {version[0]}, the primary at {primary[0]}")
            return False
        if not replica.is_in:
            log.info("%s is read from now on", replica.alias)
        replica.is_in = True
        return True


#: What this process knows.
replicas = Replicas([alias for alias in settings.DATABASES if alias != PRIMARY])

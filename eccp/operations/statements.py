"""What the database is asked: counted, watched for slowness, and in the web server bounded in time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connections
from django.db.backends.signals import connection_created

logger = structlog.get_logger(__name__)
_STEPS = 20_000  # of SQLite's machine between two looks at the clock: about a millisecond
_deadline = threading.local()


@dataclass
class Tally:
    """How much a request has asked."""

    statements: int = 0
    seconds: float = 0.0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counted() -> Iterator[Tally]:
    """Counts the statements inside."""
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def _watch(execute, sql, params, many, context):
    """Run one statement; a slow one is written down without its values."""
    begun = time.monotonic()
    _deadline.at = begun + settings.STATEMENT_SECONDS
    try:
        return execute(sql, params, many, context)
    finally:
        _deadline.at = None
        took = time.monotonic() - begun
        if tally := _tally.get():
            tally.statements += 1
            tally.seconds += took
        if took * 1000 >= settings.SLOW_QUERY_MS:
            logger.warning("slow_query", milliseconds=round(took * 1000), sql=" ".join(str(sql).split())[:2000])


def _is_late() -> bool:
    at = getattr(_deadline, "at", None)
    return at is not None and time.monotonic() > at


def watch(connection) -> None:
    """Watch every statement of a connection."""
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def bound(connection) -> None:
    """Let no statement of a connection run longer than ``STATEMENT_SECONDS``."""
    if connection.vendor == "postgresql":
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{settings.STATEMENT_SECONDS}s"])
    else:
        connection.connection.set_progress_handler(_is_late, _STEPS)


def watch_all() -> None:
    """Watch every connection of this process."""
    connection_created.connect(watch_created, dispatch_uid="eccp.operations.statements.watch")
    for connection in connections.all(initialized_only=True):
        watch(connection)


def bound_all() -> None:
    """Bound every connection of this process: a web server. A command, such as ``migrate``, takes what it needs."""
    connection_created.connect(bound_created, dispatch_uid="eccp.operations.statements.bound")


def watch_created(sender, connection, **kwargs):
    watch(connection)


def bound_created(sender, connection, **kwargs):
    bound(connection)

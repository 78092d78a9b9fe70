"""Data versions as readers see them: that of the database, one for all of an answer, and what lies between two."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eccp.listing.showing import RENAMED
from eccp.records.databases import reading
from eccp.records.models import DataChange, DataVersion

_MOST_READ_ANEW = 50_000  # rows; with more, to begin from the beginning is no slower

Token = tuple  # number and instant of a data version
_begun_at: ContextVar[Token | None] = ContextVar("begun_at", default=None)


class StaleError(Exception):
    """The data has changed since this question began to be answered: ask it again."""


def data_version() -> Token:
    """The data version as the database that is read has it now."""
    return DataVersion.objects.token()


@contextmanager
def one_state() -> Iterator[None]:
    """All queries inside see the database as it is at the first of them, and hold no writer up.

    Inside a transaction, and inside another of these, they see what that sees.
    """
    connection = connections[reading()]
    if connection.in_atomic_block or _has_begun(connection):
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            # What is read starts with rows and follows ways from them, in the order in which they are joined: to look
            # for a better one takes PostgreSQL several times longer than to read what belongs to a row.
            cursor.execute(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL join_collapse_limit = 1"
            )
            yield
    else:
        # Django's own transactions are made to write (IMMEDIATE); one that reads must not wait for them.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _has_begun(connection: BaseDatabaseWrapper) -> bool:
    """Whether SQLite is in a transaction of which Django does not know."""
    return connection.vendor == "sqlite" and connection.connection is not None and connection.connection.in_transaction


@contextmanager
def one_version() -> Iterator[Token]:
    """Everything inside is answered at the data version it begins with, which is given, or StaleError is raised."""
    version = data_version()
    token = _begun_at.set(version)
    try:
        yield version
    finally:
        _begun_at.reset(token)


def begun_at() -> Token | None:
    """The data version at which everything is answered now; None where nobody has asked for one."""
    return _begun_at.get()


def changes_since(held: Token, now: Token) -> dict[str, set[int]] | None:
    """For each list the rows that may have changed between two versions; None when nobody can say."""
    (first, at), (last, _at) = held, now
    chain = list(DataChange.objects.filter(number__range=(first, last)).values_list("number", "changed_at", "rows"))
    if not chain or chain[0][:2] != (first, at) or len(chain) != last - first + 1:
        return None  # of another history, or longer ago than is kept
    changed: dict[str, set[int]] = {}
    for _number, _at, rows in chain[1:]:
        if rows is None:
            return None
        for name, keys in rows.items():
            changed.setdefault(name, set()).update(keys)
    return changed


class Changed(NamedTuple):
    """What of a list has changed: the keys of its rows, and of records that only have other names now."""

    rows: set[int]
    renamed: set[int]


def changed(name: str, held: Token, now: Token) -> Changed | None:
    """What of one list may have changed; None when nobody can say, or to begin anew is no slower."""
    changes = changes_since(held, now) if held[0] <= now[0] else None
    if changes is None or len(changes.get(name, ())) > _MOST_READ_ANEW:
        return None
    return Changed(changes.get(name, set()), changes.get(RENAMED, set()))

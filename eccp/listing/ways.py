"""Ways from a row to other records, asked of the database for many rows at once."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cache, cached_property
from typing import Any

from django.db import connections, models
from django.db.models import F, Lookup, Q

from eccp.records.turning import Turn
from eccp.records.vocabulary import PublicationStatus

#: A way and what must hold on it: ``("participants__organisation__countries", Q(participants__side=…))``.
Path = tuple[str, Q]
Paths = tuple[Path, ...]
#: What is asked of rows, given what holds where a field is among their keys: only these are others each time.
Question = Callable[[Callable[[str], Lookup | Q]], models.QuerySet]


def prefixed(start: str, condition: Q) -> Q:
    """``condition`` on what is reached from ``start``."""
    return Q(*((f"{start}__{name}", value) for name, value in condition.children))


def through_published(*steps: str) -> Path:
    """The way along ``steps``, every one of which but the last leads to published records only."""
    where = Q()
    for number in range(1, len(steps)):
        where &= Q(**{f"{'__'.join(steps[:number])}__publication_status": PublicationStatus.PUBLISHED})
    return "__".join(steps), where


def pairs(rows: models.QuerySet, paths: Iterable[Path]) -> Iterator[tuple[int, Any]]:
    """Each of ``rows`` by its primary key with each thing at the end of ``paths``, some more than once."""
    for path, where in paths:
        yield from rows.order_by().filter(where, **{f"{path}__isnull": False}).values_list("pk", path)


class Asked:
    """Rows of a model by their keys, of whom each way is asked once, however many columns and words go it."""

    def __init__(self, model: type[models.Model], keys: Collection[int]):
        self._model, self.keys = model, list(keys)
        self._found: dict[Path, list[tuple[int, Any]]] = {}

    @cached_property
    def queryset(self) -> models.QuerySet:
        """The rows, for what no way leads to; of the keys alone: what else makes a row public leads SQLite astray."""
        return self._model._base_manager.filter(pk__in=self.keys)

    def pairs(self, paths: Iterable[Path]) -> Iterator[tuple[int, Any]]:
        """What ``pairs`` gives of the rows."""
        for path in paths:
            if path not in self._found:
                self._found[path] = self.ask(_ends_of(self._model, path))
            yield from self._found[path]

    def ends(self, paths: Iterable[Path]) -> dict[int, set]:
        """What stands at the end of ``paths`` for each of the rows that has any, by its primary key."""
        found: dict[int, set] = {}
        for key, end in self.pairs(paths):
            found.setdefault(key, set()).add(end)
        return found

    def turns(self, of: Question) -> Iterator[Turn]:
        """What ``of`` gives of the rows: on which days they turn (``eccp.records.turning``)."""
        for key, own, day, code in self.ask(of):
            # SQLite has no dates of its own.
            yield key, own, date.fromisoformat(day) if isinstance(day, str) else day, code

    def ask(self, question: Question) -> list[tuple]:
        """What ``question`` gives of the rows, as the database stores it."""
        connection = connections[self._model._base_manager.db]
        sql, params = _written(question, connection.alias)
        keys = self.keys if connection.vendor == "postgresql" else json.dumps(self.keys)
        with connection.cursor() as cursor:
            cursor.execute(sql, [keys if param == _KEYS else param for param in params])
            return cursor.fetchall()


#: The keys of a query that is written once and asked of any number of keys.
_KEYS = "the keys of the rows"


class _Among(Lookup):
    """Whether a key is among many, that are given as one value."""

    prepare_rhs = False

    def as_sqlite(self, compiler, connection):
        key, params = self.process_lhs(compiler, connection)
        return f"{key} IN (SELECT value FROM json_each(%s))", [*params, self.rhs]  # noqa: S608 - no input

    def as_postgresql(self, compiler, connection):
        # Not from a subquery: PostgreSQL would have to find the place for one more thing to join.
        key, params = self.process_lhs(compiler, connection)
        return f"{key} = ANY(%s::bigint[])", [*params, self.rhs]


def _among(field: str) -> Lookup:
    return _Among(F(field), _KEYS)


@cache
def _written(question: Question, alias: str) -> tuple[str, tuple]:
    """The query for what is asked: for a few rows, to write it takes Django longer than the database to answer."""
    return question(_among).query.get_compiler(using=alias).as_sql()


@cache
def _ends_of(model: type[models.Model], path: Path) -> Question:
    """The question for the ends of a way."""
    end, where = path

    def ends(among: Callable[[str], Lookup]) -> models.QuerySet:
        rows = model._base_manager.filter(among("pk"), where, **{f"{end}__isnull": False})
        return rows.order_by().values_list("pk", end)

    return ends

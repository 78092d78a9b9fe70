"""Ways from a row to other records, asked of the database for many rows at once."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models import Q

from eccp.records.vocabulary import PublicationStatus

#: A way and what must hold on it: ``("participants__organisation__countries", Q(participants__side=…))``.
Path = tuple[str, Q]
Paths = tuple[Path, ...]


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


def ends(rows: models.QuerySet, paths: Iterable[Path]) -> dict[int, set[int]]:
    """The primary keys at the end of ``paths`` for each of ``rows`` that has any, by its own."""
    found: dict[int, set[int]] = {}
    for key, end in pairs(rows, paths):
        found.setdefault(key, set()).add(end)
    return found

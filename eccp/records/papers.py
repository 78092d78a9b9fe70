"""Papers as data: hand-checkable YAML in ``fixtures/<paper>/``, one file per kind of record, read in order.

A file names its ``model``, what is the same for all its records (``defaults``), what is the same for all
their citations (``citation_defaults``), and its ``records`` in the form of ``aggregate``. A record that
another paper has already described is continued with ``extends: true``: names, figures, statements and
citations are added to it, its fields stay as they are.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from django.apps import apps
from django.db import transaction

from eccp.records import aggregate, version
from eccp.records.models import RecordModel
from eccp.records.references import published_naming_hidden

REFERENCE = "reference"  # the folder that every paper stands on, read first
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Described(NamedTuple):
    """A record as the paper that names it first describes it, and the rows that further files add to it."""

    own: aggregate.Aggregate
    added: dict[str, list]

    def whole(self) -> aggregate.Aggregate:
        """Everything all papers say of it."""
        return self.own | {part: [*self.own.get(part, ()), *rows] for part, rows in self.added.items()}


Collected = dict[tuple[type[RecordModel], str], Described]


def names(root: Path) -> list[str]:
    """The papers under ``root``, the reference data first."""
    found = [path.name for path in root.iterdir() if path.is_dir()]
    return sorted(found, key=lambda name: (name != REFERENCE, name))


def files(folder: Path) -> list[Path]:
    """The record files of one paper in the order in which they are read: ``01_sources.yaml`` …"""
    return sorted(folder.glob("[0-9]*_*.yaml"))


def document(path: Path) -> dict:
    """One YAML file of a paper; every scalar is text: a country code ``NO`` and a year stay what they are."""
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=_Loader)  # noqa: S506 - the base loader makes nothing but text


def read(path: Path) -> Iterator[tuple[type[RecordModel], aggregate.Aggregate]]:
    """The model and the aggregate of each record of a file, defaults filled in."""
    described = document(path)
    try:
        model = apps.get_model(described["model"])
        given_records = described["records"]
    except (KeyError, LookupError, TypeError, ValueError) as problem:
        raise aggregate.AggregateError(f"{path.name}: names no model and its records: {problem}") from problem
    for given in given_records:
        if not isinstance(given, dict) or not isinstance(given.get("slug"), str):
            raise aggregate.AggregateError(f"{path.name}: a record without a slug: {str(given)[:80]}")
        record = dict(given) if "extends" in given else {**described.get("defaults", {}), **given}
        defaults = {**described.get("citation_defaults", {}), **record.pop("citation_defaults", {})}
        if "citations" in record:
            record["citations"] = [{**defaults, **citation} for citation in record["citations"]]
        yield model, record


def collect(folders: Iterable[Path]) -> Collected:
    """Every record of the papers in ``folders``, each once, with what later papers add to it.

    Raises AggregateError naming the file when a record stands twice, or extends one that is not there.
    """
    collected: Collected = {}
    for path in (path for folder in folders for path in files(folder)):
        for model, record in read(path):
            place = (model, record["slug"])
            extends = record.pop("extends", "false") == "true"
            if extends != (place in collected):
                said = "extends a record that no earlier file has" if extends else "stands in an earlier file already"
                raise aggregate.AggregateError(f"{path.name}: {record['slug']!r} {said}")
            if not extends:
                collected[place] = Described(record, {})
                continue
            for part in set(record) - {"slug"}:
                if part not in model.parts:
                    raise aggregate.AggregateError(f"{path.name}: {record['slug']!r} may add rows, not set {part}")
                collected[place].added.setdefault(part, []).extend(record[part])
    return collected


@transaction.atomic
def load(folders: Iterable[Path]) -> tuple[int, int]:
    """Load papers; returns how many records they hold and how many of them changed.

    Loading twice changes nothing. Raises AggregateError naming the record, with nothing stored.
    """
    collected = collect(folders)
    changed = set()
    with version.raised_once(), aggregate.remembering():
        for (model, slug), described in collected.items():
            # What is added may name records that come later, so a record that is new starts with its own.
            if not described.added or not model.objects.filter(slug=slug).exists():
                changed |= {(model, slug)} if aggregate.store(model, described.own)[1] else set()
        for (model, slug), described in collected.items():
            if described.added:
                changed |= {(model, slug)} if aggregate.store(model, described.whole())[1] else set()
        _refuse_hidden_names()
    return len(collected), len(changed)


def _refuse_hidden_names() -> None:
    """A published record names published records only, however it came to be published."""
    for record, hidden in published_naming_hidden():
        raise aggregate.AggregateError(f"{record.record_kind} {record.slug!r} is published but names {hidden}")

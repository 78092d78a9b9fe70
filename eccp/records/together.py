"""Many new records stored at once: each is built and judged as always, then all are inserted together.

A long file costs a few statements a table instead of a dozen a row.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction

from eccp.records import aggregate, version
from eccp.records.aggregate import Aggregate, AggregateError, Built, Held
from eccp.records.models import OldSlug, Record, RecordModel
from eccp.records.references import owners

#: No record yet.
_NOTHING = Held(None, {})


def is_possible(model: type[RecordModel]) -> bool:
    """Whether records of this kind are stored by nothing but their rows: a tree is kept record by record."""
    return model.save is Record.save


@transaction.atomic
def store_new(model: type[RecordModel], states: Iterable[Mapping[str, Any]]) -> list[tuple[RecordModel, Aggregate]]:
    """Store new records that do not name each other; returns each with its state, as ``aggregate.store_held`` would.

    AggregateError, with nothing stored, if any is refused: which one, and why, is found out by storing them alone.
    """
    try:
        found = [aggregate.built(model, state, _NOTHING) for state in states]
        _refuse_old_slugs(model, [each.record for each in found])
        for record, *_rest in found:
            aggregate.check_row(record, asks_first=False)
            record.derive()
        _insert_records(model, [each.record for each in found])
        _insert_links([(each.record, each.links) for each in found])
        for part, owner in owners(model).items():
            _insert_rows(found, part, owner)
    except (ValidationError, LookupError, ValueError, DatabaseError) as problem:
        raise AggregateError(str(problem)) from problem
    version.bump()  # what is inserted together sends no signal
    return [(each.record, each.state) for each in found]


def _refuse_old_slugs(model: type[RecordModel], records: list[RecordModel]) -> None:
    """What ``clean`` asks of each record alone, asked once of all."""
    slugs = [record.slug for record in records]
    if OldSlug.objects.filter(record_kind=model._meta.model_name, slug__in=slugs).exists():
        raise ValueError("one of these was the id of another record")
    for record in records:
        record.has_free_slug = True


def _insert_records(model: type[RecordModel], records: list[RecordModel]) -> None:
    """The rows of the common table, then those of the kind, which ``bulk_create`` refuses to know."""
    common = [field for field in Record._meta.concrete_fields if not field.primary_key]
    rows = [Record(**{field.attname: getattr(record, field.attname) for field in common}) for record in records]
    for record, row in zip(records, Record.objects.bulk_create(rows), strict=True):
        record.pk = record.id = row.pk
        record.changed_at = row.changed_at
        record._state.adding, record._state.db = False, row._state.db
    own = model._meta.local_concrete_fields
    step = connection.ops.bulk_batch_size(own, records)
    for start in range(0, len(records), step):
        model._base_manager._insert(records[start : start + step], fields=own, using=connection.alias)


def _insert_links(linked: list[tuple[models.Model, dict[str, list]]]) -> None:
    """What rows of one table, stored already, name in fields of many."""
    if not linked:
        return
    for name in linked[0][1]:
        field = type(linked[0][0])._meta.get_field(name)
        through, here, there = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
        through._base_manager.bulk_create(
            through(**{f"{here}_id": row.pk, f"{there}_id": target})
            for row, links in linked
            for target in dict.fromkeys(target.pk for target in links[name])
        )


def _insert_rows(found: list[Built], part: str, owner: models.ForeignKey) -> None:
    """The rows of one part of all records."""
    rows = []
    for record, _links, parts, _state in found:
        for each in parts.get(part, ()):
            setattr(each.row, owner.name, record)
            aggregate.check_row(each.row, asks_first=False)
            rows.append(each)
    if owner.model.save is models.Model.save:
        owner.model._base_manager.bulk_create(each.row for each in rows)
    else:
        for each in rows:
            each.row.save()
    _insert_links([(each.row, each.links) for each in rows])

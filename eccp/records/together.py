"""Many records at once: read, judged as always one by one, and stored together.

A long file costs a few statements a table instead of a dozen a row.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.models.constants import OnConflict

from eccp.records import aggregate, version
from eccp.records.aggregate import Aggregate, AggregateError, Built, Held, Row
from eccp.records.models import OldSlug, Record, RecordModel, TreeModel
from eccp.records.references import owners


class Stored(NamedTuple):
    """A record that was stored, and its states before and after."""

    record: RecordModel
    before: Aggregate
    after: Aggregate


# ── Read ──


def read(queryset: models.QuerySet) -> Iterator[tuple[RecordModel, Aggregate]]:
    """The records of ``queryset``, each with its state as ``aggregate.dump`` gives it."""
    records = list(queryset)
    states = {record.pk: state for record, state in zip(records, _texts(records), strict=True)}
    for part, owner in owners(queryset.model).items():
        for key, rows in _rows_of(states, owner).items():
            states[key][part] = sorted((data for data, _row in rows), key=repr)
    return ((record, states[record.pk]) for record in records)


def _rows_of(keys: Iterable[int], owner: models.ForeignKey) -> dict[int, list[tuple[Aggregate, models.Model]]]:
    """The rows of one part, as text and as they are, by the key of their record."""
    rows = list(owner.model._default_manager.filter(**{f"{owner.name}__in": list(keys)}))
    found: dict[int, list] = {}
    for data, row in zip(_texts(rows, owner), rows, strict=True):
        found.setdefault(getattr(row, owner.attname), []).append((data, row))
    return found


def _texts(rows: list[models.Model], owner: models.ForeignKey | None = None) -> list[Aggregate]:
    """Rows of one table as text; what they name is read for all of them at once."""
    if not rows:
        return []
    links: dict[int, dict[str, list]] = {row.pk: {} for row in rows}
    for name, field in aggregate.fields_of(type(rows[0]), owner).items():
        if field.many_to_many:
            through, here, there = _way(field)
            pairs = list(through._base_manager.filter(**{f"{here}__in": list(links)}).values_list(here, there))
            targets = _targets(field, (key for _row, key in pairs))
            for named in links.values():
                named[name] = []
            for key, target in pairs:
                links[key][name].append(targets[target])
        elif field.is_relation:
            targets = _targets(field, (getattr(row, field.attname) for row in rows))
            for row in rows:
                field.set_cached_value(row, targets.get(getattr(row, field.attname)))
    return [aggregate.dump_row(row, owner, links[row.pk]) for row in rows]


def _targets(field: models.Field, keys: Iterable[int | None]) -> dict[int, Record]:
    """The records that a field names, by key."""
    found = field.related_model._base_manager.in_bulk(set(keys) - {None})
    for target in found.values():
        aggregate.remember(field, target)
    return found


def _way(field: models.ManyToManyField) -> tuple[type[models.Model], str, str]:
    """The table behind a field of many, and its two columns: the one that names, the one that is named."""
    return field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()


# ── Store ──


def is_possible(model: type[RecordModel], state: Mapping[str, Any], held: Held) -> bool:
    """Whether a record is stored by nothing but its rows.

    One that gets its place in a tree, or that other records follow when it is saved, is stored alone.
    """
    if model.is_followed:
        return False
    stays = held.record is not None and (state.get("parent") or "") == held.state.get("parent", "")
    return model.save is Record.save or (model.save is TreeModel.save and stays)


@transaction.atomic
def store(model: type[RecordModel], wanted: Iterable[tuple[Mapping[str, Any], Held]]) -> list[Stored]:
    """Store records that do not name each other, new ones and others, as ``aggregate.store_held`` would each.

    AggregateError, with nothing stored, if any is refused: which one, and why, is found out by storing them alone.
    """
    try:
        found = [(aggregate.built(model, state, held), held) for state, held in wanted]
        changed = [(built, held.state) for built, held in found if built.state != held.state]
        if any(before and before["slug"] != built.state["slug"] for built, before in changed):
            raise ValueError("one of these gets another id")
        _judge(model, [built.record for built, _before in changed])
        _put_records(model, [built.record for built, before in changed if not before], are_new=True)
        _put_records(model, [built.record for built, before in changed if before], are_new=False)
        _put_links([(built.record, _other_links(built, before)) for built, before in changed])
        for part, owner in owners(model).items():
            _put_part(changed, part, owner)
    except (ValidationError, LookupError, ValueError, DatabaseError) as problem:
        raise AggregateError(str(problem)) from problem
    if changed:
        version.bump()  # what is stored together sends no signal
    return [Stored(built.record, held.state, built.state) for built, held in found]


def _judge(model: type[RecordModel], records: list[RecordModel]) -> None:
    """What is asked of each record alone; what ``clean`` would ask the database of each is asked once of all."""
    slugs = {record.slug: record.pk for record in records}
    old = OldSlug.objects.filter(record_kind=model._meta.model_name, slug__in=slugs).values_list("slug", "record")
    if any(slugs[slug] != key for slug, key in old):
        raise ValueError("one of these was the id of another record")
    for record in records:
        record.has_free_slug = True
        aggregate.check_row(record, asks_first=False)
        aggregate.forget(record)
        record.derive()


def _put_records(model: type[RecordModel], records: list[RecordModel], *, are_new: bool) -> None:
    """The rows of the common table, then those of the kind, which ``bulk_create`` refuses to know."""
    if not records:
        return
    common = [field for field in Record._meta.concrete_fields if not (are_new and field.primary_key)]
    if not are_new:
        for record in records:
            record.version += 1
    rows = [Record(**{field.attname: getattr(record, field.attname) for field in common}) for record in records]
    for record, row in zip(records, _put_rows(Record, rows, are_new=are_new), strict=True):
        record.pk = record.id = row.pk
        record.changed_at = row.changed_at
        record._state.adding, record._state.db = False, row._state.db
    own = model._meta.local_concrete_fields
    others = [field for field in own if not field.primary_key]
    known = {} if are_new else {
        "on_conflict": OnConflict.UPDATE, "update_fields": others, "unique_fields": [model._meta.pk],
    }  # fmt: skip
    step = connection.ops.bulk_batch_size(own, records)
    for start in range(0, len(records), step):
        model._base_manager._insert(records[start : start + step], fields=own, using=connection.alias, **known)


def _put_rows(model: type[models.Model], rows: list[models.Model], *, are_new: bool) -> list[models.Model]:
    """Insert rows of one table; unless all are new, a row whose key is there already takes its place."""
    if are_new:
        return model._base_manager.bulk_create(rows)
    others = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    return model._base_manager.bulk_create(
        rows, update_conflicts=True, update_fields=others, unique_fields=[model._meta.pk.name]
    )


def _other_links(built: Built, before: Aggregate) -> dict[str, list]:
    """What a record names in fields of many otherwise than before."""
    return {name: named for name, named in built.links.items() if built.state.get(name) != before.get(name)}


def _put_links(linked: list[tuple[models.Model, dict[str, list]]]) -> None:
    """Let rows of one table, stored already, name in fields of many what they are to name, and nothing else."""
    for name in {name: None for _row, links in linked for name in links}:
        naming = [(row, links[name]) for row, links in linked if name in links]
        through, here, there = _way(type(naming[0][0])._meta.get_field(name))
        through._base_manager.filter(**{f"{here}__in": [row.pk for row, _named in naming]}).delete()
        through._base_manager.bulk_create(
            through(**{f"{here}_id": row.pk, f"{there}_id": target})
            for row, named in naming
            for target in dict.fromkeys(target.pk for target in named)
        )


def _put_part(changed: list[tuple[Built, Aggregate]], part: str, owner: models.ForeignKey) -> None:
    """Make the rows of one part of all records those built; one that is known again keeps its key and address."""
    given = {built.record.pk: built for built, before in changed if built.state.get(part) != before.get(part)}
    known = [built.record.pk for built, before in changed if before and built.record.pk in given]
    held = _rows_of(known, owner) if known else {}
    gone: list[models.Model] = []
    put: list[Row] = []
    for key, built in given.items():
        out, rows = aggregate.told_apart(built.rows[part], held.get(key, []), owner)
        gone += out
        for each in rows:
            setattr(each.row, owner.name, built.record)
            aggregate.check_row(each.row, asks_first=False)
        put += rows
    if gone:
        owner.model._base_manager.filter(pk__in=[row.pk for row in gone]).delete()
    if owner.model.save is models.Model.save:
        _put_rows(owner.model, [each.row for each in put], are_new=not known)
    else:
        for each in put:
            each.row.save()
    _put_links([(each.row, each.links) for each in put])

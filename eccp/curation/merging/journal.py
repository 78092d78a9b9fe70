"""What an act changed, row by row and column by column, so that exactly this can be taken back."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models

from eccp.records.models import Record
from eccp.records.version import owner_of

#: Rise with every change; to take one back raises them again.
_COUNTED = frozenset({"version", "changed_at"})

Columns = dict[str, str | None]


class OvertakenError(Exception):
    """Something that an act changed has changed again since; says the row, and the record it belongs to."""

    def __init__(self, what: str, record: int | None):
        super().__init__(what)
        self.record = record


class Journal:
    """Changes rows and writes down what each was before and after, in order."""

    def __init__(self):
        self.entries: list[dict[str, Any]] = []

    def change(self, row: models.Model, **values) -> None:
        """Give fields of a stored row other values."""
        before = _columns(_stored(type(row), row.pk))
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        after = _columns(_stored(type(row), row.pk))
        changed = [name for name in before if before[name] != after[name]]
        if changed:
            self._note(row, {name: before[name] for name in changed}, {name: after[name] for name in changed})

    def add(self, row: models.Model) -> None:
        """Store a new row."""
        row.save(force_insert=True)
        self._note(row, None, _columns(_stored(type(row), row.pk)))

    def remove(self, row: models.Model) -> None:
        """Delete a row."""
        key, before = row.pk, _columns(_stored(type(row), row.pk))
        row.delete()
        self._note(row, before, None, key)

    def _note(self, row: models.Model, before: Columns | None, after: Columns | None, key: Any = None) -> None:
        label = type(row)._meta.concrete_model._meta.label_lower
        self.entries.append({"model": label, "pk": key or row.pk, "before": before, "after": after})


def take_back(entries: Iterable[dict[str, Any]]) -> None:
    """Undo what a journal says, the last change first.

    Raises OvertakenError, within a transaction that is then to be given up, where a row is no longer what it became.
    """
    for entry in reversed(list(entries)):
        model = apps.get_model(entry["model"])
        row = model._base_manager.filter(pk=entry["pk"]).first()
        before, after = entry["before"], entry["after"]
        if after is None:
            row, is_as_left = _from_columns(model, before), row is None
        else:
            now = _columns(row) if row else None
            is_as_left = now is not None and all(now[name] == value for name, value in after.items())
        if not is_as_left:
            raise _overtaken(model, row, after or before)
        try:
            if before is None:
                row.delete()
            else:
                _fill(row, before)
                row.save(force_insert=after is None)
        except (DatabaseError, ValidationError) as problem:
            raise _overtaken(model, row, before or after) from problem


def _stored(model: type[models.Model], key: Any) -> models.Model:
    return model._base_manager.get(pk=key)


def _columns(row: models.Model) -> Columns:
    """What a row holds, as text that means the same on every database."""
    return {
        field.name: None if field.value_from_object(row) is None else field.value_to_string(row)
        for field in row._meta.concrete_fields
        if field.name not in _COUNTED
    }


def _fill(row: models.Model, columns: Columns) -> None:
    for name, value in columns.items():
        field = row._meta.get_field(name)
        setattr(row, field.attname, None if value is None else field.to_python(value))


def _from_columns(model: type[models.Model], columns: Columns) -> models.Model:
    row = model()
    _fill(row, columns)
    return row


def _overtaken(model: type[models.Model], row: models.Model | None, columns: Columns) -> OvertakenError:
    """Which row has changed, and of which record: as it is now or, where it is gone, as it was."""
    known = row or _from_columns(model, columns)
    owner = known.pk if isinstance(known, Record) else owner_of(known)
    return OvertakenError(str(model._meta.verbose_name), owner)

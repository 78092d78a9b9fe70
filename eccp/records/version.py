"""The data version: one number, raised in the transaction of every change, by which readers know they are current."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from django.utils import timezone


def bump() -> None:
    """Raise the data version within the caller's transaction.

    Whoever changes rows of records without saving them one by one calls this itself.
    """
    from eccp.records.models import DataVersion

    DataVersion.objects.bump(at=timezone.now())


#: None, or a list that fills with what changed while the raise is put off.
_held: ContextVar[list | None] = ContextVar("held", default=None)


@contextmanager
def raised_once() -> Iterator[None]:
    """Raise the data version once for a whole load, at its end, if it changed anything."""
    changes: list = []
    token = _held.set(changes)
    try:
        yield
    finally:
        _held.reset(token)
    if changes:
        bump()


def is_registry_data(model: type[models.Model]) -> bool:
    """Whether rows of ``model`` are data of the registry: a record, a row that belongs to one, a link between two.

    What people note beside a record (a reader's report, the result of a check) changes nothing the public sees.
    """
    from eccp.records.models import Record
    from eccp.records.references import models_of_parts

    if model._meta.auto_created:
        model = model._meta.auto_created
    return issubclass(model, Record) or model in models_of_parts()


def owner_of(row: models.Model) -> int | None:
    """The primary key of the record a row belongs to, if it belongs to one."""
    from eccp.records.models import Record

    for field in row._meta.concrete_fields:
        owns = field.is_relation and field.remote_field.on_delete is models.CASCADE and not field.primary_key
        if owns and issubclass(field.related_model, Record):
            return getattr(row, field.attname)
    return None


def watch() -> None:
    """Raise the data version whenever registry data is saved, deleted or linked.

    Before the change rather than after it: every writer then waits for the same row first, so that two
    can never wait for each other.
    """

    def changing(sender, instance=None, raw=False, **kwargs):
        if not (is_registry_data(sender) and kwargs.get("action", "pre_").startswith("pre_")):
            return
        changes = _held.get()
        if changes is not None:
            changes.append(sender)
            return
        bump()
        if not raw and isinstance(instance, models.Model) and (owner := owner_of(instance)):
            # What belongs to a record is the record: its feed shows the change.
            type(instance)._meta.apps.get_model("records", "Record")._base_manager.filter(pk=owner).update(
                changed_at=timezone.now()
            )

    for signal in (pre_save, pre_delete, m2m_changed):
        signal.connect(changing, weak=False, dispatch_uid="eccp.records.version")

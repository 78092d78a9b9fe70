"""The data version: one number, raised in the transaction of every change, by which readers know they are current."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models, transaction
from django.db.models import F
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone


def bump() -> None:
    """Raise the data version within the caller's transaction.

    Whoever changes records without saving them one by one (``QuerySet.update``) calls this itself.
    """
    from eccp.records.models import DataVersion

    now = timezone.now()
    with transaction.atomic():
        if not DataVersion.objects.filter(pk=1).update(number=F("number") + 1, changed_at=now):
            DataVersion.objects.create(pk=1, changed_at=now)


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
    """Whether rows of ``model`` are data of the registry: a record, or a row that names one."""
    from eccp.records.models import Record

    if issubclass(model, Record):
        return True
    return any(
        field.is_relation and isinstance(field.related_model, type) and issubclass(field.related_model, Record)
        for field in model._meta.concrete_fields
    )


def watch() -> None:
    """Raise the data version whenever registry data is saved, deleted or linked."""

    def changed(sender, **kwargs):
        if not (is_registry_data(sender) and kwargs.get("action", "post_").startswith("post_")):
            return
        changes = _held.get()
        if changes is None:
            bump()
        elif not changes:
            changes.append(sender)

    for signal in (post_save, post_delete, m2m_changed):
        signal.connect(changed, weak=False, dispatch_uid="eccp.records.version")

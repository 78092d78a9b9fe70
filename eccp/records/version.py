"""The data version: one number, raised in the transaction of every change, by which readers know they are current.

With each raise it is noted which rows of which lists may show the change, so that a reader has to read only those.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import connection, models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.utils import timezone

#: For each list the keys of rows.
Rows = dict[str, set[int]]


class Change(NamedTuple):
    """Rows of a model that have changed, and whether only the names of these records did.

    Whoever names a record by its key says a new name without being read anew.
    """

    model: type[models.Model]
    keys: set[int]
    only_names: bool = False


Changes = list[Change]

#: How many rows one change may note.
MOST_NOTED = 20_000

#: What of a record every save writes, and no list shows of another.
_KEPT_BY_ITSELF = ("changed_at", "version")
#: Where a row that is being saved says that only names change: after it nobody can tell.
_ONLY_NAMES = "_changes_only_names"
_BEFORE, _AFTER = (pre_save, pre_delete), (post_save, post_delete)
#: Who shows what: given a change, the rows of lists that may show it as the database is now.
_showing: list[Callable[[Change], Rows]] = []
#: None, or a list that fills with what changed while the raise is put off.
_held: ContextVar[list | None] = ContextVar("held", default=None)


def shown_by(showing: Callable[[Change], Rows]) -> None:
    """Ask ``showing`` at every change which rows show it, before it is made and after."""
    if showing not in _showing:
        _showing.append(showing)


def bump() -> None:
    """Raise the data version within the caller's transaction; readers then read everything anew.

    Whoever changes rows of records without saving them one by one calls this itself.
    """
    from eccp.records.models import DataVersion

    if (changes := _held.get()) is not None:
        changes.append(None)
        return
    DataVersion.objects.bump(at=timezone.now())


def wait_turn() -> None:
    """Wait for the row that every writer waits for first; nothing is raised by it.

    Whoever holds a record's row before changing it calls this before, or two could wait for each other on PostgreSQL.
    """
    from eccp.records.models import DataVersion

    DataVersion.objects.select_for_update().filter(pk=1).first()


def _note(changed: Changes | None, *, is_raised: bool) -> None:
    """Add the rows that show what has ``changed`` to what the newest raise notes, which is of the same transaction."""
    from eccp.records.models import DataChange

    change = DataChange.objects.last()
    if changed is None or not change or (change.rows is None and not is_raised):
        return  # nobody can say what has changed
    noted = {name: set(keys) for name, keys in (change.rows or {}).items()}
    for change_of_rows in changed:
        for showing in _showing:
            for name, found in showing(change_of_rows).items():
                noted[name] = noted.get(name, set()) | found
    rows = {name: sorted(keys) for name, keys in noted.items()}
    if sum(map(len, rows.values())) > MOST_NOTED:
        rows = None  # to read everything anew costs no more than such a note
    if rows != change.rows:
        change.rows = rows
        change.save()


@contextmanager
def raised_once(*, is_hidden: bool = False) -> Iterator[None]:
    """Raise the data version once for a whole load, at its end, if it changed anything.

    ``is_hidden`` says that all of it concerns what is not public: no list shows it, so readers read nothing anew.
    """
    changes: list = []
    token = _held.set(changes)
    try:
        yield
    finally:
        _held.reset(token)
    if changes:
        bump()
        if is_hidden:
            _note([], is_raised=True)


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


def _changed_rows(
    instance, *, only_names: bool = False, action: str = "", reverse: bool = False, model=None, pk_set=None
) -> Changes | None:
    """What a signal says has changed, with the record a row belongs to; None when it does not say."""
    from eccp.records.models import Alias, Record, record_models

    if action:
        # A link is a fact of the row whose field it is.
        if not reverse:
            return [Change(type(instance), {instance.pk})]
        return None if pk_set is None else [Change(model, set(pk_set))]
    changed = [Change(type(instance), {instance.pk}, only_names)] if instance.pk else []
    if owner := owner_of(instance):
        kinds = Record.objects.filter(pk=owner).values_list("record_kind", flat=True)
        changed += [Change(record_models()[kind], {owner}, isinstance(instance, Alias)) for kind in kinds]
    return changed


def _changes_only_names(instance: models.Model) -> bool:
    """Whether saving ``instance`` changes nothing of a record but its names, as the database has it now."""
    from eccp.records.models import Record, names_of

    if not isinstance(instance, Record) or type(instance) is Record or not instance.pk:
        return False
    told = {field.attname for field in instance._meta.concrete_fields} - {*names_of(type(instance)), *_KEPT_BY_ITSELF}
    stored = type(instance)._base_manager.filter(pk=instance.pk).values(*told).first()
    return stored is not None and all(getattr(instance, name) == value for name, value in stored.items())


def watch() -> None:
    """Raise the data version whenever registry data is saved, deleted or linked.

    Before the change rather than after it: every writer then waits for the same row first, so that two
    can never wait for each other. What showed the change before and what shows it after are both noted.
    Outside a transaction the change is public only once it is made, so then it is raised again.
    """

    def changing(sender, signal, instance, raw=False, action="", reverse=False, model=None, pk_set=None, **kwargs):
        if not is_registry_data(sender):
            return
        is_before = signal in _BEFORE or action.startswith("pre_")
        if (changes := _held.get()) is not None:
            changes.append(sender)
            return
        only_names = False
        if signal is pre_save:
            only_names = vars(instance)[_ONLY_NAMES] = not raw and _changes_only_names(instance)
        elif signal is post_save:
            only_names = vars(instance).pop(_ONLY_NAMES)
        # What is loaded raw may name rows that are yet to come.
        links = {"action": action, "reverse": reverse, "model": model, "pk_set": pk_set}
        changed = None if raw else _changed_rows(instance, only_names=only_names, **links)
        is_raised = is_before or not connection.in_atomic_block
        if is_raised:
            bump()
        _note(changed, is_raised=is_raised)
        if is_before and not raw and isinstance(instance, models.Model) and (owner := owner_of(instance)):
            # What belongs to a record is the record: its feed shows the change.
            type(instance)._meta.apps.get_model("records", "Record")._base_manager.filter(pk=owner).update(
                changed_at=timezone.now()
            )

    for signal in (*_BEFORE, *_AFTER, m2m_changed):
        signal.connect(changing, weak=False, dispatch_uid="eccp.records.version")

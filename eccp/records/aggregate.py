"""A record as one serialised whole: its fields, the rows that belong to it, its citations.

Fixtures are written in this form and the portable dump reads and writes it. References are slugs (with
their kind, ``country:JP``, where any kind may stand), so that a record means the same in every database.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from eccp.records.models import Citation, OldSlug, Record, RecordModel
from eccp.records.references import identifying_fields
from eccp.records.vocabulary import PublicationStatus

Aggregate = dict[str, Any]
WITHDRAWN = PublicationStatus.WITHDRAWN


class AggregateError(ValueError):
    """A serialised record that cannot be stored; the message names the record, the field and the cure."""


def dump(record: RecordModel) -> Aggregate:
    """``record`` as plain text, lists and dicts, in the order of its model; empty fields are left out."""
    data = dump_row(record)
    for part in record.parts:
        manager = getattr(record, part)
        rows = [dump_row(row, owner=manager.field) for row in manager.all()]
        if rows:
            data[part] = sorted(rows, key=repr)
    return data


@contextmanager
def rehearsal() -> Iterator[None]:
    """A transaction whose every change is undone at its end: what would be stored is seen, and nothing is."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


class Held(NamedTuple):
    """A record whole, as the caller has just read it and keeps it from changing: it is not read once more.

    There is no record yet where ``record`` is None.
    """

    record: RecordModel | None
    state: Aggregate


def store(
    model: type[RecordModel],
    data: Mapping[str, Any],
    *,
    record: RecordModel | None = None,
    new_keys: Iterator[int] | None = None,
) -> tuple[RecordModel, bool]:
    """Make the database hold ``data``; returns the record and whether anything changed.

    The record is the one with the slug that ``data`` says, unless ``record`` says which is to become it.
    What ``data`` leaves out becomes empty. A row is changed in place where it is known again, so that it keeps its
    key and address; ``new_keys`` gives the primary keys of those that are new. Raises AggregateError, with nothing
    stored, when a field is not known, a reference leads nowhere or a constraint is broken.
    """
    stored, before, after = store_held(model, data, hold(model, data, record), new_keys)
    return stored, before != after


def hold(model: type[RecordModel], data: Mapping[str, Any], record: RecordModel | None = None) -> Held:
    """The record that is to become ``data``, read."""
    asked = {"pk": record.pk} if record else {"slug": data.get("slug")}
    found = model.objects.filter(**asked).first()
    return Held(found, dump(found) if found else {})


def store_held(
    model: type[RecordModel], data: Mapping[str, Any], held: Held, new_keys: Iterator[int] | None = None
) -> tuple[RecordModel, Aggregate, Aggregate]:
    """As ``store``, of a record that has been read already; returns it with its state before and after."""
    try:
        return _store(model, data, held, new_keys, asks_first=False)
    except DatabaseError:
        # The database has refused it. Asked row by row, its constraints say why in words a curator understands.
        return _store(model, data, held, new_keys, asks_first=True)


@transaction.atomic
def _store(
    model: type[RecordModel],
    data: Mapping[str, Any],
    held: Held,
    new_keys: Iterator[int] | None,
    *,
    asks_first: bool,
) -> tuple[RecordModel, Aggregate, Aggregate]:
    where, before = f"{model._meta.model_name} {data.get('slug')!r}", held.state
    try:
        record, links, rows, wanted = built(model, data, held)
        if wanted == before:
            return record, before, before
        check_row(record, asks_first)
        forget(record)
        if before:
            record.version += 1
        record.save()
        _link(record, {name: found for name, found in links.items() if wanted.get(name) != before.get(name)})
        # Under another id a record has its former one among its rows.
        is_moved = bool(before) and wanted.get("slug") != before.get("slug")
        for part, found in rows.items():
            if is_moved or wanted.get(part) != before.get(part):
                _replace_rows(record, part, found, new_keys, asks_first, is_new=not before)
    except (ValidationError, LookupError, ValueError) as problem:
        raise AggregateError(f"{where}: {_said(problem)}") from problem
    return record, before, wanted


class Built(NamedTuple):
    """A record before it is stored, with its links, the rows of its parts, and all of it as text."""

    record: RecordModel
    links: dict[str, list]
    rows: "dict[str, list[Row]]"
    state: Aggregate


def built(model: type[RecordModel], data: Mapping[str, Any], held: Held) -> Built:
    """The record that ``data`` describes, in place of the one that is ``held``."""
    own = {name: value for name, value in data.items() if name not in model.parts}
    record = copy.copy(held.record) if held.record else model()
    links = _fill(record, own)
    if held.state.get("publication_status") == WITHDRAWN and record.publication_status != WITHDRAWN:
        raise ValueError("it was withdrawn from the public, and nothing leads back from there")
    wanted = dump_row(record, links=links)
    # Rows of a part that is what it was are not made once more, unless the record becomes another one's address.
    is_known = wanted.get("slug") == held.state.get("slug")
    rows = {}
    for part in model.parts:
        given = data.get(part) or []
        if is_known and list(given) == held.state.get(part, []):
            wanted |= {part: given} if given else {}
        else:
            rows[part] = _build_rows(record, part, given)
            wanted |= {part: [row.data for row in rows[part]]} if rows[part] else {}
    return Built(record, links, rows, wanted)


class Row(NamedTuple):
    """One row of a part before it is stored, beside the form in which it is compared."""

    data: Aggregate
    row: models.Model
    links: dict[str, list]


def _build_rows(record: RecordModel, part: str, given: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The rows of one part, in the order in which ``dump`` gives them."""
    owner = getattr(type(record), part).rel.field
    built = []
    for data in given:
        row = owner.model()
        try:
            links = _fill(row, data, owner)
        except (ValidationError, LookupError, ValueError) as problem:
            raise AggregateError(f"{part} {dict(data)}: {_said(problem)}") from problem
        built.append(Row(dump_row(row, owner, links), row, links))
    return sorted(built, key=lambda built_row: repr(built_row.data))


def check_row(row: models.Model, asks_first: bool) -> None:
    """Whether the row may be stored: its fields, what only ``clean`` sees, and if asked its constraints."""
    exclude = {"record_kind"} | ({"key"} if isinstance(row, Citation) else set())
    # Whatever a row names has been looked up: to ask the database once more whether it is there costs a query each.
    exclude |= {
        field.name
        for field in row._meta.concrete_fields
        if field.is_relation and not field.primary_key and getattr(row, field.attname) is not None
        if not asks_first and not field.get_limit_choices_to()
    }
    if asks_first:
        row.full_clean(exclude=exclude)
    else:
        row.clean_fields(exclude=exclude)
        row.clean()


def _replace_rows(
    record: RecordModel,
    part: str,
    rows: list[Row],
    new_keys: Iterator[int] | None,
    asks_first: bool,
    *,
    is_new: bool,
) -> None:
    """Make the rows of one part those given; one that stays the same, or is known again, keeps its key and address."""
    owner = getattr(type(record), part).rel.field
    held = [] if is_new else [(dump_row(row, owner), row) for row in getattr(record, part).all()]
    gone, changed = told_apart(rows, held, owner)
    for row in gone:
        row.delete()
    for data, row, links in changed:
        setattr(row, owner.name, record if isinstance(record, owner.related_model) else record.record)
        try:
            check_row(row, asks_first)
        except ValidationError as problem:
            raise AggregateError(f"{part} {data}: {_said(problem)}") from problem
        if row.pk is None and new_keys is not None:
            row.pk = next(new_keys)
        row.save()
        _link(row, links)


def told_apart(
    rows: list[Row], held: list[tuple[Aggregate, models.Model]], owner: models.ForeignKey
) -> tuple[list[models.Model], list[Row]]:
    """Of the rows of one part: those ``held`` that are gone, and those that are new or take the place of one held."""
    left, changed = list(held), []
    for built in rows:
        same = next((pair for pair in left if pair[0] == built.data), None)
        left.remove(same) if same else changed.append(built)
    known_by = identifying_fields(owner.model, owner)
    for built in changed:
        old = next((pair for pair in left if all(pair[0].get(key) == built.data.get(key) for key in known_by)), None)
        if old:
            left.remove(old)
            _take_place(built.row, old[1], owner)
    return [row for _data, row in left], changed


def _take_place(row: models.Model, old: models.Model, owner: models.Field) -> None:
    """Let ``row`` be the changed ``old``: the same key, and all that nobody types."""
    typed = fields_of(type(row), owner)
    for field in row._meta.concrete_fields:
        if field.name not in typed:
            setattr(row, field.attname, getattr(old, field.attname))
    row._state.adding = False


def _link(row: models.Model, links: Mapping[str, list]) -> None:
    for name, targets in links.items():
        getattr(row, name).set(targets)


#: None, or what a long run has found so far by kind and id.
_found: ContextVar[dict[tuple[type[Record], str], Record] | None] = ContextVar("found", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """For a long run in which no record gets another id: what is named again and again is looked up once."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def remember(field: models.Field, target: Record) -> None:
    """In a long run: ``target``, just read, need not be looked up where ``field`` names it."""
    if (known := _found.get()) is not None and target.publication_status != WITHDRAWN:
        known[field.related_model, _reference(field, target)] = target


def forget(record: RecordModel) -> None:
    """In a long run: ``record`` is about to change, so whoever names it next reads it anew."""
    if (known := _found.get()) is not None:
        model = type(record)._meta.concrete_model
        for key in ((model, record.slug), (Record, f"{model._meta.model_name}:{record.slug}")):
            known.pop(key, None)


#: Not for typing, yet part of what a record is.
_CARRIED = frozenset({"publication_status", "withdrawn_on", "withdrawal_reason"})


@cache
def fields_of(model: type[models.Model], owner: models.Field | None = None) -> dict[str, models.Field]:
    """The fields of one row that the aggregate carries: what a person may say of it, and nothing derived."""

    def is_carried(field) -> bool:
        if field is owner or field.primary_key or field.name == "changed_at":
            return False
        if field.many_to_many and not field.remote_field.through._meta.auto_created:
            return False
        return field.editable or field.name in _CARRIED

    return {
        field.name: field for field in (*model._meta.concrete_fields, *model._meta.many_to_many) if is_carried(field)
    }


def dump_row(
    row: models.Model, owner: models.Field | None = None, links: Mapping[str, list] | None = None
) -> Aggregate:
    data: Aggregate = {}
    for name, field in fields_of(type(row), owner).items():
        if field.many_to_many:
            targets = getattr(row, name).all() if links is None else links[name]
            value = sorted(_reference(field, target) for target in targets)
        elif field.is_relation:
            target = getattr(row, name)
            value = _reference(field, target) if target else None
        else:
            value = _plain(field, row)
        if value not in ("", None, []):
            data[name] = value
    return data


def _plain(field: models.Field, row: models.Model) -> str:
    """The value of a field as text, the same on every database."""
    value = field.value_from_object(row)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(field, models.DecimalField):
        return f"{field.to_python(value).normalize():f}"
    return field.value_to_string(row)


def _fill(row: models.Model, data: Mapping[str, Any], owner: models.Field | None = None) -> dict[str, list]:
    """Put ``data`` into ``row``, what is missing becoming empty; returns its many-to-many targets by name."""
    fields = fields_of(type(row), owner)
    if unknown := set(data) - set(fields):
        raise LookupError(f"no field {', '.join(sorted(unknown))}; there are {', '.join(fields)}")
    links = {}
    for name, field in fields.items():
        given = data.get(name)
        if not isinstance(given or "", list if field.many_to_many and given else str):
            raise ValueError(f"{name}: expected {'a list' if field.many_to_many else 'a text'}, not {given!r}")
        if field.many_to_many:
            links[name] = [_target(field, reference) for reference in given or ()]
        elif field.is_relation:
            setattr(row, name, _target(field, given) if given else None)
        elif given in (None, ""):
            setattr(row, name, field.get_default())
        else:
            is_truth = isinstance(field, models.BooleanField)
            setattr(row, name, field.to_python(_WORDS_OF_TRUTH.get(given, given) if is_truth else given.strip()))
    return links


#: As ``_plain`` writes them; Django reads only its own spelling.
_WORDS_OF_TRUTH = {"true": True, "false": False}


def _reference(field: models.Field, target: Record) -> str:
    """How another record is named: by its slug, with its kind where any kind may stand."""
    return f"{target.record_kind}:{target.slug}" if field.related_model is Record else target.slug


def _target(field: models.Field, reference: str) -> Record:
    """The record a reference names, if need be by an old id; LookupError says which is missing."""
    known = _found.get()
    if known is None:
        return _look_up(field, reference)
    key = (field.related_model, reference)
    if key not in known:
        known[key] = _look_up(field, reference)
    return known[key]


def _look_up(field: models.Field, reference: str) -> Record:
    if field.related_model is Record:
        kind, _, slug = reference.partition(":")
        of_kind = Record.objects.filter(record_kind=kind)
    else:
        kind, slug = field.related_model._meta.concrete_model._meta.model_name, reference
        of_kind = field.related_model.objects.all()
    found = of_kind.filter(slug=slug).first()
    is_gone = found is None or found.publication_status == WITHDRAWN
    if is_gone and (moved := OldSlug.objects.filter(record_kind=kind, slug=slug).first()):
        found = of_kind.filter(pk=moved.record_id).first() or found
    if found is None:
        raise LookupError(f"{field.name}: there is no {field.related_model._meta.verbose_name} “{reference}”")
    return found


def _said(problem: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(problem, ValidationError):
        if hasattr(problem, "error_dict"):
            return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in problem.message_dict.items())
        return " ".join(problem.messages)
    return str(problem.args[0]) if problem.args else str(problem)

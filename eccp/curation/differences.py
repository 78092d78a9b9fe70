"""What differs between two states of a record, field by field and row by row, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from eccp.records.aggregate import Aggregate
from eccp.records.labels import FACTS, fact_name
from eccp.records.models import Citation, Record, RecordModel
from eccp.records.references import identifying_fields, owners

_LONGEST = 60  # characters of a text that names a row


@dataclass(frozen=True)
class Difference:
    """One thing that two states say differently; what one of them does not say is empty there.

    ``field`` is called as a citation calls it: ``stage``, ``participants.techtera``; a row that both states have
    differs in its fields: ``participants.techtera.role``.
    """

    field: str
    label: str
    before: str
    after: str


class _Raw(NamedTuple):
    """A difference before the records it names are called by name."""

    name: str
    label: tuple
    of: list[tuple[models.Field, Any, Any]]
    #: The fields that call a row by name, where it is there on one side only; None where one field differs.
    called_by: list[str] | None = None


def differences(model: type[RecordModel], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What ``after`` says otherwise than ``before``, in the order of the model; an empty state says nothing."""
    return differences_of_many(model, [(before, after)])[0]


def differences_of_many(
    model: type[RecordModel], pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> list[list[Difference]]:
    """The differences of many records of a kind; whatever they name is read at once."""
    found = [[*_raw_differences(model, before, after)] for before, after in pairs]
    names = _Names(chain.from_iterable(found))
    return [[names.difference(raw) for raw in each] for each in found]


def _raw_differences(model: type[RecordModel], before: Mapping, after: Mapping) -> Iterator[_Raw]:
    yield from _of_fields(model, before, after)
    # A kind's own rows come before those that every record has, as in the form.
    for part, owner in sorted(owners(model).items(), key=lambda item: item[0] in RecordModel.parts):
        yield from _of_rows(part, owner, before.get(part, ()), after.get(part, ()))


def about_persons_alone(model: type[RecordModel], found: Iterable[Difference]) -> bool:
    """Whether all that differs is personal data, of which the public history says nothing."""
    return all(difference.field.partition(".")[0] in model.personal_fields for difference in found)


def _typed(model: type[models.Model], owner: models.Field | None = None) -> Iterator[models.Field]:
    """The fields in which two states may differ by somebody's typing."""
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        if field.editable and field is not owner and not field.primary_key:
            yield field


def _of_fields(model, before: Mapping, after: Mapping) -> Iterator[_Raw]:
    for field in _typed(model):
        old, new = before.get(field.name), after.get(field.name)
        if old != new:
            yield _Raw(field.name, (_label(field),), [(field, old, new)])


def _of_rows(part: str, owner: models.ForeignKey, before: Iterable[Aggregate], after: Iterable[Aggregate]):
    """The rows of one part that are gone, new, or changed; a row is known again by what identifies it."""
    gone, new = _without_equals(before, after)
    known_by = identifying_fields(owner.model, owner)
    for row in new:
        old = next((other for other in gone if all(other.get(key) == row.get(key) for key in known_by)), None)
        if old is None:
            yield _row(part, owner, row, {}, row)
            continue
        gone.remove(old)
        for field in _typed(owner.model, owner):
            if old.get(field.name) != row.get(field.name):
                raw = _row(part, owner, row, old, row, only=field)
                yield raw._replace(name=f"{raw.name}.{field.name}", label=(*raw.label, _label(field)))
    for row in gone:
        yield _row(part, owner, row, row, {})


def _without_equals(before: Iterable[Aggregate], after: Iterable[Aggregate]) -> tuple[list, list]:
    gone, new = list(before), []
    for row in after:
        if row in gone:
            gone.remove(row)
        else:
            new.append(row)
    return gone, new


def _row(part, owner, row: Aggregate, before: Aggregate, after: Aggregate, only: models.Field | None = None) -> _Raw:
    """A difference in a row, which is called by what identifies it."""
    model = owner.model
    named = identifying_fields(model, owner)
    fields = [only] if only else _typed(model, owner)
    called_by = [(model._meta.get_field(name), row.get(name)) for name in named]
    key = "-".join(str(value) for _field, value in called_by)
    said = [(field, before.get(field.name), after.get(field.name)) for field in fields]
    label = (str(FACTS.get(part) or capfirst(model._meta.verbose_name)), called_by)
    return _Raw(f"{part}.{key}", label, said, None if only else named)


def _label(field: models.Field) -> str:
    return str(FACTS.get(field.name) or capfirst(field.verbose_name))


class _Names:
    """The names of all records that some differences name, read at once."""

    def __init__(self, found: Iterable[_Raw]):
        kinds: dict[str, set[str]] = {}
        for field, reference in _references(found):
            kind, slug = _kind_and_slug(field, reference)
            kinds.setdefault(kind, set()).add(slug)
        self.names: dict[tuple[str, str], str] = {}
        if kinds:
            wanted = models.Q()
            for kind, slugs in kinds.items():
                wanted |= models.Q(record_kind=kind, slug__in=slugs)
            rows = Record.objects.filter(wanted).values_list("record_kind", "slug", "name")
            self.names = {(kind, slug): name for kind, slug, name in rows}

    def difference(self, raw: _Raw) -> Difference:
        """The difference in words."""
        head, *rest = raw.label
        label = head
        for part in rest:
            if isinstance(part, str):
                label = f"{label} – {part}"
            elif called := self._called(part):
                label = f"{label}: {called}"
        before, after = (self._said(raw, at) for at in (1, 2))
        return Difference(raw.name, label, before, after)

    def _called(self, called_by: list[tuple[models.Field, Any]]) -> str:
        words = []
        for field, value in called_by:
            is_fact = field.model is Citation and field.name == "field"
            words.append(fact_name(value) if is_fact and value else self.say(field, value))
        return ", ".join(Truncator(word).chars(_LONGEST) for word in words if word)

    def _said(self, raw: _Raw, at: int) -> str:
        """One side: the value of a field, or all that a row says besides its name, in lines."""
        if raw.called_by is None:
            [(field, *sides)] = raw.of
            return self.say(field, sides[at - 1])
        texts = {item[0]: text for item in raw.of if (text := self.say(item[0], item[at]))}
        more = {field: text for field, text in texts.items() if field.name not in raw.called_by}
        return "\n".join(f"{_label(field)}: {text}" for field, text in (more or texts).items())

    def say(self, field: models.Field, value: Any) -> str:
        """The value of a field as a person reads it."""
        if value in (None, "", []):
            return ""
        if field.is_relation:
            given = value if isinstance(value, list) else [value]
            return "; ".join(self.names.get(_kind_and_slug(field, reference), reference) for reference in given)
        if isinstance(field, models.BooleanField):
            return _("yes") if value == "true" else _("no")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return str(value)


def _references(found: Iterable[_Raw]) -> Iterator[tuple[models.Field, str]]:
    """Every reference to another record in some differences, with its field."""
    for raw in found:
        called_by = [item for part in raw.label if isinstance(part, list) for item in part]
        values = [(field, value) for field, *sides in raw.of for value in sides]
        for field, value in (*called_by, *values):
            if field.is_relation and value:
                for reference in value if isinstance(value, list) else [value]:
                    yield field, reference


def _kind_and_slug(field: models.Field, reference: str) -> tuple[str, str]:
    """What a reference in a state means: where any kind may stand it says its own."""
    if field.related_model is Record:
        kind, _colon, slug = reference.partition(":")
        return kind, slug
    return field.related_model._meta.concrete_model._meta.model_name, reference

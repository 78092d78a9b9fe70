"""What two records say differently, and what of it the one that stays takes over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import models

from eccp.curation.merging.journal import Journal
from eccp.records.models import RecordModel
from eccp.records.references import is_made_of_parts

#: Whose value stays; of several records named, those of both may.
Choice = Literal["winner", "loser", "both"]


@dataclass(frozen=True)
class Disagreement:
    """A field in which two records differ, and what each of them says."""

    field: models.Field
    winner: Any
    loser: Any

    @property
    def is_several(self) -> bool:
        """Whether the values are sets of other records, which can be united."""
        return self.field.many_to_many

    @property
    def suggestion(self) -> Choice:
        """What loses least: both where that is possible, else what is said at all."""
        if self.is_several:
            return "both"
        return "winner" if self.winner not in (None, "") else "loser"

    @property
    def is_contradiction(self) -> bool:
        """Whether both say something, so that one of them is not followed."""
        return not self.is_several and all(value not in (None, "") for value in (self.winner, self.loser))


def choosable_fields(model: type[RecordModel]) -> Iterator[models.Field]:
    """The fields of which the record that stays may take the other's value.

    Its id stays, so that its address does. What is held about persons stays where its basis is recorded.
    """
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        is_typed = field.editable and not field.primary_key and not is_made_of_parts(field)
        if is_typed and field.name not in {"slug", *model.personal_fields}:
            yield field


def disagreements(winner: RecordModel, loser: RecordModel) -> list[Disagreement]:
    """The fields in which two records differ; that one names the other is no difference, since they are one."""
    found, both = [], {winner.pk, loser.pk}
    for field in choosable_fields(type(winner)):
        said = [_value(field, record) for record in (winner, loser)]
        if field.many_to_many:
            said = [value - both for value in said]
        elif field.is_relation:
            said = [None if value in both else value for value in said]
        if said[0] != said[1]:
            found.append(Disagreement(field, *said))
    return found


def _value(field: models.Field, record: RecordModel) -> Any:
    if field.many_to_many:
        return frozenset(getattr(record, field.name).values_list("pk", flat=True))
    return field.value_from_object(record)


def take_over(winner: RecordModel, found: list[Disagreement], choices: Mapping[str, Choice], journal: Journal) -> None:
    """Give the record that stays what was chosen for each field in which the two differ."""
    taken = [one for one in found if choices.get(one.field.name, one.suggestion) != "winner"]
    values = {one.field.attname: one.loser for one in taken if not one.is_several}
    for name, value in values.items():
        setattr(winner, name, value)
    winner.full_clean(exclude={"record_kind"})
    journal.change(winner, **values)
    for one in taken:
        if one.is_several:
            _link(winner, one, choices.get(one.field.name, one.suggestion), journal)


def _link(winner: RecordModel, one: Disagreement, choice: Choice, journal: Journal) -> None:
    through = one.field.remote_field.through
    names = one.field.m2m_field_name(), one.field.m2m_reverse_field_name()
    back, other = (through._meta.get_field(name) for name in names)
    if choice == "loser":
        gone = {back.name: winner.pk, f"{other.name}__in": one.winner - one.loser}
        for link in through._base_manager.filter(**gone):
            journal.remove(link)
    for key in sorted(one.loser - one.winner):
        journal.add(through(**{back.attname: winner.pk, other.attname: key}))


def seen_version(winner: RecordModel, loser: RecordModel) -> str:
    """Which versions of the two somebody has read."""
    return f"{winner.version}.{loser.version}"

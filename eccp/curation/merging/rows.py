"""How the rows of two records become those of one, and how whatever names the one comes to name the other."""

from collections.abc import Iterator
from itertools import count

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from eccp.curation.actions import RefusedError
from eccp.curation.merging.fields import Disagreement
from eccp.curation.merging.journal import Journal
from eccp.records.models import Alias, Citation, OldSlug, Record, RecordModel, record_models
from eccp.records.references import key_fields, models_of_parts, owners, rows_naming
from eccp.records.vocabulary import Rank


class Mover:
    """Moves all that belongs to, or names, one record to another, and writes it down."""

    def __init__(self, winner: RecordModel, loser: RecordModel, journal: Journal):
        self.winner, self.loser, self.journal = winner, loser, journal

    def unite_parts(self) -> None:
        """Give the rows of the loser to the winner; what both have once is had once, and citations follow."""
        renamed: dict[str, str] = {}
        for part, owner in owners(type(self.loser)).items():
            if owner.model is not Citation:
                for row in list(getattr(self.loser, part).all()):
                    renamed |= self._take_row(part, owner, row)
        for citation in list(self.loser.citations.all()):
            self.journal.change(
                citation, record_id=self.winner.pk, field=renamed.get(citation.field, citation.field)
            )  # fmt: skip

    def _take_row(self, part: str, owner: models.ForeignKey, row: models.Model) -> dict[str, str]:
        """Give one row to the winner; how citations are to name it from now on, if differently."""
        same = (_said(other, owner) for other in getattr(self.winner, part).all())
        if _said(row, owner) in same:
            self.journal.remove(row)
            return {}
        setattr(row, owner.name, self.winner)
        changes, renamed = {owner.attname: self.winner.pk}, {}
        if _clash(row) and (own := getattr(row, "key", None)):
            taken = set(getattr(self.winner, part).values_list("key", flat=True))
            row.key = next(key for number in count(2) if (key := f"{own[:55]}-{number}") not in taken)
            changes["key"] = row.key
            renamed = {f"{part}.{own}": f"{part}.{row.key}"}
        if _clash(row):
            self.journal.remove(row)  # the winner's own row says it, in its own words
            return {}
        self.journal.change(row, **changes)
        return renamed

    def move_references(self) -> None:
        """Let every row that names the loser name the winner; what is then said twice, or of itself, is said once."""
        for field, owner, rows in list(rows_naming(self.loser)):
            if field.many_to_many:
                self._move_links(field)
                continue
            for row in list(rows.exclude(pk=self.loser.pk) if owner is None else rows):
                self._rename(row, field, owner)

    def _move_links(self, field: models.ManyToManyField) -> None:
        through, back = field.remote_field.through, f"{field.m2m_field_name()}_id"
        other = f"{field.m2m_reverse_field_name()}_id"
        links = through._base_manager.filter(**{other: self.loser.pk}).exclude(**{back: self.loser.pk})
        held = set(through._base_manager.filter(**{other: self.winner.pk}).values_list(back, flat=True))
        for link in list(links):
            if getattr(link, back) in held | {self.winner.pk}:
                self.journal.remove(link)
            else:
                self.journal.change(link, **{other: self.winner.pk})

    def _rename(self, row: models.Model, field: models.Field, owner: models.ForeignKey | None) -> None:
        """Let one row name the winner, and the citations that name the row by it."""
        setattr(row, field.attname, self.winner.pk)
        problem = _clash(row)
        if problem and owner is not None:
            self.journal.remove(row)
        elif problem and field.null and row.pk == self.winner.pk:
            self.journal.change(row, **{field.attname: None})
        elif problem:
            raise RefusedError(
                _("“%(name)s” (%(kind)s) stands in the way: %(why)s Merge or change that first.")
                % {"name": row, "kind": row._meta.verbose_name, "why": " ".join(problem.messages)}
            )
        else:
            self.journal.change(row, **{field.attname: self.winner.pk})
        if owner is not None and field in key_fields(owner.model, owner):
            parts = {part for model in record_models().values() for part, key in owners(model).items() if key is owner}
            cited = Citation.objects.filter(
                record=getattr(row, owner.attname), field__in=[f"{part}.{self.loser.slug}" for part in parts]
            )
            for citation in cited:
                part = citation.field.partition(".")[0]
                self.journal.change(citation, field=f"{part}.{self.winner.slug}")

    def move_notes(self) -> None:
        """What people note beside a record goes to the one that stays."""
        for key in notes():
            for row in list(key.model._base_manager.filter(**{key.name: self.loser.pk})):
                self.journal.change(row, **{key.attname: self.winner.pk})

    def keep_names(self, given: set[str]) -> None:
        """Whatever either was called is another name of the one that stays, and the loser's address leads to it."""
        known = {self.winner.name, self.winner.native_name, ""}
        known |= set(Alias.objects.filter(record=self.winner.pk).values_list("name", flat=True))
        for name in sorted(given - known):
            self.journal.add(Alias(record_id=self.winner.pk, name=name))
        self.journal.add(OldSlug(record=self.winner.record, slug=self.loser.slug))

    def set_aside(self, found: list[Disagreement], taken: set[str], reason: str) -> None:
        """What was cited for a value that was not chosen stays on record, as a statement that was not followed."""
        for one in found:
            if one.is_contradiction:
                name = one.field.name
                beaten = self.winner if name in taken else self.loser
                for citation in Citation.objects.filter(record=beaten.pk, field=name, rank=Rank.PREFERRED):
                    self.journal.change(citation, rank=Rank.ALTERNATIVE, reason=reason)


def notes() -> Iterator[models.ForeignKey]:
    """The keys of what people note about records: neither records, nor parts of one, nor the history itself."""
    for relation in Record._meta.related_objects:
        model = relation.related_model
        is_data = issubclass(model, Record) or model in models_of_parts() or model._meta.auto_created
        if relation.field.concrete and not (is_data or model._meta.app_label == "curation"):
            yield relation.field


def _said(row: models.Model, owner: models.ForeignKey) -> list:
    """What a row says, whomever it belongs to."""
    return [field.value_from_object(row) for field in row._meta.concrete_fields if field.name not in ("id", owner.name)]


def _clash(row: models.Model) -> ValidationError | None:
    """The rule that a changed row would break, if any."""
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as problem:
        return problem
    return None

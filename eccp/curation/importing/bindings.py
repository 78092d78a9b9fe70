"""What each column of a file changes of a record, and what it may not change: read off the list's own columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from eccp.curation.importing import cells
from eccp.curation.importing.names import Named, Names
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.importing.tables import Cell
from eccp.curation.wording import in_our_words
from eccp.listing.columns import SEPARATOR, CodesTwin, CodeTwin, Column, Rows, clean, with_twins
from eccp.listing.directory import Ref
from eccp.listing.listings import LISTINGS, Listing
from eccp.records.aggregate import Aggregate, fields_of
from eccp.records.dates import PartialDateField
from eccp.records.models import RecordModel, record_models
from eccp.records.references import owners

ID = "id"
#: Where a file of faulty rows says what is wrong; once that is put right the column may stay.
NOTE = "error"
#: What no column changes: it takes an act, or is the key by which a row is known.
_NEVER = frozenset({"slug", "publication_status", "withdrawn_on", "withdrawal_reason"})


@dataclass(frozen=True)
class Subject:
    """What a row of a list is to an import: a record, or a row of one of its parts."""

    listing: type[Listing]
    model: type[RecordModel]
    part: str = ""
    owner: models.ForeignKey | None = None

    @classmethod
    def of(cls, listing: type[Listing]) -> "Subject":
        """What the rows of ``listing`` are."""
        row = listing.queryset.model
        if issubclass(row, RecordModel):
            return cls(listing, row._meta.concrete_model)
        for model in record_models().values():
            for part, owner in owners(model).items():
                if owner.model is row and owner.related_model is model:
                    return cls(listing, model, part, owner)
        raise LookupError(f"the rows of {listing.name} belong to no kind of record")

    @property
    def fields(self) -> dict[str, models.Field]:
        """The fields of a row, by name."""
        row = self.owner.model if self.owner else self.model
        return {name: field for name, field in fields_of(row, self.owner).items() if name not in _NEVER}

    @property
    def verbose_name(self) -> str:
        return str((self.owner.model if self.owner else self.model)._meta.verbose_name)


def importable() -> dict[str, type[Listing]]:
    """The lists that can be imported: those whose id says which record a row is."""
    return {
        name: listing
        for name, listing in LISTINGS.items()
        if any(column.name == ID and column.edits for column in listing.columns)
    }


@dataclass
class Shown:
    """What a cell said when it was exported."""

    text: str = ""
    named: list[Named] = field(default_factory=list)
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Binding:
    """One column of a file: how its cell reads and what it changes; without a field it changes nothing."""

    header: str
    column: Column | None = None
    #: The column whose cells it shows: its own, or for ids the one that shows the names.
    reads: Column | None = None
    field: models.Field | None = None
    rows: Rows | None = None
    is_key: bool = False
    is_owner: bool = False
    is_note: bool = False

    @property
    def target(self) -> Any:
        """What it changes: two columns with one target must not say different things."""
        return self.rows or (self.field and self.field.name)

    @property
    def by_name(self) -> bool:
        """Whether its cells name records; else they give their ids alone."""
        return not isinstance(self.column, CodeTwin | CodesTwin)

    @property
    def is_many(self) -> bool:
        return self.rows is not None or (self.field is not None and self.field.many_to_many)

    def shown_as(self, cell: Any) -> Shown:
        """What a file shows of a cell of the public list."""
        refs = (
            [cell] if isinstance(cell, Ref) else [ref for ref in cell if isinstance(ref, Ref)] if _is_many(cell) else []
        )
        texts = tuple(text for text in cell if isinstance(text, str)) if _is_many(cell) else ()
        return Shown(self.column.text(cell), [Named(ref.kind, ref.slug, ref.name) for ref in refs], texts)

    def shown_in(self, state: Mapping[str, Any], names: Names) -> Shown:
        """What an export of a record of this ``state`` would show, were it public."""
        if self.field is None:
            return Shown()
        if not self.field.is_relation:
            if self.rows:
                texts = tuple(row.get(self.rows.field, "") for row in self.rows_in(state))
                return Shown(SEPARATOR.join(texts), texts=texts)
            return Shown(state.get(self.field.name, ""))
        named = [names.of_reference(self.field, reference) for reference in self.references_in(state)]
        words = (clean(each.name) or "" if self.by_name else each.slug for each in named)
        return Shown(SEPARATOR.join(words), named)

    def rows_in(self, state: Mapping[str, Any]) -> list[Aggregate]:
        """The rows of its part that it is about."""
        return [
            row
            for row in state.get(self.rows.part, ())
            if all(row.get(name, "") == value for name, value in self.rows.given)
        ]

    def references_in(self, state: Mapping[str, Any]) -> list[str]:
        if self.rows:
            return [row[self.rows.field] for row in self.rows_in(state)]
        value = state.get(self.field.name) or []
        return value if isinstance(value, list) else [value]

    def read(self, cell: Cell, shown: Shown, names: Names, separator: str) -> str | list[str]:
        """The new value of the cell, as an aggregate has it; RefusedError where it cannot be read for sure."""
        field, known = self.field, shown.named
        if field.is_relation:
            text = cells.text(cell, shown.text)
            if self.is_many:
                found = names.split(field, text, known, by_name=self.by_name)
                return [named.reference(field) for named in dict.fromkeys(found)]
            return names.find(field, text, known, by_name=self.by_name).reference(field) if text else ""
        if self.is_many:
            pieces = (piece.strip() for piece in cells.text(cell, shown.text).split(SEPARATOR.strip()))
            return [self._checked(piece) for piece in dict.fromkeys(filter(None, pieces))]
        return self._checked(self._plain(cell, shown.text, separator))

    def _plain(self, cell: Cell, shown: str, separator: str) -> str:
        field = self.field
        if field.choices:
            return cells.word(cell, [value for value, _label in field.flatchoices if value])
        if isinstance(field, PartialDateField | models.DateField):
            return cells.partial_date(cell, shown)
        if isinstance(field, models.BooleanField):
            return cells.flag(cell)
        if isinstance(field, models.DecimalField | models.IntegerField):
            return cells.number(cell, separator)
        return cells.text(cell, shown, keeps_lines=isinstance(field, models.TextField))

    def _checked(self, value: str) -> str:
        """The value, once its field has agreed to it."""
        field = self.field
        if value == "":
            return value
        try:
            given = (
                {"true": True, "false": False}.get(value, value) if isinstance(field, models.BooleanField) else value
            )
            cleaned = field.clean(given, None)
        except ValidationError as problem:
            raise RefusedError(" ".join(in_our_words(problem, field))) from problem
        if isinstance(field, models.DecimalField):
            return f"{cleaned.normalize():f}"
        return value


def _is_many(cell: Any) -> bool:
    return isinstance(cell, tuple)


def bind(subject: Subject, headers: Iterable[str]) -> list[Binding]:
    """What each column of a file is; RefusedError says all that is wrong with the header at once."""
    headers = list(headers)
    listed = with_twins(subject.listing.columns)
    written = {column.edits for column in listed.values() if isinstance(column.edits, str)}
    own = {name for name in subject.fields if name not in written | set(subject.model.personal_fields)}
    problems = []
    if ID not in headers:
        problems.append(_("The column “id” is missing: it says which record a row is."))
    for header in dict.fromkeys(headers):
        if headers.count(header) > 1:
            problems.append(_("The column “%(header)s” stands there twice.") % {"header": header})
        elif not header:
            problems.append(_("A column has no name in the first row."))
        elif header not in listed and header not in own and header != NOTE:
            problems.append(_unknown(header, [*listed, *sorted(own)]))
    if problems:
        raise RefusedError("\n".join(problems))
    return [_binding(subject, header, listed) for header in headers]


def _unknown(header: str, known: list[str]) -> str:
    near = get_close_matches(header.replace(" ", "_"), known, 1, 0.6)
    meant = _(" Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
    return _("“%(header)s” is not a column of this list.%(meant)s There are: %(known)s.") % {
        "header": header[:60], "meant": meant, "known": ", ".join(known),
    }  # fmt: skip


def _binding(subject: Subject, header: str, listed: Mapping[str, Column]) -> Binding:
    if header == NOTE:
        return Binding(header, is_note=True)
    column = listed.get(header)
    edits = column.edits if column else header
    if header == ID:
        return Binding(header, column, is_key=True)
    reads = listed.get(getattr(column, "of", ""), column)
    if isinstance(edits, Rows):
        row = getattr(subject.model, edits.part).rel.field.model
        return Binding(header, column, reads, row._meta.get_field(edits.field), edits)
    if subject.owner and edits == subject.owner.name:
        return Binding(header, column, reads, subject.owner, is_owner=True)
    return Binding(header, column, reads, subject.fields[edits] if edits else None)


def needed(subject: Subject) -> Iterable[models.Field]:
    """The fields without which there can be no new row."""
    for found in subject.fields.values():
        is_plain = not found.many_to_many and not isinstance(found, models.BooleanField)
        if is_plain and not found.blank and not found.has_default() and found.name != "key":
            yield found

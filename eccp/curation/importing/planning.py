"""From a table to changes: which record each row is, what its edited cells make of it, what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from eccp.curation.differences import differences_of_many
from eccp.curation.importing import cells
from eccp.curation.importing.bindings import ID, Binding, Shown, Subject, bind, needed
from eccp.curation.importing.editing import Editing
from eccp.curation.importing.names import Names
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.importing.tables import Line, Table
from eccp.curation.models import Proposal
from eccp.listing.columns import DayWord
from eccp.listing.index import opened_directory
from eccp.listing.versions import data_version
from eccp.listing.ways import Asked
from eccp.records import together
from eccp.records.aggregate import Aggregate, Held
from eccp.records.models import RecordModel

TOGETHER = 500  # rows whose records are read at once


@dataclass
class Outcome:
    """What becomes of one row."""

    number: int
    id: str = ""
    is_new: bool = False
    #: Label, before and after of everything that differs.
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    #: Column and message of everything that is wrong; no column where it is about the whole row.
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def word(self) -> str:
        """What becomes of it, in a word."""
        if self.problems:
            return "faulty"
        return "new" if self.is_new else "changed" if self.differences else "unchanged"


@dataclass
class Change:
    """A record that is to change, and the rows of the file that say so."""

    slug: str
    record: RecordModel | None
    state: Aggregate
    #: What is public, or what the curator's own waiting change says: an edit goes on from there.
    before: Aggregate
    #: What the database holds.
    held: Aggregate = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    needs: set[tuple[str, str]] = field(default_factory=set)

    @property
    def as_held(self) -> Held:
        """The record as it was read."""
        return Held(self.record, self.held)

    @property
    def is_wanted(self) -> bool:
        """Whether there is anything to store."""
        return self.state != self.before and not self._is_faulty

    @property
    def is_half_read(self) -> bool:
        """Whether something would change, had all of it been understood."""
        return self.state != self.before and self._is_faulty

    @property
    def _is_faulty(self) -> bool:
        return any(outcome.problems for outcome in self.outcomes)


class Plan:
    """All that a table wants, row by row."""

    def __init__(self, subject: Subject, table: Table, *, by, on: date, may_add: bool, may_change: bool):
        self.subject, self.table, self.by, self.on = subject, table, by, on
        self.may_add, self.may_change = may_add, may_change
        self.bindings = bind(subject, table.headers)
        self._key_at = table.headers.index(ID)
        self.names, self.directory = Names(), opened_directory(data_version(), is_lasting=False)
        self.outcomes: list[Outcome] = []
        self.changes: dict[str, Change] = {}
        self._seen: dict[str, int] = {}
        #: What the public list says of the rows looked at together; a long file keeps no more of it.
        self._public: dict[str, dict[str, Shown]] = {}
        #: Rows that change something, before and after, of which it is not said yet what differs.
        self._different: list[tuple[Outcome, Aggregate, Aggregate]] = []

    @property
    def kind(self) -> str:
        return self.subject.model._meta.model_name

    def work(self) -> Iterator[int]:
        """Look at every row; says how many have been looked at, from time to time."""
        self._announce()
        lines = self.table.lines
        for start in range(0, len(lines), TOGETHER):
            part = lines[start : start + TOGETHER]
            self._load({self._record_slug(self._id(line)) for line in part if not line.problem})
            for line in part:
                self.outcomes.append(self._look(line))
            self._say_differences()
            yield min(start + TOGETHER, len(lines))

    def _id(self, line: Line) -> str:
        return cells.said(line.cells[self._key_at]).removeprefix("'")

    def _record_slug(self, row_id: str) -> str:
        return row_id.partition(".")[0] if self.subject.part else row_id

    def _announce(self) -> None:
        """Make known the records that the file makes, so that its rows may name each other."""
        if self.subject.part:
            return
        name_at = next((at for at, each in enumerate(self.bindings) if each.target == "name"), None)
        for line in self.table.lines:
            if not line.problem and (row_id := self._id(line)):
                called = cells.said(line.cells[name_at]) if name_at is not None else ""
                self.names.add(self.kind, row_id, called or row_id)

    def _load(self, slugs: set[str]) -> None:
        """Read the records of some rows: whole, as the public list shows them, and with the curator's own change."""
        wanted = slugs - {""} - set(self.changes)
        model = self.subject.model
        waiting = {
            proposal.record_id: proposal.state
            for proposal in Proposal.objects.pending().filter(author=self.by, record__slug__in=wanted)
        }
        for record, public in together.read(model.objects.filter(slug__in=wanted)):
            state = waiting.get(record.pk, public)
            self.changes[record.slug] = Change(record.slug, record, state, state, public)
        self._public = self._read_public(slugs)

    def _read_public(self, slugs: set[str]) -> dict[str, dict[str, Shown]]:
        """What a file of the public list says today of some records: by id of the row and column."""
        listing = self.subject.listing
        way = f"{self.subject.owner.name}__slug__in" if self.subject.owner else "slug__in"
        rows = list(listing.get_queryset().filter(**{way: slugs}))
        asked = Asked(listing.queryset.model, [row.pk for row in rows])
        shown: dict[str, dict[str, Shown]] = {listing.row_id(row): {} for row in rows}
        with override(settings.LANGUAGE_CODE):  # as files are, whoever's page this is
            for binding in self.bindings:
                for row, said in zip(rows, self._column_of(binding, rows, asked), strict=False):
                    shown[listing.row_id(row)][binding.header] = said
        return shown

    def _column_of(self, binding: Binding, rows: list[Model], asked: Asked) -> Iterator[Shown]:
        """What one column says of rows, if it is one of the list and does not only name them."""
        if isinstance(binding.column, DayWord):
            words = dict(binding.column.on_day(asked.queryset, self.on))
            yield from (Shown(words.get(row.pk, "")) for row in rows)
        elif binding.reads is not None:
            yield from map(binding.shown_as, binding.reads.read_all(rows, asked, self.directory))

    def _look(self, line: Line) -> Outcome:
        """One row: which record it is, what it changes."""
        outcome = Outcome(line.number)
        try:
            if line.problem:
                raise RefusedError(line.problem)
            outcome.id = self._checked_id(line)
            change = self._change(outcome.id)
        except RefusedError as problem:
            outcome.problems.append(("", str(problem)))
            return outcome
        before, is_new = self._row_before(change, outcome.id)
        outcome.is_new = is_new
        if (is_new and not self.may_add) or (not is_new and not self.may_change):
            outcome.problems.append(("", _("You may not do this with records of this kind.")))
        editing = Editing(before, self.names, self.table.separator, held=change.held)
        self._see_cells(editing, line, change, outcome)
        state = editing.done()
        outcome.problems += editing.problems
        faulty = {header for header, _why in editing.problems}
        outcome.problems += self._missing(state, faulty) if is_new else self._emptied(before, state)
        change.outcomes.append(outcome)
        change.needs |= editing.needs - {(self.kind, change.slug)}
        self._take(change, before, state, outcome)
        return outcome

    def _checked_id(self, line: Line) -> str:
        row_id = self._id(line)
        if not row_id:
            name_at = next((at for at, each in enumerate(self.bindings) if each.target == "name"), self._key_at)
            example = slugify(cells.said(line.cells[name_at]))[:60].strip("-") or "kobe-biomedical"
            raise RefusedError(
                _("The row has no id. Give the id of a record or, for a new one, a new id such as “%(example)s”.")
                % {"example": f"{example}.2016" if self.subject.part else example}
            )
        if row_id in self._seen:
            raise RefusedError(
                _("Row %(number)d has the same id, “%(id)s”. Leave only one of them.")
                % {"number": self._seen[row_id], "id": row_id}
            )
        self._seen[row_id] = line.number
        return row_id

    def _change(self, row_id: str) -> Change:
        """The record of a row, a new one if need be."""
        slug = self._record_slug(row_id)
        if slug in self.changes:
            return self.changes[slug]
        if moved := self.names.moved(self.kind, slug):
            raise RefusedError(
                _("“%(old)s” is the old id of “%(name)s”. Write its id of today: “%(new)s”.")
                % {"old": slug, "name": moved.name, "new": moved.slug}
            )
        if self.subject.part:
            raise RefusedError(
                _("There is no %(kind)s “%(slug)s”. An id here is that of the %(kind)s, a point, and its own key.")
                % {"kind": self.subject.model._meta.verbose_name, "slug": slug}
            )
        self.changes[slug] = Change(slug, None, {"slug": slug}, {})
        return self.changes[slug]

    def _row_before(self, change: Change, row_id: str) -> tuple[Aggregate, bool]:
        """What the row says of itself before the edit, and whether it is new."""
        if not self.subject.part:
            return change.state, change.record is None
        key = row_id.partition(".")[2]
        held = next((row for row in change.state.get(self.subject.part, ()) if row["key"] == key), None)
        if held:
            return held, False
        return {"key": key, **_defaults(self.subject)}, True

    def _see_cells(self, editing: Editing, line: Line, change: Change, outcome: Outcome) -> None:
        public = self._public.get(outcome.id)
        for binding, cell in zip(self.bindings, line.cells, strict=True):
            if binding.is_key or binding.is_note:
                continue
            if binding.is_owner:
                self._check_owner(editing, binding, cell, change)
                continue
            if public is not None and binding.column is not None:
                shown = public[binding.header]
            else:
                shown = binding.shown_in(editing.before, self.names) if not outcome.is_new else Shown()
            editing.see(binding, cell, shown, is_public=public is not None)

    def _check_owner(self, editing: Editing, binding: Binding, cell: Any, change: Change) -> None:
        """The column that names the record to which the row belongs must agree with its id."""
        said = cells.said(cell)
        if (
            said
            and said not in (change.record.slug, cells.said(change.record.name))
            and not cells.is_same(cell, cells.said(change.record.name))
        ):
            message = _("By its id the row belongs to “%(name)s”.") % {"name": change.record.name}
            editing.problems.append((binding.header, message))

    def _missing(self, state: Aggregate, faulty: set[str]) -> Iterator[tuple[str, str]]:
        """What a new row has to say and does not."""
        headers = {each.target: each.header for each in self.bindings}
        for found in needed(self.subject):
            header = headers.get(found.name, "")
            if found.name in state or (header in faulty and header):
                continue
            if header:
                yield header, _("A new %(kind)s needs this.") % {"kind": self.subject.verbose_name}
            else:
                yield "", _("A new %(kind)s needs a column “%(column)s”, which the file has not.") % {
                    "kind": self.subject.verbose_name, "column": _listed_name(self.subject, found.name),
                }  # fmt: skip

    def _emptied(self, before: Aggregate, state: Aggregate) -> Iterator[tuple[str, str]]:
        """What a row said and no longer says, though it has to."""
        headers = {each.target: each.header for each in self.bindings}
        for found in needed(self.subject):
            if found.name in before and found.name not in state:
                message = _("Every %(kind)s needs this, so the cell cannot be empty: “%(before)s” stood here.")
                yield headers[found.name], message % {
                    "kind": self.subject.verbose_name, "before": before[found.name],
                }  # fmt: skip

    def _take(self, change: Change, before: Aggregate, state: Aggregate, outcome: Outcome) -> None:
        """Let the record become what the row says, and say in words what differs."""
        if not self.subject.part:
            whole_before, change.state = change.before, state
        elif state == before and not outcome.is_new:
            return
        else:
            whole_before = change.state
            others = [row for row in whole_before.get(self.subject.part, ()) if row["key"] != state["key"]]
            change.state = {**whole_before, self.subject.part: sorted([*others, state], key=repr)}
        if not outcome.problems and whole_before != change.state:
            self._different.append((outcome, whole_before, change.state))

    def _say_differences(self) -> None:
        """Say in words what differs in the rows looked at: the names in them are read for all at once."""
        pairs = [(before, after) for _outcome, before, after in self._different]
        found = differences_of_many(self.subject.model, pairs)
        for (outcome, *_states), differences in zip(self._different, found, strict=True):
            outcome.differences = [(each.label, each.before, each.after) for each in differences]
        self._different.clear()


def _defaults(subject: Subject) -> dict[str, str]:
    return {name: str(found.get_default()) for name, found in subject.fields.items() if found.has_default()}


def _listed_name(subject: Subject, name: str) -> str:
    """The column by which a field is imported."""
    return next((column.name for column in subject.listing.columns if column.edits == name), name)

"""What the edited cells of one row make of its record: exactly that, and nothing that they do not say."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from eccp.curation.importing import cells
from eccp.curation.importing.bindings import Binding, Shown
from eccp.curation.importing.names import Names
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.importing.tables import Cell
from eccp.listing.columns import Rows
from eccp.records.aggregate import Aggregate


class Editing:
    """The edits of one row, gathered cell by cell and then made at once."""

    def __init__(self, state: Aggregate, names: Names, separator: str, *, held: Aggregate):
        self.before, self._held = state, held
        self.names, self.separator = names, separator
        #: Every cell that was not understood: its column and why.
        self.problems: list[tuple[str, str]] = []
        #: Records of the file itself that the row names.
        self.needs: set[tuple[str, str]] = set()
        self._edits: dict[Any, tuple[Binding, Any]] = {}

    def see(self, binding: Binding, cell: Cell, shown: Shown, *, is_public: bool) -> None:
        """Take in one cell."""
        try:
            if cells.is_same(cell, shown.text):
                return
            if binding.field is None:
                if cells.said(cells.readable(cell)) or is_public:
                    raise RefusedError(_worked_out(shown.text))
                return
            value = binding.read(cell, shown, self.names, self.separator)
            self._note_needs(binding, value)
            edit = self._changes(binding, value, shown) if binding.is_many else value
            held, said = self._edits.setdefault(binding.target, (binding, edit))
            if said != edit:
                raise RefusedError(
                    _("This column and “%(other)s” say different things; edit one of them, or both alike.")
                    % {"other": held.header}
                )
        except RefusedError as problem:
            self.problems.append((binding.header, str(problem)))

    def _note_needs(self, binding: Binding, value: str | list[str]) -> None:
        if binding.field.is_relation:
            for reference in value if isinstance(value, list) else [value] * bool(value):
                named = self.names.of_reference(binding.field, reference)
                if (named.kind, named.slug) in self.names.of_file:
                    self.needs.add((named.kind, named.slug))

    def _changes(self, binding: Binding, value: list[str], shown: Shown) -> tuple[list[str], list[str]]:
        """What a cell of several values has gained and lost since it was exported."""
        before = list(shown.texts) or [named.reference(binding.field) for named in shown.named]
        gained = [each for each in value if each not in before]
        lost = [each for each in before if each not in value]
        own = self._own(binding)
        if foreign := [each for each in lost if each not in own]:
            raise RefusedError(
                _("“%(names)s” stands here because of another record (a member, a region …): change it there.")
                % {"names": "; ".join(self._called(binding, each) for each in foreign)}
            )
        return gained, lost

    def _own(self, binding: Binding) -> list[str]:
        if binding.rows and not binding.field.is_relation:
            return [row.get(binding.rows.field, "") for row in binding.rows_in(self._held)]
        return binding.references_in(self._held)

    def _called(self, binding: Binding, value: str) -> str:
        return self.names.of_reference(binding.field, value).name if binding.field.is_relation else value

    def done(self) -> Aggregate:
        """The state after all edits; what could not be made is among the problems."""
        state = deepcopy(self.before)
        rows = []
        for binding, edit in self._edits.values():
            if binding.rows:
                rows.append((binding, *edit))
            elif binding.is_many:
                gained, lost = edit
                held = [each for each in state.get(binding.field.name, ()) if each not in lost]
                _put(state, binding.field.name, sorted({*held, *gained}))
            else:
                _put(state, binding.field.name, edit)
        if rows:
            self._edit_rows(state, rows)
        return state

    def _edit_rows(self, state: Aggregate, edits: list[tuple[Binding, list[str], list[str]]]) -> None:
        """Take out the rows that are gone before any comes: one that changes sides keeps what else it says."""
        gone: dict[tuple[str, str], Aggregate] = {}
        for binding, _gained, lost in edits:
            rows: Rows = binding.rows
            for row in binding.rows_in(state):
                if row[rows.field] in lost:
                    state[rows.part].remove(row)
                    gone[rows.part, row[rows.field]] = row
        for binding, gained, _lost in edits:
            rows = binding.rows
            held = {row[rows.field]: row for row in state.get(rows.part, ())}
            for value in gained:
                row = {
                    **gone.get((rows.part, value), self._new_row(binding, value)),
                    **{name: str(value) for name, value in rows.given},
                }
                if value not in held:
                    state.setdefault(rows.part, []).append(row)
                elif held[value] not in binding.rows_in(state):
                    message = _("“%(name)s” stands in another column already; take it out there.")
                    self.problems.append((binding.header, message % {"name": self._called(binding, value)}))
            _put(state, rows.part, sorted(state.get(rows.part, ()), key=repr))

    @staticmethod
    def _new_row(binding: Binding, value: str) -> Aggregate:
        """A new row with the defaults of its model, as an aggregate would give it."""
        rows: Rows = binding.rows
        return dict(_defaults(binding.field.model, rows.field, value))


def _defaults(model, name: str, value: str) -> Iterator[tuple[str, str]]:
    for field in model._meta.concrete_fields:
        if field.name == name:
            yield name, value
        elif field.editable and field.has_default() and not field.primary_key:
            default = field.get_default()
            yield field.name, {True: "true", False: "false"}.get(default, str(default))


def _put(state: Aggregate, name: str, value: Any) -> None:
    """Set a field as an aggregate has it: empty ones are left out."""
    if value in ("", []):
        state.pop(name, None)
    else:
        state[name] = value


def _worked_out(shown: str) -> str:
    if not shown:
        return _(
            "This column is worked out from others and cannot be imported: empty the cell, or leave out the column."
        )
    message = _("This column is worked out, not imported: write “%(shown)s” again, or leave out the column.")
    return message % {"shown": shown}

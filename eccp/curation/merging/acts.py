"""Two records that are one become one; and two again, if that was a mistake.

The loser is not deleted: it stays, withdrawn, with what it said of itself and all its history. Its rows, and whatever
named it, go to the winner, and so does its address: an old id of the winner leads from there (301). A journal keeps
each row that changed, from which all is taken back exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eccp.curation.actions import RefusedError, authors, listed, refuse_hidden, refuse_own, said_why
from eccp.curation.merging.fields import Choice, disagreements, seen_version, take_over
from eccp.curation.merging.journal import Journal, OvertakenError, take_back
from eccp.curation.merging.rows import Mover
from eccp.curation.models import Act, Merger
from eccp.curation.revisions import catch_up, pending, record_act
from eccp.records import version
from eccp.records.models import Record, RecordModel
from eccp.records.references import as_its_kind, rows_naming
from eccp.records.vocabulary import PublicationStatus

MOST_TOUCHED = 200  # records that one merger may change


@dataclass(frozen=True)
class Plan:
    """What a merger would change besides the two records."""

    naming: list[Record]
    total: int

    @property
    def is_too_much(self) -> bool:
        return self.total > MOST_TOUCHED


def plan(loser: RecordModel, winner: RecordModel, limit: int = MOST_TOUCHED) -> Plan:
    """The records, at most ``limit`` of them listed, that name the loser and would name the winner."""
    keys: set[int] = set()
    for _field, owner, rows in rows_naming(loser):
        keys.update(rows.values_list(owner.attname if owner else "pk", flat=True))
    keys -= {loser.pk, winner.pk}
    found = Record.objects.filter(pk__in=sorted(keys)[:limit]).order_by("record_kind", "slug")
    return Plan(list(found), len(keys))


@transaction.atomic
def merge(
    *,
    winner: RecordModel,
    loser: RecordModel,
    choices: Mapping[str, Choice],
    by: AbstractUser | None,
    at: datetime,
    reason: str,
    seen: str | None = None,
) -> Merger:
    """Make one of two records of a kind; ``choices`` says for each field in which they differ whose value stays.

    ``seen`` says which versions were read (``seen_version``): if either has changed since, the merger is refused.

    Raises RefusedError, with nothing stored, in words for a curator.
    """
    said = said_why(reason)
    refuse_unmergeable(winner, loser)
    foreseen = plan(loser, winner)
    if foreseen.is_too_much:
        raise RefusedError(
            _("%(total)d records name “%(name)s”; a merger changes at most %(most)d. Keep that record, not the other.")
            % {"total": foreseen.total, "name": loser.name, "most": MOST_TOUCHED}
        )
    touched = _hold([winner.pk, loser.pk, *(record.pk for record in foreseen.naming)])
    winner, loser = touched[winner.pk], touched[loser.pk]
    if seen not in (None, seen_version(winner, loser)):
        raise RefusedError(_("One of the two has changed since you opened this page. Read it again."))
    refuse_unmergeable(winner, loser)
    if winner.is_published and not loser.is_published:
        refuse_own(by, authors(loser))
    journal = Journal()
    try:
        with transaction.atomic():
            _unite(winner, loser, choices, said, timezone.localtime(at).date(), journal)
    except ValidationError as problem:
        raise RefusedError(" ".join(problem.messages)) from problem
    except DatabaseError as problem:
        raise RefusedError(_("These two cannot be merged as they are: %s") % problem) from problem
    if winner.is_published:
        refuse_hidden(winner)
    _remember(touched, Act.MERGED, by=by, at=at, reason=said)
    return Merger.objects.create(
        winner_id=winner.pk, loser_id=loser.pk, by=by, at=at, reason=said,
        changes=journal.entries, touched=sorted(touched),
    )  # fmt: skip


@transaction.atomic
def undo(*, merger: Merger, by: AbstractUser | None, at: datetime, reason: str) -> None:
    """Make two of one again, exactly as they were; refused when something that was changed has changed since."""
    said = said_why(reason)
    row = Merger.objects.select_for_update().get(pk=merger.pk)
    if row.undone_at:
        raise RefusedError(_("This merger is undone already."))
    touched = _hold(row.touched)
    try:
        with transaction.atomic():
            take_back(row.changes)
    except OvertakenError as overtaken:
        record = Record.objects.filter(pk=overtaken.record).first()
        raise RefusedError(
            _("This merger can no longer be undone: “%(name)s” (%(what)s) has changed since.")
            % {"name": record or _("a record that is gone"), "what": overtaken},
            filter(None, [record]),
        ) from overtaken
    restored = {pk: as_its_kind(Record.objects.get(pk=pk)) for pk in touched}
    for record in restored.values():
        if record.is_published:
            refuse_hidden(record)
    _remember(restored, Act.UNMERGED, by=by, at=at, reason=said)
    for each in (row, merger):
        each.undone_by, each.undone_at, each.undo_reason = by, at, said
    row.save(update_fields=["undone_by", "undone_at", "undo_reason"])


def refuse_unmergeable(winner: RecordModel, loser: RecordModel) -> None:
    """Two records can become one if they are of one kind, neither is withdrawn, and the more public one stays."""
    if type(winner)._meta.concrete_model is not type(loser)._meta.concrete_model or winner.pk == loser.pk:
        raise RefusedError(_("Only two different records of one kind can be merged."))
    if gone := [one for one in (winner, loser) if one.publication_status == PublicationStatus.WITHDRAWN]:
        raise RefusedError(_("What is withdrawn is not merged: %s.") % listed(gone), gone)
    if loser.is_published and not winner.is_published:
        raise RefusedError(_("“%s” is public and the other is not: keep the public one.") % loser.name, [winner])
    if waiting := [one for one in (winner, loser) if pending(one)]:
        raise RefusedError(
            _("A change is waiting: %s. Approve or discard it before the two are merged.") % listed(waiting), waiting
        )


def _unite(winner, loser, choices, reason, day, journal) -> None:
    """All that a merger changes, in the order in which each step finds what it needs."""
    found = disagreements(winner, loser)
    names = {winner.name, winner.native_name, loser.name, loser.native_name}
    taken = {one.field.name for one in found if choices.get(one.field.name, one.suggestion) == "loser"}
    mover = Mover(winner, loser, journal)
    mover.set_aside(found, taken, reason)
    take_over(winner, found, choices, journal)
    mover.unite_parts()
    mover.move_references()
    mover.move_notes()
    journal.change(
        type(loser)._base_manager.get(pk=loser.pk),
        publication_status=PublicationStatus.WITHDRAWN, withdrawn_on=day, withdrawal_reason=reason,
    )  # fmt: skip
    mover.keep_names(names)


def _hold(keys) -> dict[int, RecordModel]:
    """The records of a merger, their rows held until it is done, and their histories up to date."""
    version.bump()
    held = Record.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    records = {row.pk: as_its_kind(row) for row in held}
    for record in records.values():
        catch_up(record)
    return records


def _remember(records: Mapping[int, RecordModel], act: Act, **said) -> None:
    """Raise the version of every record that changed, and keep what it is now."""
    for pk in records:
        row = Record.objects.get(pk=pk)
        row.version += 1
        row.save(update_fields=["version", "changed_at"])
        record_act(as_its_kind(row), act=act, **said)

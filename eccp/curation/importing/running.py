"""Imports at work: checked by doing all of it in a transaction that is undone, then done in one that is not."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.utils.translation import gettext as _

from eccp.curation.importing import tables
from eccp.curation.importing.bindings import ID, Subject, importable
from eccp.curation.importing.models import Import, ImportState
from eccp.curation.importing.planning import TOGETHER, Change, Outcome, Plan
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.models import ProposalStatus
from eccp.curation.revisions import put, put_together
from eccp.records import aggregate, together, version
from eccp.records.databases import gather_statistics
from eccp.records.models import Record

#: How many records of which not all could be read are tried all the same: each takes as long as a form.
_MOST_TRIED = 200
#: How many records are stored between two words of progress, new ones together.
_STEP = 100

#: How far an import has come, and of how many.
Progress = Iterator[tuple[int, int]]


def may(user: AbstractUser, name: str) -> dict[str, bool]:
    """Whether somebody may add and change what the rows of a list are."""
    subject = Subject.of(importable()[name])
    models = [subject.model, *([subject.owner.model] if subject.owner else [])]
    if subject.part:
        # A new row of a part is a change of its record.
        models_added = [subject.owner.model]
    else:
        models_added = models
    return {
        "may_add": all(user.has_perm(_right("add", model)) for model in models_added),
        "may_change": all(user.has_perm(_right("change", model)) for model in models),
    }


def _right(act: str, model) -> str:
    return f"{model._meta.app_label}.{act}_{model._meta.model_name}"


def check(wanted: Import, *, at: datetime, on: date) -> Progress:
    """Find out all that an import would do and all that is wrong with it, and keep that; nothing else is stored."""
    Import.objects.filter(pk=wanted.pk).update(started_at=at)
    run = _Run(wanted, at, on)
    with aggregate.rehearsal():
        yield from run.work()
    _keep_open(wanted, run)


def apply(wanted: Import, *, at: datetime, on: date) -> Progress:
    """Do what the check has shown, all of it or nothing; the file is kept no longer.

    RefusedError, with nothing stored, when the registry has changed so that something else would come of it.
    """
    Import.objects.filter(pk=wanted.pk).update(started_at=at)
    run = _Run(wanted, at, on)
    try:
        with transaction.atomic():
            held = Import.objects.select_for_update(of=("self",)).get(pk=wanted.pk)
            if held.state != ImportState.CHECKED:
                raise RefusedError(
                    _("Nothing was imported. This import: %(state)s.") % {"state": held.get_state_display()}
                )
            yield from run.work()
            if _fingerprint(_report(run.plan.outcomes)) != _fingerprint(held.report):
                raise _MovedError
            _close(wanted, ImportState.APPLIED, at)
        gather_statistics()
    except _MovedError:
        _keep_open(wanted, run)
        raise RefusedError(
            _("The registry has changed since the check, so nothing was imported. Look at what would change now.")
        ) from None


def discard(wanted: Import, *, at: datetime) -> None:
    """Let an import go; its file is kept no longer."""
    with transaction.atomic():
        if not Import.objects.select_for_update(of=("self",)).get(pk=wanted.pk).is_open:
            raise RefusedError(_("This import is decided on already."))
        _close(wanted, ImportState.DISCARDED, at)


def _keep_open(wanted: Import, run: "_Run") -> None:
    """Keep what a run has found, unless the import was decided on meanwhile in another window."""
    with transaction.atomic():
        if not Import.objects.select_for_update(of=("self",)).get(pk=wanted.pk).is_open:
            raise RefusedError(_("This import is decided on already."))
        _keep(wanted, run.plan.outcomes)


class _MovedError(Exception):
    """What would be stored is not what was checked."""


class _Run:
    """One way through all rows of a file, within the caller's transaction."""

    def __init__(self, wanted: Import, at: datetime, on: date):
        #: Who says the word hands over what they were shown, with one reason for all of it: thousands are not submitted
        #: one by one.
        self.said = {"by": wanted.by, "at": at, "reason": wanted.reason, "status": ProposalStatus.SUBMITTED}
        table = tables.read(bytes(wanted.content), sheet=wanted.listing, encoding=wanted.encoding)
        subject = Subject.of(importable()[wanted.listing])
        self.plan = Plan(subject, table, by=wanted.by, on=on, **may(wanted.by, wanted.listing))

    def work(self) -> Progress:
        """Store every change; what is refused is noted with its row, and the rest goes on.

        All that is stored here becomes a draft, or was one, or is in review: the public sees none of it.
        """
        rows = len(self.plan.table.lines)
        with version.raised_once(is_hidden=True), aggregate.remembering():
            for done in self.plan.work():
                yield done // 5, rows  # reading is the smaller part of the work
            changes = [change for change in self.plan.changes.values() if change.is_wanted]
            half_read = [change for change in self.plan.changes.values() if change.is_half_read]
            self._lock(changes)
            stored = 0
            for part in self._together(in_order(changes)):
                self._store_all(part)
                stored += len(part)
                yield rows // 5 + (rows - rows // 5) * stored // len(changes), rows
            self._try(half_read)
        yield rows, rows

    def _together(self, changes: Iterable[Change]) -> Iterator[list[Change]]:
        """The changes in parts that are stored at once: no record of a part names another of it."""
        part: dict[str, Change] = {}
        for change in changes:
            if len(part) == _STEP or any(slug in part for _kind, slug in change.needs):
                yield [*part.values()]
                part = {}
            part[change.slug] = change
        if part:
            yield [*part.values()]

    def _store_all(self, changes: list[Change]) -> None:
        """Store some changes, together as far as their records allow it."""
        at_once = []
        for change in changes:
            if together.is_possible(self.plan.subject.model, change.state, change.as_held):
                at_once.append(change)
            else:
                self._store(change)
        self._store_together(at_once)

    def _store_together(self, changes: list[Change]) -> None:
        """Store changes at once; where one is refused, by halves, until it is found and all others are stored."""
        if len(changes) < 2:
            for change in changes:
                self._store(change)
            return
        wanted = [(change.state, change.as_held) for change in changes]
        try:
            put_together(self.plan.subject.model, wanted, **self.said)
        except aggregate.AggregateError:
            half = len(changes) // 2
            self._store_together(changes[:half])
            self._store_together(changes[half:])

    @staticmethod
    def _lock(changes: list[Change]) -> None:
        """Hold every record that is to change, so that what was read of it stays true until the end."""
        version.wait_turn()
        read = {change.record.pk: change.record.version for change in changes if change.record}
        keys = sorted(read)
        for start in range(0, len(keys), TOGETHER):
            part = Record.objects.select_for_update().filter(pk__in=keys[start : start + TOGETHER]).order_by("pk")
            if any(read[pk] != number for pk, number in part.values_list("pk", "version")):
                raise RefusedError(_("The registry was changed during the check, so it was broken off. Check again."))

    def _store(self, change: Change) -> None:
        try:
            put(self.plan.subject.model, change.state, held=change.as_held, **self.said)
        except aggregate.AggregateError as problem:
            outcome = self._outcome_of(change, str(problem))
            known = {header for header, _why in outcome.problems if header}
            outcome.problems += [told for told in self._told(problem, change) if told[0] not in known]

    def _try(self, changes: list[Change]) -> None:
        """Find out what else is wrong where some cells could not be read: all of it is said at once."""
        for change in changes[:_MOST_TRIED]:
            with aggregate.rehearsal():
                self._store(change)

    def _told(self, problem: aggregate.AggregateError, change: Change) -> list[tuple[str, str]]:
        """What a refusal says, each beside the column of the file that it is about."""
        refused = problem.__cause__
        if self.plan.subject.part:  # the record's refusal is that of its row
            refused = refused and refused.__cause__
        if not hasattr(refused, "error_dict"):
            return [("", _in_words(str(problem), change))]
        columns = {binding.target: binding.header for binding in self.plan.bindings}
        columns |= {"key" if self.plan.subject.part else "slug": ID, NON_FIELD_ERRORS: ""}
        told = []
        for name, errors in refused.error_dict.items():
            # What is missing has been said in words of the file.
            said = " ".join(text for error in errors if error.code not in ("null", "blank") for text in error.messages)
            if said:
                told.append((columns[name], said) if name in columns else ("", f"{name}: {said}"))
        return told

    def _outcome_of(self, change: Change, message: str) -> Outcome:
        """The row that a message is about: of several the one whose key it names, else the first that changes."""
        told = [each for each in change.outcomes if f"'key': '{each.id.partition('.')[2]}'" in message]
        return next(iter([*told, *(each for each in change.outcomes if each.differences), *change.outcomes]))


def in_order(changes: list[Change]) -> Iterator[Change]:
    """Every change after those whose records it names, as far as there is such an order."""
    waiting, done = changes, set()
    kind_of = {change.slug for change in changes}
    while waiting:
        later = []
        for change in waiting:
            if any(slug in kind_of and slug not in done for _kind, slug in change.needs):
                later.append(change)
            else:
                done.add(change.slug)
                yield change
        if len(later) == len(waiting):
            yield from later
            return
        waiting = later


def _in_words(message: str, change: Change) -> str:
    """A refusal without what the row says already."""
    start = message.find(f" '{change.slug}': ")
    told = message[start + len(f" '{change.slug}': ") :] if start > 0 else message
    return told.replace("__all__: ", "")


# ── What is kept of it ──


def _report(outcomes: list[Outcome]) -> list[dict]:
    """What the check has found of every row that isn't as it was, as it is kept."""
    return [
        {
            "row": each.number, "id": each.id, "what": each.word,
            "differences": [list(map(str, found)) for found in each.differences],
            "problems": [list(map(str, found)) for found in each.problems],
        }
        for each in outcomes
        if each.word != "unchanged"
    ]  # fmt: skip


def _fingerprint(report: list[dict]) -> str:
    return hashlib.sha256(json.dumps(report, sort_keys=True).encode()).hexdigest()


def _keep(wanted: Import, outcomes: list[Outcome]) -> None:
    """Keep what a check has found."""
    words = [each.word for each in outcomes]
    wanted.report, wanted.started_at = _report(outcomes), None
    wanted.rows, wanted.faults = len(words), words.count("faulty")
    wanted.created, wanted.changed = words.count("new"), words.count("changed")
    wanted.state = ImportState.FAULTY if wanted.faults else ImportState.CHECKED
    wanted.save()


def _close(wanted: Import, state: ImportState, at: datetime) -> None:
    """Keep that it was, and let go of what it said: an imported file stands in the history of its records."""
    wanted.state, wanted.decided_at, wanted.started_at = state, at, None
    wanted.content, wanted.report = None, []
    wanted.save()

"""The one way in which a record changes: stored or proposed, and kept in its history.

The form, an import, a merge and a revert all hand over the whole record as text (see ``aggregate``). What is not public
is stored at once; a published record stays as the public knows it, and the change waits as a ``Proposal``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from eccp.curation.differences import Difference, differences
from eccp.curation.models import Act, Proposal, ProposalStatus, Revision
from eccp.curation.reasons import check_reason
from eccp.records import aggregate, together, version
from eccp.records.models import Record, RecordModel
from eccp.records.vocabulary import PublicationStatus

__all__ = ["Difference", "Outcome", "catch_up", "differences", "pending", "put", "put_together", "record_act"]

_PUBLIC_ACTS = frozenset({Act.PUBLISHED, Act.CORRECTED, Act.WITHDRAWN, Act.RESTORED})
_PUBLIC_IF_PUBLISHED = frozenset({Act.LOADED, Act.MERGED, Act.UNMERGED})
_STATUS_FIELDS = ("publication_status", "withdrawn_on", "withdrawal_reason")


@dataclass(frozen=True)
class Outcome:
    """What became of a change, the record, and its states before and after."""

    what: Literal["stored", "proposed", "unchanged"]
    record: RecordModel
    before: aggregate.Aggregate
    after: aggregate.Aggregate
    proposal: Proposal | None = None

    @cached_property
    def differences(self) -> list[Difference]:
        """What differs from what was there before."""
        return differences(type(self.record), self.before, self.after)


@transaction.atomic
def put(
    model: type[RecordModel],
    state: Mapping[str, Any],
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
    record: RecordModel | None = None,
    held: aggregate.Held | None = None,
    seen: int | None = None,
    status: ProposalStatus = ProposalStatus.OPEN,
) -> Outcome:
    """Make a record what ``state`` says: at once where nobody sees it, as a Proposal where the public does.

    The record is the one with the slug of ``state``, or ``record`` where that may change, or what the caller has read
    and locked already (``held``). ``seen`` is the version that somebody decided by: no other is changed.
    ``status`` is that of the Proposal: still being written, or handed over at once.
    The publication status is not changed by this: that takes an act (see ``actions``).
    Raises AggregateError, with nothing stored, in words.
    """
    held = held or _hold(model, state, record)
    found, before = held
    if found and seen not in (None, found.version):
        raise aggregate.AggregateError(
            _("The record has changed since you opened this page. See again what would change.")
        )
    wanted = _wanted(state, held)
    if found and found.is_published:
        return _propose(held, wanted, by=by, at=at, reason=reason, status=status)
    if found:
        catch_up(found, before)
    made, before, after = aggregate.store_held(model, wanted, held)
    if before == after:
        return Outcome("unchanged", made, before, before)
    record_act(made, act=Act.CHANGED if found else Act.CREATED, by=by, at=at, reason=reason, state=after)
    return Outcome("stored", made, before, after)


def _wanted(state: Mapping[str, Any], held: aggregate.Held) -> aggregate.Aggregate:
    """What is to be stored: ``state`` with what only acts change as it is."""
    found, before = held
    if found is None:
        return {**state, **_status_of(None)}
    if found.publication_status == PublicationStatus.WITHDRAWN:
        raise aggregate.AggregateError(_("“%(name)s” is withdrawn and no longer changes.") % {"name": found.name})
    return {**state, **_status_of(found), **_old_slugs(before, state)}


@transaction.atomic
def put_together(
    model: type[RecordModel],
    changes: Iterable[tuple[Mapping[str, Any], aggregate.Held]],
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
    status: ProposalStatus = ProposalStatus.OPEN,
) -> None:
    """As ``put`` of each of many records that do not name each other, all read and locked by the caller.

    AggregateError, with nothing stored, if any is refused.
    """
    wanted = [(_wanted(state, held), held) for state, held in changes]
    public = [(state, held) for state, held in wanted if held.record and held.record.is_published]
    hidden = [(state, held) for state, held in wanted if not (held.record and held.record.is_published)]
    _catch_up_together([held for _state, held in hidden if held.record])
    acts = [
        _act(record, act=Act.CHANGED if before else Act.CREATED, by=by, at=at, reason=reason, state=after)
        for record, before, after in together.store(model, hidden)
        if before != after
    ]
    Revision.objects.bulk_create(acts)
    _propose_together(model, public, by=by, at=at, reason=reason, status=status)


def record_act(
    record: RecordModel,
    *,
    act: Act,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str = "",
    approved_by: AbstractBaseUser | None = None,
    is_public: bool | None = None,
    state: aggregate.Aggregate | None = None,
) -> Revision:
    """Add what the record is now to its history, once a change is stored and the version raised.

    Every act ends with this, and calls ``catch_up`` before the change, so that the history knows what was there.
    """
    kept = _act(
        record,
        act=act,
        by=by,
        approved_by=approved_by,
        at=at,
        reason=reason,
        state=aggregate.dump(record) if state is None else state,
        is_public=is_public,
    )
    kept.save(force_insert=True)
    return kept


def _act(record: RecordModel, *, act: Act, reason: str = "", is_public: bool | None = None, **said) -> Revision:
    """What the history says of the version that a record has now."""
    if is_public is None:
        is_public = act in _PUBLIC_ACTS or (act in _PUBLIC_IF_PUBLISHED and record.is_published)
    return Revision(
        record_id=record.pk,
        number=record.version,
        act=act,
        reason=" ".join(reason.split()),
        is_public=is_public,
        **said,
    )


def catch_up(record: RecordModel, state: aggregate.Aggregate | None = None) -> None:
    """Keep the version that a record has now, unless its history has it.

    Papers are loaded without a history, so that it begins with the first act; the same holds for whatever else was
    loaded past the curators.
    """
    if not record.revisions.filter(number=record.version).exists():
        record_act(record, act=Act.LOADED, by=None, at=record.changed_at, state=state)


def _catch_up_together(held: list[aggregate.Held]) -> None:
    """As ``catch_up``, of many records."""
    keys = [record.pk for record, _state in held]
    known = set(Revision.objects.filter(record__in=keys, number=F("record__version")).values_list("record", flat=True))
    Revision.objects.bulk_create(
        _act(record, act=Act.LOADED, by=None, at=record.changed_at, state=state)
        for record, state in held
        if record.pk not in known
    )


def pending(record: Record) -> Proposal | None:
    """The change of a published record that nobody has decided on yet: there is at most one."""
    return record.proposals.pending().select_related("author").first()


def _hold(model: type[RecordModel], state: Mapping[str, Any], record: RecordModel | None) -> aggregate.Held:
    """The record that is to change, its row held until the transaction ends."""
    # Before anything is asked: what is new may take no id that another transaction is giving up.
    version.wait_turn()
    asked = {"pk": record.pk} if record else {"slug": state.get("slug")}
    found = model.objects.filter(**asked).values_list("pk", flat=True).first()
    if found is None:
        return aggregate.Held(None, {})
    Record.objects.select_for_update().get(pk=found)
    locked = model.objects.get(pk=found)
    return aggregate.Held(locked, aggregate.dump(locked))


def _status_of(record: RecordModel | None) -> dict[str, str]:
    """What a state says of publication: whatever it is, since only acts change that."""
    status = record.publication_status if record else PublicationStatus.DRAFT
    return dict.fromkeys(_STATUS_FIELDS, "") | {"publication_status": str(status)}


def _old_slugs(before: aggregate.Aggregate, state: Mapping[str, Any]) -> dict[str, list]:
    """Old addresses keep working when the id changes, forwards or back."""
    if state.get("slug") == before["slug"]:
        return {}
    given = [*before.get("old_slugs", ()), {"slug": before["slug"]}, *state.get("old_slugs", ())]
    by_slug = {row["slug"]: row for row in given if row["slug"] != state.get("slug")}
    return {"old_slugs": list(by_slug.values())}


def _propose(
    held: aggregate.Held,
    wanted: aggregate.Aggregate,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
    status: ProposalStatus,
) -> Outcome:
    """Keep a change of a published record for a publisher, once every constraint has agreed to it."""
    found, before = held
    waiting = pending(found)
    _refuse_others(found, waiting, by)
    with aggregate.rehearsal():
        _made, _before, after = aggregate.store_held(type(found), wanted, held)
    if before == after:
        if waiting:
            _take_back([waiting], by=by, at=at)
        return Outcome("unchanged", found, before, before)
    kept = _proposal(found, after, waiting, by=by, at=at, reason=reason, status=status)
    kept.save()
    return Outcome("proposed", found, before, after, kept)


def _propose_together(model: type[RecordModel], public: list, *, by, at: datetime, **said) -> None:
    """As ``_propose``, of many records."""
    records = {held.record.pk: held.record for _state, held in public}
    waiting = {
        each.record_id: each for each in Proposal.objects.pending().filter(record__in=records).select_related("author")
    }
    for key, record in records.items():
        _refuse_others(record, waiting.get(key), by)
    with aggregate.rehearsal():
        stored = together.store(model, public)
    unchanged = [waiting[record.pk] for record, before, after in stored if before == after and record.pk in waiting]
    _take_back(unchanged, by=by, at=at)
    kept = [
        _proposal(records[record.pk], after, waiting.get(record.pk), by=by, at=at, **said)
        for record, before, after in stored
        if before != after
    ]
    Proposal.objects.bulk_create([each for each in kept if each.pk is None])
    Proposal.objects.bulk_create(
        [each for each in kept if each.pk is not None],
        update_conflicts=True, update_fields=_RESAID, unique_fields=["id"],
    )  # fmt: skip


#: What its author says anew in saving a change once more.
_RESAID = ["state", "base_version", "reason", "status", "changed_at", "saves"]


def _refuse_others(record: RecordModel, waiting: Proposal | None, by: AbstractBaseUser | None) -> None:
    """One person at a time changes a record."""
    if waiting and waiting.author != by:
        raise aggregate.AggregateError(
            _(
                "A change of “%(name)s” by %(author)s is waiting. First a publisher has to approve it, or %(author)s "
                "or a publisher has to discard it."
            )
            % {"name": record.name, "author": waiting.author}
        )


def _take_back(waiting: list[Proposal], *, by: AbstractBaseUser | None, at: datetime) -> None:
    """Let changes go that would change nothing any more."""
    Proposal.objects.filter(pk__in=[each.pk for each in waiting]).update(
        status=ProposalStatus.DISCARDED, decided_by=by, decided_at=at, comment=_("Taken back by its author.")
    )


def _proposal(
    record: RecordModel,
    state: aggregate.Aggregate,
    waiting: Proposal | None,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    reason: str,
    status: ProposalStatus,
) -> Proposal:
    """The change as it is to be kept, in place of the one that waits already."""
    try:
        said = check_reason(reason)
    except ValidationError as problem:
        raise aggregate.AggregateError(" ".join(problem.messages)) from problem
    kept = waiting or Proposal(record_id=record.pk, author=by, saves=0)
    kept.state, kept.base_version, kept.reason = state, record.version, said
    kept.status, kept.changed_at, kept.saves = status, at, kept.saves + 1
    return kept

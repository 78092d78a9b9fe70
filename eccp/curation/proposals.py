"""What becomes of a change of a published record: submitted, returned, approved, discarded."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.translation import gettext as _

from eccp.curation.actions import RefusedError, held, refuse_hidden, refuse_own, submit_named
from eccp.curation.differences import about_persons_alone, differences
from eccp.curation.models import PENDING, Act, Proposal, ProposalStatus
from eccp.curation.reviewing import hidden_names
from eccp.curation.revisions import catch_up, record_act
from eccp.records import aggregate, version
from eccp.records.models import Record, RecordModel
from eccp.records.references import as_its_kind
from eccp.records.vocabulary import PublicationStatus


@transaction.atomic
def submit(*, proposal: Proposal, at: datetime) -> None:
    """Hand a change over for review."""
    row = _held(proposal, ProposalStatus.OPEN, ProposalStatus.RETURNED)
    _decide(row, proposal, ProposalStatus.SUBMITTED, changed_at=at)


@transaction.atomic
def submit_together(*, proposal: Proposal, by: AbstractUser, at: datetime) -> list[Record]:
    """Hand over the drafts that a change names, and the change itself where its author does so; returns the drafts."""
    row = _held(proposal, *PENDING)
    drafts = submit_named(records=hidden_names(row), by=by, at=at)
    if row.status != ProposalStatus.SUBMITTED and row.author_id == by.pk:
        _decide(row, proposal, ProposalStatus.SUBMITTED, changed_at=at)
    return drafts


@transaction.atomic
def give_back(*, proposal: Proposal, by: AbstractUser, at: datetime, comment: str) -> None:
    """Give a change back to its author, who reads what is missing."""
    row = _held(proposal, ProposalStatus.SUBMITTED)
    if not comment.strip():
        raise RefusedError(_("Say what its author should change."))
    _decide(row, proposal, ProposalStatus.RETURNED, decided_by=by, decided_at=at, comment=comment.strip())


@transaction.atomic
def discard(*, proposal: Proposal, by: AbstractUser, at: datetime, comment: str = "") -> None:
    """Let a change go; the record stays what it is, and the change can still be read. Its author is told why."""
    row = _held(proposal, *PENDING)
    if row.author_id != by.pk and not comment.strip():
        raise RefusedError(_("Say why: its author reads it."))
    _decide(row, proposal, ProposalStatus.DISCARDED, decided_by=by, decided_at=at, comment=comment.strip())


@transaction.atomic
def approve(*, proposal: Proposal, by: AbstractUser | None, at: datetime) -> RecordModel:
    """Make the record what the change says, for the public at once; returns the record.

    Refused when the record has changed since, to the author of the change, and while it names what is not public.
    """
    row = _held(proposal, ProposalStatus.SUBMITTED)
    record = as_its_kind(held(row.record, PublicationStatus.PUBLISHED))
    if row.base_version != record.version:
        raise RefusedError(
            _(
                "“%(name)s” has changed since this change was made (version %(base)d, now %(now)d). Return it, so that "
                "its author makes it again from what is public now."
            )
            % {"name": record.name, "base": row.base_version, "now": record.version}
        )
    refuse_own(by, {row.author_id})
    catch_up(record)
    before = aggregate.dump(record)
    try:
        stored, changed = aggregate.store(type(record), row.state, record=record)
    except aggregate.AggregateError as problem:
        raise RefusedError(_("This change can no longer be made: %(why)s") % {"why": problem}) from problem
    if not changed:
        raise RefusedError(_("This change changes nothing any more. Discard it."))
    refuse_hidden(stored)
    model = type(stored)
    shown = not about_persons_alone(model, differences(model, before, row.state))
    record_act(stored, act=Act.CORRECTED, by=row.author, approved_by=by, at=at, reason=row.reason, is_public=shown)
    _decide(row, proposal, ProposalStatus.APPROVED, decided_by=by or row.author, decided_at=at)
    return stored


def _held(proposal: Proposal, *allowed: ProposalStatus) -> Proposal:
    """The change's row, held until the act is done.

    Refused unless its status allows the act, and when it is no longer what the caller has read.
    """
    version.wait_turn()
    row = Proposal.objects.select_for_update(of=("self",)).select_related("author").get(pk=proposal.pk)
    if row.status not in allowed:
        raise RefusedError(_("This change is %(status)s already.") % {"status": row.get_status_display()})
    if (row.saves, row.state) != (proposal.saves, proposal.state):
        raise RefusedError(_("This change has been saved again since you read it. Read it again."))
    return row


def _decide(row: Proposal, proposal: Proposal, status: ProposalStatus, **said) -> None:
    """Store what was decided, in the row and in what the caller holds."""
    changes = {"status": status, **said}
    for each in (row, proposal):
        for name, value in changes.items():
            setattr(each, name, value)
    row.save(update_fields=[*changes])

"""What happens to a record as a whole: submitted, returned, published, withdrawn, published again.

The way is draft → in review → published → withdrawn, and a draft may be published without having been submitted.
Nothing leads back from published, so a draft was never public; what was withdrawn by mistake is published again,
which the public reads as it reads of the withdrawal. Each act says who, when and why, and stays in the history.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eccp.curation.models import Act, Revision
from eccp.curation.reasons import check_reason
from eccp.curation.revisions import catch_up, pending, record_act
from eccp.records import version
from eccp.records.models import Record, RecordQuerySet
from eccp.records.references import as_its_kind, named_records, naming_records
from eccp.records.vocabulary import PublicationStatus

DRAFT, IN_REVIEW, PUBLISHED, WITHDRAWN = PublicationStatus


class RefusedError(Exception):
    """An act that would break a rule of publication; says why to a curator, and which records are in the way."""

    def __init__(self, message: str, records: Iterable[Record] = ()):
        super().__init__(message)
        self.records = list(records)


@transaction.atomic
def submit(*, record: Record, by: AbstractUser | None, at: datetime, reason: str = "") -> None:
    """Hand a draft over for review."""
    row = held(record, DRAFT)
    _move(row, record, Act.SUBMITTED, IN_REVIEW, by=by, at=at, reason=reason)


@transaction.atomic
def submit_together(*, record: Record, by: AbstractUser | None, at: datetime, reason: str = "") -> list[Record]:
    """Hand a draft over with every draft that it names, and that those name; returns what was submitted."""
    return _submit_all([as_its_kind(record)], by=by, at=at, reason=reason)


@transaction.atomic
def submit_named(*, records: Iterable[Record], by: AbstractUser | None, at: datetime) -> list[Record]:
    """Hand over the drafts that something else names, and those that they name; returns what was submitted."""
    return _submit_all(map(as_its_kind, records), by=by, at=at, reason="")


def _submit_all(records: Iterable[Record], *, by: AbstractUser | None, at: datetime, reason: str) -> list[Record]:
    """Hand over the drafts among ``records``, and every draft to which their names lead."""
    waiting, found = list(records), {}
    while waiting:
        one = waiting.pop()
        if one.pk not in found:
            found[one.pk] = one
            waiting += map(as_its_kind, named_records(one).filter(publication_status=DRAFT))
    drafts = [one for one in found.values() if one.publication_status == DRAFT]
    for one in drafts:
        submit(record=one, by=by, at=at, reason=reason)
    return drafts


@transaction.atomic
def return_to_draft(*, record: Record, by: AbstractUser | None, at: datetime, reason: str) -> None:
    """Give a record in review back to its curator, who reads why."""
    row = held(record, IN_REVIEW)
    _move(row, record, Act.RETURNED, DRAFT, by=by, at=at, reason=said_why(reason))


@transaction.atomic
def publish(*, record: Record, by: AbstractUser | None, at: datetime, reason: str = "") -> None:
    """Make a record public; refused while it names one that is not, and to whoever wrote it."""
    row = held(record, DRAFT, IN_REVIEW)
    refuse_own(by, authors(row))
    refuse_hidden(record)
    _move(row, record, Act.PUBLISHED, PUBLISHED, by=by, at=at, reason=reason)


@transaction.atomic
def withdraw(*, record: Record, on: date, reason: str, by: AbstractUser | None, at: datetime) -> None:
    """Take a record from the public, which reads the day and the reason.

    Refused while a public record names it or a change of it waits, and for a day on which it was not public yet.
    """
    row = held(record, PUBLISHED)
    said = said_why(reason)
    if waiting := pending(row):
        raise RefusedError(
            _("A change of “%(name)s” by %(author)s is waiting. Approve or discard it before the record is withdrawn.")
            % {"name": row.name, "author": waiting.author}
        )
    published = row.revisions.filter(act__in=(Act.PUBLISHED, Act.RESTORED)).order_by("-number").first()
    if published and on < (since := timezone.localdate(published.at)):
        raise RefusedError(
            _("“%(name)s” was published on %(since)s. It cannot be withdrawn on a day before that.")
            % {"name": row.name, "since": since}
        )
    if naming := list(naming_records(record)):
        raise RefusedError(
            _("“%(name)s” cannot be withdrawn while public records name it: %(others)s. Change or withdraw them first.")
            % {"name": row.name, "others": listed(naming)},
            naming,
        )
    changes = {"withdrawn_on": on, "withdrawal_reason": said}
    _move(row, record, Act.WITHDRAWN, WITHDRAWN, by=by, at=at, reason=said, **changes)


@transaction.atomic
def restore(*, record: Record, by: AbstractUser | None, at: datetime, reason: str) -> None:
    """Publish again what was withdrawn by mistake: a new act of publication, whose reason the public reads."""
    row = held(record, WITHDRAWN)
    said = said_why(reason)
    if row.merged_into.standing().exists():
        raise RefusedError(_("“%(name)s” was merged with another record. Undo that instead.") % {"name": row.name})
    refuse_hidden(record)
    changes = {"withdrawn_on": None, "withdrawal_reason": ""}
    _move(row, record, Act.RESTORED, PUBLISHED, by=by, at=at, reason=said, **changes)


def authors(record: Record) -> set[int]:
    """The keys of those who wrote a record that was never public, or what was merged into it."""
    keys = [record.pk, *record.mergers.standing().values_list("loser", flat=True)]
    acts = Revision.objects.filter(record__in=keys, act__in=(Act.CREATED, Act.CHANGED, Act.MERGED))
    return set(acts.values_list("by", flat=True)) - {None}


def refuse_own(by: AbstractUser | None, written_by: set[int]) -> None:
    """Nobody decides alone what the public sees, unless there is nobody else (``ONE_PERSON_TEAM``)."""
    if by is None or settings.ONE_PERSON_TEAM:
        return
    if by.pk in written_by:
        raise RefusedError(
            _(
                "You wrote this yourself, so somebody else has to publish it. (Where one person is the whole team, the "
                "setting ONE_PERSON_TEAM=true allows it.)"
            )
        )


def refuse_hidden(record: Record) -> None:
    """A public record names public ones only; those it names are held, so that none is withdrawn meanwhile."""
    named = named_records(record).select_for_update().order_by("pk")
    if hidden := [other for other in named if not other.is_published]:
        raise RefusedError(
            _("“%(name)s” cannot be public yet, since it names what is not: %(others)s. Publish that first.")
            % {"name": record.name, "others": listed(hidden)},
            hidden,
        )


def in_the_way(record: Record) -> RecordQuerySet:
    """What a record names and the public does not know: all of it has to be published first."""
    return named_records(record).exclude(publication_status=PUBLISHED)


def listed(records: list[Record], limit: int = 10) -> str:
    """Records by name, kind and status, for a message."""
    words = [
        f"{record.name} ({record.kind_label}, {record.get_publication_status_display()})" for record in records[:limit]
    ]
    if more := len(records) - limit:
        words += [_("%d more") % more] if more > 0 else []
    return "; ".join(words)


def held(record: Record, *allowed: PublicationStatus) -> Record:
    """The record's row of the common table, held until the act is done.

    Refused unless its status allows the act, and when it is no longer the version that the caller has read: who
    decides decides about what they read, however close another's save came.
    """
    version.wait_turn()
    row = Record.objects.select_for_update().get(pk=record.pk)
    if row.publication_status not in allowed:
        raise RefusedError(
            _("“%(name)s” is %(status)s; this is only for what is %(allowed)s.")
            % {
                "name": row.name,
                "status": row.get_publication_status_display(),
                "allowed": _(" or ").join(str(status.label) for status in allowed),
            }
        )
    if row.version != record.version:
        raise RefusedError(_("“%(name)s” has changed since you read it. Read it again.") % {"name": row.name})
    return row


def said_why(reason: str) -> str:
    """A real reason, or a refusal that says what one is."""
    try:
        return check_reason(reason)
    except ValidationError as problem:
        raise RefusedError(" ".join(problem.messages)) from problem


def _move(
    row: Record,
    record: Record,
    act: Act,
    status: PublicationStatus,
    *,
    by: AbstractUser | None,
    at: datetime,
    reason: str,
    **said,
) -> None:
    """Store the new status, in the row and in what the caller holds, and keep the act in the history."""
    catch_up(as_its_kind(row))
    changes = {"publication_status": status, "version": row.version + 1, **said}
    for each in (row, record):
        for name, value in changes.items():
            setattr(each, name, value)
    row.save(update_fields=[*changes, "changed_at"])
    record_act(as_its_kind(row), act=act, by=by, at=at, reason=reason)

"""What happens to a record as a whole: submitted, returned, published, withdrawn.

The way is draft → in review → published → withdrawn, and a draft may be published at once: a registry with a
single curator has nobody to review. Nothing leads back from published, so a draft was never public.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from eccp.records.models import Record
from eccp.records.references import named_records, naming_records
from eccp.records.vocabulary import PublicationStatus


class RefusedError(Exception):
    """An act that would break a rule of publication; says why to a curator, and which records are in the way."""

    def __init__(self, message: str, records: Iterable[Record] = ()):
        super().__init__(message)
        self.records = list(records)


@transaction.atomic
def submit(*, record: Record) -> None:
    """Hand a draft over for review."""
    _move(_held(record, PublicationStatus.DRAFT), record, PublicationStatus.IN_REVIEW)


@transaction.atomic
def return_to_draft(*, record: Record) -> None:
    """Give a record in review back to its curator."""
    _move(_held(record, PublicationStatus.IN_REVIEW), record, PublicationStatus.DRAFT)


@transaction.atomic
def publish(*, record: Record) -> None:
    """Make a record public; refused while it names one that is not."""
    row = _held(record, PublicationStatus.DRAFT, PublicationStatus.IN_REVIEW)
    # Held as well, so that none is withdrawn in the same moment.
    named = named_records(record).select_for_update().order_by("pk")
    if hidden := [other for other in named if not other.is_published]:
        raise RefusedError(
            _("“%(name)s” cannot be public yet, since it names what is not: %(others)s. Publish that first.")
            % {"name": row.name, "others": listed(hidden)},
            hidden,
        )
    _move(row, record, PublicationStatus.PUBLISHED)


@transaction.atomic
def withdraw(*, record: Record, on: date, reason: str) -> None:
    """Take a record from the public, which reads the day and the reason; refused while a public record names it."""
    row = _held(record, PublicationStatus.PUBLISHED)
    if not reason.strip():
        raise RefusedError(_("Say why: the public reads the reason."))
    if naming := list(naming_records(record)):
        raise RefusedError(
            _("“%(name)s” cannot be withdrawn while public records name it: %(others)s. Change or withdraw them first.")
            % {"name": row.name, "others": listed(naming)},
            naming,
        )
    _move(row, record, PublicationStatus.WITHDRAWN, withdrawn_on=on, withdrawal_reason=reason.strip())


def listed(records: list[Record], limit: int = 10) -> str:
    """Records by name, kind and status, for a message."""
    words = [
        f"{record.name} ({record.kind_label}, {record.get_publication_status_display()})" for record in records[:limit]
    ]
    if more := len(records) - limit:
        words += [_("%d more") % more] if more > 0 else []
    return "; ".join(words)


def _held(record: Record, *allowed: PublicationStatus) -> Record:
    """The record's row of the common table, held until the act is done; refused unless its status allows the act."""
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
    return row


def _move(row: Record, record: Record, status: PublicationStatus, **said) -> None:
    """Store the new status, in the row and in what the caller holds."""
    changes = {"publication_status": status, "version": row.version + 1, **said}
    for held in (row, record):
        for name, value in changes.items():
            setattr(held, name, value)
    row.save(update_fields=[*changes, "changed_at"])

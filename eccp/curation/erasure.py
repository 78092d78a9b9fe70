"""Erases the personal data of a record: from the record, from every version of its history, from changes that wait.

The history is kept for ever, and this is the one exception. Nothing is left of what was erased but that it was.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from eccp.curation.models import Act, Proposal, Revision
from eccp.curation.revisions import catch_up, record_act
from eccp.records import version
from eccp.records.models import Record, RecordModel

REASON = "Personal data erased."


def personal_models(models: dict[str, type[RecordModel]]) -> dict[str, type[RecordModel]]:
    """The kinds of record that may hold personal data."""
    return {kind: model for kind, model in models.items() if model.personal_fields}


def holds_personal_data(record: RecordModel) -> bool:
    """Whether the record itself holds any."""
    return any(getattr(record, name) != _empty(record, name) for name in record.personal_fields)


def remembered(record: RecordModel) -> bool:
    """Whether a version of its history, or a change of it, holds any."""
    rows = (*Revision.objects.filter(record=record.pk), *Proposal.objects.filter(record=record.pk))
    return any(row.state.get(name) for row in rows for name in record.personal_fields)


@transaction.atomic
def erase(record: RecordModel, *, by: AbstractBaseUser | None, at: datetime) -> None:
    """Erase all personal data of ``record``, for good; the public reads nothing of it."""
    version.wait_turn()
    Record.objects.select_for_update().get(pk=record.pk)
    record.refresh_from_db()
    if holds_personal_data(record):
        catch_up(record)
        for name in record.personal_fields:
            setattr(record, name, _empty(record, name))
        record.version += 1
        record.save()
        record_act(record, act=Act.CHANGED, by=by, at=at, reason=REASON, is_public=False)
    for row in (*Revision.objects.filter(record=record.pk), *Proposal.objects.filter(record=record.pk)):
        left = {name: value for name, value in row.state.items() if name not in record.personal_fields}
        if left != row.state:
            type(row).objects.filter(pk=row.pk).update(state=left)


def _empty(record: RecordModel, name: str):
    """What a field holds where nothing is known."""
    return record._meta.get_field(name).get_default()

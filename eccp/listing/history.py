"""What the public may know of a record's past: when it was published, corrected, withdrawn, and the reason given.

Who keeps the history stands on a floor above. It is read through the records that it belongs to, and no more of it than
this: the act, its day and its public reason; nothing of drafts, and nobody's name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from eccp.records.models import Record


@dataclass(frozen=True)
class Event:
    """One thing that happened to a record in public."""

    act: str
    label: str
    on: date
    reason: str


def was_never_public(record: Record) -> bool:
    """Whether a record has a history of which the public may read nothing: it was a draft until it was withdrawn."""
    kept = Record._meta.get_field("revisions").related_model._default_manager.filter(record=record.pk)
    return kept.exists() and not kept.public().exists()


def public_history(keys: Iterable[int]) -> dict[int, list[Event]]:
    """What happened to each record in public, newest first, by the record's key: one query for all."""
    kept = Record._meta.get_field("revisions").related_model
    labels = dict(kept._meta.get_field("act").flatchoices)
    rows = kept._default_manager.public().filter(record__in=list(keys)).order_by("record", "-number")
    found: dict[int, list[Event]] = {}
    for key, act, at, reason in rows.values_list("record", "act", "at", "reason"):
        day = timezone.localtime(at).date()
        found.setdefault(key, []).append(Event(act, str(labels[act]), day, reason))
    return found

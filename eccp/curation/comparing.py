"""Two versions side by side: what somebody typed, beside what has been stored since the form was opened."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser

from eccp.curation.differences import Difference, differences
from eccp.curation.models import Proposal
from eccp.records import aggregate
from eccp.records.models import RecordModel


@dataclass(frozen=True)
class Comparison:
    """One thing about which the versions differ: as it was when the form was opened, as it is, as it was typed."""

    label: str
    opened: str
    now: str
    typed: str

    @property
    def is_theirs(self) -> bool:
        """Whether somebody else has changed it since."""
        return self.opened != self.now


@dataclass(frozen=True)
class Overtaken:
    """A form that somebody else was faster than: who that was, and what differs."""

    by: AbstractUser | None
    at: datetime
    rows: list[Comparison]


def overtaken(
    record: RecordModel, proposal: Proposal | None, seen: str, before: Mapping[str, Any], typed: Mapping[str, Any]
) -> Overtaken:
    """Compare what was typed with what is there: ``seen`` says at which version the form was opened.

    What is there is what the form would show now (``before``); where a waiting change was made from an older version,
    it is what the public reads.
    """
    model = type(record)._meta.concrete_model
    last = record.revisions.select_related("by").first()
    by, at = (last.by, last.at) if last else (None, record.changed_at)
    public = aggregate.dump(model.objects.get(pk=record.pk))
    now = public
    if proposal and proposal.base_version == record.version:
        by, at, now = proposal.author, proposal.changed_at, before
    number = seen.partition(".")[0]
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    kept = record.revisions.filter(number=number).first() if is_number else None
    opened = kept.state if kept else public
    return Overtaken(by, at, _compared(model, opened, now, typed))


def _compared(model, opened: Mapping, now: Mapping, typed: Mapping) -> list[Comparison]:
    theirs, yours = _by_place(differences(model, opened, now)), _by_place(differences(model, now, typed))
    rows = []
    for place in {**yours, **theirs}:
        first, second = theirs.get(place), yours.get(place)
        rows.append(
            Comparison(
                (second or first).label,
                first.before if first else second.before,
                first.after if first else second.before,
                second.after if second else first.after,
            )
        )
    return rows


def _by_place(found: list[Difference]) -> dict[tuple[str, int], Difference]:
    """Differences by what they are about; several citations of one source may support one fact."""
    seen: Counter[str] = Counter()
    placed = {}
    for one in found:
        placed[one.field, seen[one.field]] = one
        seen[one.field] += 1
    return placed

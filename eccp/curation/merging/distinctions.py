"""Records that look alike and are two: said by somebody, with a reason, until a name of either changes."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from eccp.curation.actions import RefusedError, said_why
from eccp.curation.models import Distinction
from eccp.records.models import Alias, Record


def mark(*, one: Record, other: Record, by: AbstractUser | None, at: datetime, reason: str) -> Distinction:
    """Say that two records are two, however alike they look."""
    said = said_why(reason)
    if one.pk == other.pk or one.record_kind != other.record_kind:
        raise RefusedError(_("Choose two records of one kind."))
    first, second = sorted((one.pk, other.pk))
    names = names_of([first, second])
    try:
        with transaction.atomic():
            # What was said of the pair under other names has had its time.
            stale = Distinction.objects.standing().filter(one=first, other=second).exclude(names=names)
            stale.update(undone_at=at, undone_by=by, undo_reason=said)
            return Distinction.objects.create(
                one_id=first, other_id=second, by=by, at=at, reason=said, names=names
            )  # fmt: skip
    except IntegrityError as problem:
        raise RefusedError(_("It is said of these two already that they are no duplicates.")) from problem


@transaction.atomic
def undo(*, distinction: Distinction, by: AbstractUser | None, at: datetime, reason: str) -> None:
    """Take back that two records are two: the pair is on the desk again."""
    said = said_why(reason)
    row = Distinction.objects.select_for_update(of=("self",)).get(pk=distinction.pk)
    if row.undone_at:
        raise RefusedError(_("This is taken back already."))
    for each in (row, distinction):
        each.undone_by, each.undone_at, each.undo_reason = by, at, said
    row.save(update_fields=["undone_by", "undone_at", "undo_reason"])


def of(one: Record, other: Record) -> Distinction | None:
    """What is said of two records today, if their names are still those of which it was said."""
    first, second = sorted((one.pk, other.pk))
    found = Distinction.objects.standing().filter(one=first, other=second).select_related("by").first()
    return found if found and found.names == names_of([first, second]) else None


def names_of(keys: Iterable[int]) -> list[list[str]]:
    """All names of each record, in the order of ``keys``."""
    keys = list(keys)
    found: dict[int, set[str]] = {pk: set() for pk in keys}
    for pk, name, native in Record.objects.filter(pk__in=keys).values_list("pk", "name", "native_name"):
        found[pk] |= {name, native} - {""}
    for pk, name in Alias.objects.filter(record__in=keys).values_list("record_id", "name"):
        found[pk].add(name)
    return [sorted(found[pk]) for pk in keys]


def pairs_apart() -> frozenset[tuple[int, int]]:
    """Every pair of which it is said today that it is two: the smaller key first."""
    standing = list(Distinction.objects.standing().values_list("one", "other", "names"))
    keys = sorted({pk for one, other, _names in standing for pk in (one, other)})
    names = dict(zip(keys, names_of(keys), strict=True)) if keys else {}
    return frozenset((one, other) for one, other, said in standing if [names[one], names[other]] == said)

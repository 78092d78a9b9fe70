"""What follows from dates and the day, for all days at once: it turns on a few of them."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import DateField, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast

SAME_DAY, NEXT_DAY = timedelta(), timedelta(days=1)

#: Key of a row, key of what has the status, day from which on, status.
Turn = tuple[int, int, date, str]


def outside(on: date | F) -> date | OuterRef:
    """The day ``on`` as it is called inside a subquery."""
    return OuterRef(on.name) if isinstance(on, F) else on


def turns(queryset: QuerySet, days: Mapping[str, timedelta], *, row: str = "pk") -> QuerySet[Turn]:
    """For each of ``queryset`` the days on which its status turns, or may; ``row`` is the way to the key of its row.

    The rule is the queryset's own ``with_status``, asked for each of those days; a status holds until the next of them,
    that of ``date.min`` from the beginning. ``days`` names what the rule compares the day with, and when it turns by
    that: what is so from a day on turns on it, what is so after a day turns on the next.
    """
    asked = [queryset.annotate(turns_on=Value(date.min, output_field=DateField())).with_status(date.min)]
    for name, later in days.items():
        day = Cast(F(name) + later, DateField()) if later else F(name)
        turning = queryset.annotate(turns_on=day).filter(turns_on__isnull=False)
        asked.append(turning.with_status(F("turns_on")))
    first, *others = (each.order_by().values_list(row, "pk", "turns_on", "status") for each in asked)
    return first.union(*others, all=True)

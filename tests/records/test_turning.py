"""A status asked for all days at once is that of each day."""

from datetime import date, timedelta

import pytest

from markets.models import PolicyMeasure
from partnerships.models import Agreement
from tests.factories import PolicyMeasureFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def turning(queryset) -> dict[int, dict[date, str]]:
    """For each of ``queryset`` its status from each day on which it may turn."""
    found: dict[int, dict[date, str]] = {}
    for row, own, day, status in queryset.status_turns():
        assert row == own
        found.setdefault(own, {})[day] = status
    return found


@pytest.mark.parametrize("model", [Agreement, PolicyMeasure])
def test_between_two_turns_nothing_changes(registry, model):
    measure = PolicyMeasureFactory(verified_on=date(2016, 2, 29))
    measure.steps.create(key="plan", step="planned", on="2010")
    measure.steps.create(key="start", step="started", on="2012-03")
    measure.steps.create(key="end", step="completed")
    found = turning(model.objects.all())
    assert len(found) == model.objects.count() > 4
    turns = {turn for days in found.values() for turn in days} - {date.min}
    assert len(turns) > 10
    for day in {date.min, date.max, *(turn + later for turn in turns for later in (-DAY, 0 * DAY, DAY))}:
        told = {pk: days[max(turn for turn in days if turn <= day)] for pk, days in found.items()}
        assert told == dict(model.objects.with_status(day).values_list("pk", "status"))

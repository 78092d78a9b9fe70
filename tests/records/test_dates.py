"""Partial dates: what a source states is kept, and nothing is invented."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from eccp.records.dates import PartialDate
from partnerships.models import Partnership
from tests.factories import PartnershipFactory


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        pytest.param("2013", date(2013, 1, 1), date(2013, 12, 31), id="year"),
        pytest.param("2016-02", date(2016, 2, 1), date(2016, 2, 29), id="month of a leap year"),
        pytest.param("2017-11-21", date(2017, 11, 21), date(2017, 11, 21), id="day"),
        pytest.param("2016/2018", date(2016, 1, 1), date(2018, 12, 31), id="period of years"),
        pytest.param("2016-10/2018", date(2016, 10, 1), date(2018, 12, 31), id="period of mixed precision"),
    ],
)
def test_a_partial_date_covers_its_whole_period(text, first, last):
    stated = PartialDate.parse(text)
    assert (str(stated), stated.first, stated.last) == (text, first, last)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "13", "2013-13", "2013-02-30", "2013-1", "21/11/2017", "2018/2016", "2013-", "2013/", "/2013",
     "0999", "3000", "２０１３", "2013\n", " 2013", "2013-05-01T00:00"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        pytest.param("2018", 36, date(2021, 12, 31), id="year"),
        pytest.param("2014", 36, date(2017, 12, 31), id="another year"),
        pytest.param("2018", 18, date(2019, 12, 31), id="a year and a half is still known to the year"),
        pytest.param("2015-05", 12, date(2016, 5, 31), id="month"),
        pytest.param("2015-11", 3, date(2016, 2, 29), id="month into a leap February"),
        pytest.param("2015-05-10", 12, date(2016, 5, 9), id="the day before the anniversary"),
        pytest.param("2015-01-01", 12, date(2015, 12, 31), id="first of January"),
        pytest.param("2015-01-31", 1, date(2015, 2, 28), id="no such anniversary"),
        pytest.param("2016-02-29", 12, date(2017, 2, 28), id="leap day"),
        pytest.param("2018/2019", 12, date(2019, 12, 31), id="a period runs from its beginning"),
    ],
)
def test_a_term_ends_at_the_precision_of_its_start(start, months, end):
    assert PartialDate.parse(start).plus_months(months) == end


@given(st.dates(date(1000, 1, 1), date(2950, 1, 1)), st.integers(1, 480), st.sampled_from([4, 7, 10]))
def test_a_longer_term_never_ends_earlier(day, months, precision):
    start = PartialDate.parse(day.isoformat()[:precision])
    assert start.plus_months(months) <= start.plus_months(months + 1)
    assert start.plus_months(months) >= start.first


def test_the_days_are_kept_with_the_date(db):
    partnership = PartnershipFactory(started="2013")
    partnership.started = "2015-05"
    partnership.save()
    stored = Partnership.objects.get(started_first=date(2015, 5, 1), started_last=date(2015, 5, 31))
    assert stored == partnership
    stored.started = None
    stored.save()
    assert Partnership.objects.filter(pk=stored.pk, started_first=None, started_last=None).exists()


def test_an_instance_refuses_what_is_no_date():
    with pytest.raises(ValidationError, match="not a date this registry understands"):
        Partnership(started="soon")


def test_the_database_refuses_a_date_without_its_days(db):
    partnership = PartnershipFactory(started="2013")
    with pytest.raises(IntegrityError), transaction.atomic():
        Partnership.objects.filter(pk=partnership.pk).update(started_first=None)

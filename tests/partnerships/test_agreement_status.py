"""The status of an agreement on a day: the rule printed on the site, at its edges."""

from datetime import date

import pytest

from partnerships.models import Agreement, Partnership
from tests.factories import AgreementFactory, PartnershipFactory, SourceFactory

pytestmark = pytest.mark.django_db


def status(agreement, on):
    """Asked for the day, and for all days at once."""
    day, asked = date.fromisoformat(on), Agreement.objects.filter(pk=agreement.pk)
    told = asked.with_status(day).get().status
    turns = {turn: said for _row, _agreement, turn, said in asked.status_turns()}
    assert turns[max(turn for turn in turns if turn <= day)] == told
    return told


EDGES = [
    # signed in a year, three years long
    ({"signed": "2014", "duration_months": 36}, "2013-12-31", "not_yet_signed"),
    ({"signed": "2014", "duration_months": 36}, "2014-01-01", "in_force"),
    ({"signed": "2014", "duration_months": 36}, "2017-12-31", "in_force"),
    ({"signed": "2014", "duration_months": 36}, "2018-01-01", "ended"),
    # signed in a month, a year long
    ({"signed": "2015-05", "duration_months": 12}, "2015-04-30", "not_yet_signed"),
    ({"signed": "2015-05", "duration_months": 12}, "2015-05-01", "in_force"),
    ({"signed": "2015-05", "duration_months": 12}, "2016-05-31", "in_force"),
    ({"signed": "2015-05", "duration_months": 12}, "2016-06-01", "ended"),
    # signed on a day
    ({"signed": "2015-05-10", "duration_months": 12}, "2015-05-09", "not_yet_signed"),
    ({"signed": "2015-05-10", "duration_months": 12}, "2016-05-09", "in_force"),
    ({"signed": "2015-05-10", "duration_months": 12}, "2016-05-10", "ended"),
    # no end recorded
    ({"signed": "2013"}, "2012-12-31", "not_yet_signed"),
    ({"signed": "2013"}, "2026-11-22", "no_end_recorded"),
    # takes effect later than it is signed
    ({"signed": "2018-07-17", "effective": "2019-02-01"}, "2019-01-31", "not_yet_signed"),
    ({"signed": "2018-07-17", "effective": "2019-02-01"}, "2019-02-01", "no_end_recorded"),
    ({"signed": "2014", "effective": "2015", "duration_months": 12}, "2016-12-31", "in_force"),
    ({"signed": "2014", "effective": "2015", "duration_months": 12}, "2017-01-01", "ended"),
    # an end that a source states, a termination before it
    ({"signed": "2014", "stated_end": "2016-06"}, "2016-06-30", "in_force"),
    ({"signed": "2014", "stated_end": "2016-06"}, "2016-07-01", "ended"),
    ({"signed": "2014", "duration_months": 36, "terminated": "2015-03-10"}, "2015-03-10", "in_force"),
    ({"signed": "2014", "duration_months": 36, "terminated": "2015-03-10"}, "2015-03-11", "ended"),
    # under negotiation
    ({"is_negotiated": True, "negotiated_from": "2013"}, "2012-12-31", "unknown"),
    ({"is_negotiated": True, "negotiated_from": "2013"}, "2013-01-01", "negotiating"),
    ({"is_negotiated": True, "negotiated_from": "2013"}, "2026-11-22", "negotiating"),
    ({"is_negotiated": True}, "2018-11-30", "unknown"),
    ({"is_negotiated": True}, "2018-12-01", "negotiating"),
    ({"is_negotiated": True, "negotiated_from": "2013", "signed": "2018-07-17"}, "2018-07-16", "negotiating"),
    ({"is_negotiated": True, "negotiated_from": "2013", "signed": "2018-07-17"}, "2018-07-17", "no_end_recorded"),
    ({"is_negotiated": True, "negotiated_from": "2013", "signed": "2018-07-17"}, "2012-06-01", "not_yet_signed"),
    # no date of signature: known from the day of its source (December 2018)
    ({}, "2018-11-30", "unknown"),
    ({}, "2018-12-01", "no_end_recorded"),
]


@pytest.mark.parametrize(("fields", "on", "expected"), EDGES, ids=[f"{e[2]} on {e[1]}: {e[0]}" for e in EDGES])
def test_the_status_follows_from_the_dates(fields, on, expected):
    assert status(AgreementFactory(**fields), on) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2015-06-01", "in_force"),
        ("2016-03-01", "in_force"),
        ("2016-03-02", "superseded"),
        ("2018-01-01", "superseded"),
    ],
)
def test_a_renewal_supersedes_from_the_day_after_it_begins(on, expected):
    old = AgreementFactory(signed="2014", duration_months=36)
    AgreementFactory(signed="2016-03-01", supersedes=old)
    assert status(old, on) == expected


def test_a_renewal_that_begins_after_the_end_leaves_no_gap_in_the_word():
    old = AgreementFactory(signed="2014", duration_months=36)
    AgreementFactory(signed="2018", duration_months=36, supersedes=old)
    assert status(old, "2017-12-31") == "in_force"
    assert status(old, "2018-01-01") == "superseded"


def test_a_renewal_that_is_not_published_changes_nothing():
    old = AgreementFactory(signed="2014", duration_months=36)
    AgreementFactory(signed="2016", supersedes=old, publication_status="draft")
    assert status(old, "2017-06-01") == "in_force"


def test_without_date_its_source_decides_also_when_only_the_day_of_reading_is_known():
    read = SourceFactory(dated=None, consulted_on=date(2017, 11, 21))
    agreement = AgreementFactory(evidence=read)
    assert status(agreement, "2017-11-20") == "unknown"
    assert status(agreement, "2017-11-21") == "no_end_recorded"


def test_partnerships_in_force_are_those_with_a_published_agreement_in_force():
    kept, ended, draft = PartnershipFactory.create_batch(3)
    AgreementFactory(partnership=kept, signed="2016", duration_months=36)
    AgreementFactory(partnership=ended, signed="2014", duration_months=12)
    AgreementFactory(partnership=draft, signed="2016", duration_months=36, publication_status="draft")
    mine = Partnership.objects.filter(pk__in=[kept.pk, ended.pk, draft.pk])
    assert list(mine.in_force(date(2018, 12, 1))) == [kept]

"""Dates as people type them: what leaves no doubt is understood, what does is refused with its cure."""

import pytest

from eccp.records.dates import PartialDate, PartialDateField, understand


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2013", "2013"),
        (" 2013 ", "2013"),
        ("２０１３", "2013"),
        ("2013年", "2013"),
        ("2015-05", "2015-05"),
        ("May 2015", "2015-05"),
        ("may 2015", "2015-05"),
        ("Sept. 2015", "2015-09"),
        ("Sep 2015", "2015-09"),
        ("5/2015", "2015-05"),
        ("05.2015", "2015-05"),
        ("2015/5", "2015-05"),
        ("2015年5月", "2015-05"),
        ("平成27年", "2015"),
        ("平成27年5月", "2015-05"),
        ("令和元年", "2019"),
        ("昭和64年1月7日", "1989-01-07"),
        ("平成27年～令和2年", "2015/2020"),
        ("2017-11-21", "2017-11-21"),
        ("21/11/2017", "2017-11-21"),
        ("11/21/2017", "2017-11-21"),
        ("4.4.2017", "2017-04-04"),
        ("21 November 2017", "2017-11-21"),
        ("21st Nov 2017", "2017-11-21"),
        ("November 21, 2017", "2017-11-21"),
        ("2017年11月21日", "2017-11-21"),
        ("2016/2018", "2016/2018"),
        ("2016–2018", "2016/2018"),
        ("2016-2018", "2016/2018"),
        ("2016 to 2018", "2016/2018"),
        ("5/2015 / 6/2016", "2015-05/2016-06"),
        ("May 2015 – June 2016", "2015-05/2016-06"),
        ("2016-05/2016-08", "2016-05/2016-08"),
    ],
)
def test_what_leaves_no_doubt_is_understood(text, iso):
    assert understand(text) == PartialDate.parse(iso)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("3/4/2017", "Write 2017-04-03 or 2017-03-04"),
        ("3.4.2017", "“3.4.2017” could be two days"),
        ("平成0年", "Write a year"),
        ("令和2年13月", "There is no such date as “令和2年13月”"),
        ("2009/10", "Write 2009-10 or 2009–2010"),
        ("2016/17", "write years in full"),
        ("5/15", "Write a year (2013), a month (May 2015 or 5/2015)"),
        ("spring 2015", "Write a year"),
        ("about 2015", "Write a year"),
        ("31/2/2017", "There is no such date"),
        ("2015-00", "There is no such date"),
        ("2015-05-00", "There is no such date"),
        ("0/2015", "There is no such date"),
        ("32 May 2015", "There is no such date"),
        ("2018–2016", "write the earlier date first"),
        ("2016–2018–2020", "Write a year"),
        ("٢٠١٣", "Write a year"),
        ("", "Write a year"),
    ],
)
def test_what_leaves_doubt_is_refused_with_its_cure(text, cure):
    with pytest.raises(ValueError, match="“") as problem:
        understand(text)
    assert cure in str(problem.value)


@pytest.mark.parametrize("text", ["2015-00", "2015-05-00", "2015-13"])
def test_the_stored_form_has_no_month_or_day_zero(text):
    with pytest.raises(ValueError, match="month"):
        PartialDate.parse(text)


def test_the_form_field_takes_what_people_type_and_the_stored_form_stays_strict():
    field = PartialDateField(verbose_name="signed")
    assert field.formfield().clean("May 2015") == PartialDate.parse("2015-05")
    assert field.formfield().clean("") is None
    assert not field.formfield().has_changed(PartialDate.parse("2015-05"), "5/2015")
    assert field.formfield().has_changed(PartialDate.parse("2015-05"), "nonsense")

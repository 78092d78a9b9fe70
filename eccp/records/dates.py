"""Dates as sources state them: a year, a month, a day or a period, never a day that nobody stated."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_ONE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_EARLIEST_YEAR, _LATEST_YEAR = 1000, 2999
EARLIEST_DAY, LATEST_DAY = date(_EARLIEST_YEAR, 1, 1), date(_LATEST_YEAR, 12, 31)


@dataclass(frozen=True)
class PartialDate:
    """An ISO 8601 year, month, day or interval, with the first and the last day it covers."""

    text: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2013``, ``2015-05``, ``2017-11-21`` or an interval such as ``2016/2018``.

        Raises ValueError when the text is anything else, or an interval ends before it begins.
        """
        start, slash, end = text.partition("/")
        first, last = _days(start)
        if slash:
            end_first, last = _days(end)
            if end_first < first:
                raise ValueError(f"{text!r} ends before it begins")
        return cls(text, first, last)

    @classmethod
    def of_day(cls, day: date) -> Self:
        """One exact day, whatever its year: reading what is stored never fails."""
        return cls(day.isoformat(), day, day)

    def __str__(self) -> str:
        return self.text

    @property
    def is_day(self) -> bool:
        """Whether the date is known to the day."""
        return self.first == self.last

    def plus_months(self, months: int) -> date:
        """The last day of a term of ``months`` that starts on this date, computed at its precision.

        2018 and 36 months run until 2021-12-31, 2015-05 and 12 months until 2016-05-31, and a day
        until the day before its anniversary (rule: agreement status, /about/).
        """
        start = self.text.partition("/")[0]
        first, last = _days(start)
        target = _shift_months(first, months)
        if first == last:
            # 31 January plus a month has no anniversary: the term ends with that month.
            return target if target.day < first.day else target - timedelta(days=1)
        month = 12 if len(start) == len("2018") else target.month
        return date(target.year, month, calendar.monthrange(target.year, month)[1])


def _days(text: str) -> tuple[date, date]:
    """The first and the last day of one ISO year, month or day."""
    match = _ONE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a year, a month or a day")
    year, month, day = (int(part) if part else None for part in match.groups())
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise ValueError(f"{text!r} is outside the years {_EARLIEST_YEAR} to {_LATEST_YEAR}")
    if day is not None:
        exact = date(year, month, day)
        return exact, exact
    if month is not None:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)


def _shift_months(day: date, months: int) -> date:
    """``day`` moved by whole months, held at the end of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


# What a person types for one date, besides ISO. Years have four digits, or nobody could tell them from days.
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})", re.ASCII)
_THREE_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})(?:[/.-](\d{1,2}))?", re.ASCII)
_MONTH_OR_YEARS = re.compile(r"(\d{4})/(\d{2})", re.ASCII)
_JAPANESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日)?)?", re.ASCII)
#: The year before the first of each Japanese era, which is written 元.
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA = re.compile(rf"({'|'.join(_ERAS)})(元|[1-9]\d?)(?=年)", re.ASCII)
_NAMED_MONTH = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.)?\s+)?(?P<month>[^\W\d_]+)\.?"
    r"(?:\s+(?P<day_after>\d{1,2})(?:st|nd|rd|th)?,)?\s+(?P<year>\d{4})",
)
# The first that parts a text in two decides: a slash also stands inside 5/2015.
_BETWEEN = [
    re.compile(pattern) for pattern in (r"\s*[–—〜~]\s*|\s+(?:to|until|-)\s+|(?<=\d{4})-(?=\d{4}\Z)", r"\s+/\s+", r"/")
]


def understand(text: str) -> PartialDate:
    """Read a date as a person types it: ``2013``, ``May 2015``, ``5/2015``, ``21/11/2017``, ``2016–2018``.

    Raises ValueError, with words for the person who typed it, rather than guess what was meant.
    """
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    try:
        return PartialDate.parse(text)
    except ValueError:
        pass
    one = _understand_one(text)
    if one:
        return _checked(one, text)
    ends = next((parted for pattern in _BETWEEN if len(parted := pattern.split(text)) == 2), ())
    iso = [_understand_one(end) for end in ends]
    if iso and all(iso):
        return _checked("/".join(iso), text)
    raise ValueError(
        gettext(
            "“%(text)s” is not a date this registry understands. Write a year (2013), a month (May 2015 or 5/2015), "
            "a day (21 November 2017) or a period (2016–2018)."
        )
        % {"text": text}
    )


def _checked(iso: str, text: str) -> PartialDate:
    """The date that was understood, unless there is no such day."""
    try:
        return PartialDate.parse(iso)
    except ValueError:
        if "/" in iso and iso.split("/")[0] > iso.split("/")[1]:
            raise ValueError(
                gettext("“%(text)s” ends before it begins; write the earlier date first.") % {"text": text}
            ) from None
        raise ValueError(
            gettext("There is no such date as “%(text)s”. Check month and day, and write years in full (2016–2017).")
            % {"text": text}
        ) from None


def _understand_one(text: str) -> str | None:
    """One date in ISO form, not yet checked against the calendar; None when it is in no form known."""
    if _ONE.fullmatch(text):
        return text
    if match := _MONTH_YEAR.fullmatch(text):
        return _iso(match[2], match[1])
    match = _MONTH_OR_YEARS.fullmatch(text)
    if match and int(match[2]) == (int(match[1]) + 1) % 100 <= 12:
        year = match[1]
        raise ValueError(
            gettext("“%(text)s” could be a month or two years. Write %(month)s or %(years)s, whichever is meant.")
            % {"text": text, "month": _iso(year, match[2]), "years": f"{year}–{int(year) + 1}"}
        )
    if match := _YEAR_FIRST.fullmatch(text) or _JAPANESE.fullmatch(_ERA.sub(_western, text)):
        return _iso(*match.groups())
    if match := _THREE_NUMBERS.fullmatch(text):
        return _day_or_month_first(text, *match.groups())
    match = _NAMED_MONTH.fullmatch(text)
    month = _month_number(match["month"]) if match else None
    if month and not (match["day"] and match["day_after"]):
        return _iso(match["year"], month, match["day"] or match["day_after"])
    return None


def _western(era: re.Match) -> str:
    """The year of an era as a year of our count: 平成27 is 2015."""
    return str(_ERAS[era[1]] + (1 if era[2] == "元" else int(era[2])))


def _day_or_month_first(text: str, one: str, two: str, year: str) -> str:
    """``21/11/2017`` and ``11/21/2017`` leave no doubt, ``3/4/2017`` does."""
    if int(one) <= 12 and int(two) <= 12 and int(one) != int(two):
        raise ValueError(
            gettext("“%(text)s” could be two days. Write %(first)s or %(second)s, whichever is meant.")
            % {"text": text, "first": _iso(year, two, one), "second": _iso(year, one, two)}
        )
    day, month = (one, two) if int(two) <= 12 else (two, one)
    return _iso(year, month, day)


def _month_number(word: str) -> int | None:
    """The month a word names, in English or the language of the page, in full or short."""
    english = {name.casefold(): number for number, name in enumerate(_ENGLISH_MONTHS, 1)}
    english |= {name[:3]: number for name, number in english.items()} | {"sept": 9}
    local = {
        str(name).casefold().rstrip("."): number
        for names in (MONTHS, MONTHS_ALT, MONTHS_3)
        for number, name in names.items()
    }
    return (local | english).get(word.casefold())


_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _iso(year: str, month: str | int | None = None, day: str | None = None) -> str:
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


class PartialDateFormField(forms.CharField):
    """A date as a person types it; what was understood stands in the field, in ISO form, once it is saved."""

    def to_python(self, value):
        value = super().to_python(value)
        if value is None or isinstance(value, PartialDate):
            return value
        try:
            return understand(value)
        except ValueError as problem:
            raise ValidationError(str(problem), code="invalid") from problem

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

    def widget_attrs(self, widget):
        shown = {"placeholder": "2015 · May 2015 · 2016–2018", "autocomplete": "off", "data-partial-date": ""}
        return {**super().widget_attrs(widget), **shown}


class _PartialDateAttribute(DeferredAttribute):
    """Turns whatever is assigned into a PartialDate, so that an instance never holds loose text."""

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class _DayAttribute(DeferredAttribute):
    """Reads the day off the partial date itself, so that the two can never differ."""

    def __get__(self, instance, cls=None):
        if instance is None:
            return self
        stated = getattr(instance, self.field.of)
        return getattr(stated, self.field.edge) if stated else None

    def __set__(self, instance, value):
        # Kept only as the sign that the column is loaded; what counts is the partial date itself.
        instance.__dict__[self.field.attname] = value


class _DayField(models.DateField):
    """The first or the last day of a partial date, kept beside it so that the database can compare."""

    descriptor_class = _DayAttribute

    def __init__(self, of=None, edge=None, **kwargs):
        self.of, self.edge = of, edge
        super().__init__(**{"null": True, "editable": False, **kwargs})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of, "edge": self.edge}

    def contribute_to_class(self, cls, name, **kwargs):
        # In a migration both the partial date and this field are listed: the first one wins.
        if not any(field.name == name for field in cls._meta.local_fields):
            super().contribute_to_class(cls, name, **kwargs)


class PartialDateField(models.CharField):
    """A PartialDate or None, stored as ISO text beside ``<name>_first`` and ``<name>_last``.

    The two companions are added to the model, kept by every save, and are what queries compare.
    """

    descriptor_class = _PartialDateAttribute
    default_error_messages = {
        "invalid": _(
            "“%(value)s” is not a date this registry understands. Write a year (2013), a month (2015-05), "
            "a day (2017-11-21) or a period (2016/2018)."
        ),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 21, "null": True, "blank": True, **kwargs})

    def contribute_to_class(self, cls, name, private_only=False):
        super().contribute_to_class(cls, name, private_only)
        for edge in ("first", "last"):
            companion = _DayField(of=name, edge=edge, verbose_name=f"{name} {edge} day".replace("_", " "))
            cls.add_to_class(f"{name}_{edge}", companion)

    def to_python(self, value):
        if value is None or isinstance(value, PartialDate):
            return value
        if isinstance(value, date):
            value = value.isoformat()
        text = str(value).strip()
        if not text:
            return None
        try:
            return PartialDate.parse(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text}) from error

    def from_db_value(self, value, expression, connection):
        return PartialDate.parse(value) if value else None

    def get_prep_value(self, value):
        value = self.to_python(value)
        return value.text if value else None

    def value_to_string(self, obj):
        value = self.value_from_object(obj)
        return value.text if value else ""

    def formfield(self, **kwargs):
        # Not CharField's own: its limit is on what is stored, not on what may be typed.
        return super(models.CharField, self).formfield(
            **{"form_class": PartialDateFormField, "empty_value": None, **kwargs}
        )

    def run_validators(self, value):
        super().run_validators(value.text if value else value)


class DayField(models.DateField):
    """One exact day within the years the registry covers, or None when not known."""

    default_validators = [MinValueValidator(EARLIEST_DAY), MaxValueValidator(LATEST_DAY)]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"null": True, "blank": True, **kwargs})


def not_to_come(day: date) -> None:
    """Refuse a day on which nothing can have been done yet."""
    if day > timezone.localdate():
        raise ValidationError(_("This day has not come yet."), code="to_come")


class PastDayField(DayField):
    """The day on which somebody did something, so never one to come."""

    default_validators = [*DayField.default_validators, not_to_come]


def day_constraints(*names: str) -> list[models.CheckConstraint]:
    """CHECKs that each exact day lies within the years the registry covers, as every partial date does."""
    return [
        models.CheckConstraint(
            condition=models.Q(**{f"{name}__isnull": True})
            | models.Q(**{f"{name}__range": (EARLIEST_DAY, LATEST_DAY)}),
            name=f"%(app_label)s_%(class)s_{name}_in_range",
            violation_error_message=_("Give a day between the years 1000 and 2999."),
        )
        for name in names
    ]


def partial_date_constraints(*names: str) -> list[models.CheckConstraint]:
    """CHECKs that each partial date comes with both of its days, in order, or not at all."""
    constraints = []
    for name in names:
        columns = [name, f"{name}_first", f"{name}_last"]
        none = models.Q(**{f"{column}__isnull": True for column in columns})
        # Each is named: a comparison with NULL is not false, and a CHECK lets it pass.
        every = models.Q(**{f"{column}__isnull": False for column in columns})
        in_order = models.Q(**{f"{name}_last__gte": models.F(f"{name}_first")})
        constraints.append(
            models.CheckConstraint(
                condition=none | (every & in_order),
                name=f"%(app_label)s_%(class)s_{name}_days",
                violation_error_message=_("The date is stored without the days it covers; type it again."),
            )
        )
    return constraints

"""Dates as sources state them: a year, a month, a day or a period, never a day that nobody stated."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

_ONE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_EARLIEST_YEAR, _LATEST_YEAR = 1000, 2999


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
    if day:
        exact = date(year, month, day)
        return exact, exact
    if month:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)


def _shift_months(day: date, months: int) -> date:
    """``day`` moved by whole months, held at the end of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


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
        return super().formfield(**{"empty_value": None, **kwargs})

    def run_validators(self, value):
        super().run_validators(value.text if value else value)


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

"""Values that the site computes from stated ones: never stored, always shown with their formula.

“103.2 % of the previous year” is a level: with the level of the year it gives that of the year before. Two
measured points give a growth rate a year. Between two percentages the change is in percentage points.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from eccp.listing.wording import said_date, said_number
from eccp.records.vocabulary import FigureKind
from markets.models import Indicator, Observation

OF_PREVIOUS_YEAR = "% of the previous year"


@dataclass(frozen=True)
class Derived:
    """One computed value, how it is called and what it was computed from."""

    label: str
    value: str
    unit: str
    formula: str


def _is_exact(row: Observation) -> bool:
    """Whether it is one number for one year, on which one may reckon."""
    return row.value is not None and row.period is not None and row.period.first.year == row.period.last.year


def _digits(row: Observation) -> int:
    """How many digits its source gives."""
    return len(row.value.normalize().as_tuple().digits)


def rounded(value: Decimal, digits: int) -> Decimal:
    """``value`` with as many significant digits."""
    return value if not value else round(value, digits - 1 - value.adjusted())


def derived_values(indicator: Indicator) -> list[Derived]:
    """What follows from the observations of an indicator and of those that are a share of it."""
    rows = sorted(filter(_is_exact, indicator.observations.all()), key=lambda row: (row.period.first, row.key))
    found = []
    if indicator.unit == OF_PREVIOUS_YEAR and indicator.share_of:
        found += previous_levels(indicator.share_of, rows)
    elif indicator.unit.startswith("% of") and indicator.share_of:
        found += amounts(indicator.share_of, rows)
    for share in indicator.shares.all():
        if share.is_published and share.unit == OF_PREVIOUS_YEAR:
            found += previous_levels(indicator, filter(_is_exact, share.observations.all()))
    is_level = not indicator.unit.startswith(("%", "percentage", "rank"))
    for first, last in pairwise(rows):
        years = last.period.first.year - first.period.first.year
        if years and is_level and first.value:
            found.append(growth(first, last, years))
        elif years and indicator.unit.startswith("% "):
            found.append(change_in_points(first, last))
    return found


def _level_of(whole: Indicator, row: Observation) -> Observation | None:
    """The measured level of ``whole`` in the year of ``row``."""
    same = [level for level in whole.observations.all() if _is_exact(level) and level.kind == FigureKind.ACTUAL]
    return next((level for level in same if level.period.first.year == row.period.first.year), None)


def previous_levels(whole: Indicator, rows: Iterable[Observation]) -> list[Derived]:
    """The level of the year before each index “% of the previous year”."""
    found = []
    for row in rows:
        level = _level_of(whole, row)
        if level:
            value = rounded(level.value / (row.value / 100), min(_digits(level), _digits(row)))
            found.append(
                Derived(
                    _("Implied level of %(year)d") % {"year": row.period.first.year - 1},
                    said_number(value),
                    whole.unit,
                    f"{said_number(level.value)} ÷ ({said_number(row.value)} ÷ 100)",
                )
            )
    return found


def amounts(whole: Indicator, rows: Iterable[Observation]) -> list[Derived]:
    """What each share amounts to where the whole of that year is known."""
    found = []
    for row in rows:
        level = _level_of(whole, row)
        if level:
            value = rounded(level.value * row.value / 100, min(_digits(level), _digits(row)))
            found.append(
                Derived(
                    _("Implied amount of %(year)d") % {"year": row.period.first.year},
                    said_number(value),
                    whole.unit,
                    f"{said_number(row.value)} % × {said_number(level.value)}",
                )
            )
    return found


def growth(first: Observation, last: Observation, years: int) -> Derived:
    """The growth rate a year between two points."""
    rate = (float(last.value) / float(first.value)) ** (1 / years) - 1
    projected = last.kind != FigureKind.ACTUAL
    label = (
        _("Growth a year, %(first)s to %(last)s, as projected")
        if projected
        else _("Growth a year, %(first)s to %(last)s")
    )
    root = f"^(1 ÷ {years})" if years > 1 else ""
    return Derived(
        label % {"first": said_date(first.period), "last": said_date(last.period)},
        said_number(Decimal(f"{rate * 100:.1f}")),
        _("% a year"),
        f"({said_number(last.value)} ÷ {said_number(first.value)}){root} − 1",
    )


def change_in_points(first: Observation, last: Observation) -> Derived:
    """The change between two percentages, which is in points and no growth rate."""
    return Derived(
        _("Change, %(first)s to %(last)s") % {"first": said_date(first.period), "last": said_date(last.period)},
        said_number(last.value - first.value),
        _("percentage points"),
        f"{said_number(last.value)} % − {said_number(first.value)} %",
    )

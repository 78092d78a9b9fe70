"""Drawings: the geometry of the site's own charts, time lines and tile maps, as numbers that templates draw as SVG.

Nothing here knows colours or words of the page: a template gives each mark its class, and every drawing
stands beside a table that says the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WIDTH = 760  # of a drawing across the page, in its own coordinates; the page scales it
HALF = 600  # of a drawing that shares its row with another


def year_part(day: date) -> float:
    """A day as a number of years."""
    start = date(day.year, 1, 1)
    return day.year + (day - start).days / (date(day.year + 1, 1, 1) - start).days


def nice_step(span: float, most: int) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that needs at most ``most`` steps for ``span``."""
    step = 10.0**-6
    while True:
        for factor in (1, 2, 5):
            if span <= step * factor * most:
                return step * factor
        step *= 10


@dataclass(frozen=True)
class Tick:
    """A mark on an axis and what stands beside it."""

    at: float
    label: str


# ── Time lines ──


@dataclass(frozen=True)
class Span:
    """Something that lasted: from a start as precise as it is known to an end, or to no known end."""

    label: str
    url: str
    kind: str
    starts: date
    starts_by: date  # the last day on which an imprecise start may lie
    ends: date | None
    known_until: date | None  # for an open end: the last day on which a source speaks of it


@dataclass(frozen=True)
class Bar:
    """A span as drawn: certain from ``solid`` on, open towards the right where no end is known."""

    span: Span
    row: int
    x: float
    solid: float
    end: float
    open_end: float | None
    y: float

    @property
    def solid_width(self) -> float:
        return round(max(3.0, self.end - self.solid), 1)

    @property
    def doubt_width(self) -> float:
        """The time in which an imprecisely known start may lie."""
        return round(max(0.0, self.solid - self.x), 1)

    @property
    def open_width(self) -> float:
        return round(max(0.0, (self.open_end or 0) - self.end), 1)

    @property
    def label_y(self) -> float:
        return self.y - 6

    @property
    def is_late(self) -> bool:
        """Whether its label has more room towards the left."""
        return self.x > WIDTH * 0.6

    @property
    def label_x(self) -> float:
        return (self.open_end or self.end) if self.is_late else self.x


@dataclass(frozen=True)
class Point:
    """Something that happened at one time."""

    label: str
    kind: str
    x: float


@dataclass(frozen=True)
class TimeLine:
    """Spans and points on one axis of years, with a line at the day asked about."""

    bars: list[Bar]
    points: list[Point]
    ticks: list[Tick]
    on_x: float | None
    height: float
    points_y: float

    width = WIDTH

    @property
    def axis_y(self) -> float:
        return self.height - 22


def time_line(spans: Iterable[Span], on: date, points: Iterable[tuple[str, str, date]] = ()) -> TimeLine | None:
    """The time line of ``spans`` and ``points`` (label, kind, day); None where nothing is dated."""
    spans = sorted(spans, key=lambda span: (span.starts, span.label))
    points = list(points)
    days = [day for span in spans for day in (span.starts, span.starts_by, span.ends, span.known_until) if day]
    days += [day for _label, _kind, day in points]
    if not days:
        return None
    first, last = min(days).year, max(days).year + 1
    if on.year - last <= 12:
        last = max(last, on.year + 1)
    step = max(1, round(nice_step(last - first, 10)))
    left, right = 8.0, WIDTH - 22.0

    def x(day: date) -> float:
        return round(left + (year_part(day) - first) / (last - first) * (right - left), 1)

    row_height = 42
    bars = [
        Bar(
            span,
            row,
            x(span.starts),
            x(min(span.starts_by + timedelta(days=1), date(last, 1, 1))) if span.starts_by > span.starts else
            x(span.starts),
            x(span.ends or max(span.known_until or span.starts_by, span.starts_by)),
            None if span.ends else right,
            24 + row * row_height,
        )
        for row, span in enumerate(spans)
    ]  # fmt: skip
    points_y = 24 + len(bars) * row_height
    height = points_y + (34 if points else 0) + 22
    ticks = [Tick(x(date(year, 1, 1)), str(year)) for year in range(first, last + 1, step)]
    on_x = x(on) if first <= on.year < last else None
    return TimeLine(
        bars, [Point(label, kind, x(day)) for label, kind, day in points], ticks, on_x, height, points_y + 8
    )


# ── Values over time ──


@dataclass(frozen=True)
class Mark:
    """One observed, projected or aimed-at value: a height, or a range between two."""

    item: Any
    kind: str
    label: str
    x: float
    y: float
    y_low: float
    y_high: float
    is_range: bool
    is_floor: bool

    @property
    def left(self) -> float:
        return self.x - 8

    @property
    def head_x(self) -> float:
        return self.x - 6.5

    @property
    def head_y(self) -> float:
        return self.y - 6.5

    @property
    def label_y(self) -> float:
        return min(self.y, self.y_high) - (19 if self.is_floor else 12)

    @property
    def top(self) -> float:
        return min(self.y_low, self.y_high)

    @property
    def range_height(self) -> float:
        return round(max(2.0, abs(self.y_low - self.y_high)), 1)


@dataclass(frozen=True)
class Chart:
    """Values over time on a scale that begins at nought."""

    marks: list[Mark]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: float = WIDTH
    height: float = 300
    left: float = 64
    base: float = 262


def chart(observations: Iterable[Any], said: Callable[[Any], str], write: Callable[[Any], str]) -> Chart | None:
    """A chart of the dated observations; ``said`` writes a value, ``write`` a number of the scale."""
    dated = sorted((row for row in observations if row.period), key=lambda row: (row.period.first, row.key))
    if not dated:
        return None
    middles = [(year_part(row.period.first) + year_part(row.period.last)) / 2 for row in dated]
    bounds = [
        float(value) for row in dated for value in (row.value, row.value_low, row.value_high) if value is not None
    ]
    top = max([*bounds, 0.0]) * 1.12 or 1.0
    step = nice_step(top, 5)
    frame = Chart([], [], [])
    first, last = int(min(middles)), int(max(middles)) + 1
    if last - first < 4:
        first, last = first - 1, last + 1
    right = WIDTH - 30.0
    x_step = max(1, round(nice_step(last - first, 8)))

    def x(year: float) -> float:
        return round(frame.left + (year - first) / (last - first) * (right - frame.left), 1)

    def y(value: float) -> float:
        return round(frame.base - value / top * (frame.base - 28), 1)

    marks = []
    for row, middle in zip(dated, middles, strict=True):
        low, high = row.value_low, row.value_high
        is_range = row.value is None
        marks.append(
            Mark(
                row,
                str(row.kind),
                said(row),
                x(middle),
                y(float(row.value if not is_range else low if low is not None else high)),
                y(float(low)) if low is not None else frame.base,
                y(float(high)) if high is not None else y(float(low if low is not None else row.value)),
                is_range,
                is_range and high is None,
            )
        )
    return Chart(
        marks,
        [Tick(x(year + 0.5), str(year)) for year in range(first, last, x_step)],
        [Tick(y(at * step), write(at * step)) for at in range(int(top / step) + 1)],
    )


# ── Bars in parts ──


@dataclass(frozen=True)
class Part:
    """One part of a bar."""

    name: str
    count: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def has_room(self) -> bool:
        """Whether its count fits inside."""
        return self.width >= 9 + 8 * len(str(self.count))


@dataclass(frozen=True)
class PartedBar:
    """A bar in parts, its label and total beside it."""

    label: str
    url: str
    total: int
    parts: list[Part]
    y: float
    end: float

    @property
    def text_y(self) -> float:
        return self.y + 15


def parted_bars(
    lines: Iterable[tuple[str, str, dict[str, int]]], *, left: float = 210
) -> tuple[list[PartedBar], float]:
    """Bars on one scale for lines of label, address and counts by part; and the height of the drawing."""
    lines = list(lines)
    most = max((sum(counts.values()) for _label, _url, counts in lines), default=1) or 1
    scale = (HALF - left - 40) / most
    bars = []
    for at, (label, url, counts) in enumerate(lines):
        x, parts = left, []
        for name, count in counts.items():
            if count:
                parts.append(Part(name, count, round(x, 1), round(count * scale, 1)))
                x += count * scale
        bars.append(PartedBar(label, url, sum(counts.values()), parts, 4 + at * 28, round(x, 1)))
    return bars, 8 + len(lines) * 28


# ── Columns over the years ──


@dataclass(frozen=True)
class YearColumn:
    """One year of a chart of counts: parts stacked from the base."""

    year: int
    x: float
    width: float
    parts: list[tuple[str, int, float, float]]  # name, count, y, height
    total: int
    top: float
    is_labelled: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class YearChart:
    columns: list[YearColumn]
    y_ticks: list[Tick]
    base: float
    width: float = HALF
    height: float = 240
    left: float = 40


def year_chart(years: dict[int, dict[str, int]]) -> YearChart | None:
    """Stacked columns for counts by year and part."""
    if not years:
        return None
    most = max(sum(parts.values()) for parts in years.values()) or 1
    base, left, roof = 208, 40, 22
    room = (HALF - left - 8) / len(years)
    width = min(44.0, room * 0.72)
    every = -(-len(years) // 10)
    step = max(1, round(nice_step(most, 4)))
    scale = (base - roof) / most
    columns = []
    for at, (year, counts) in enumerate(years.items()):
        y, parts = base, []
        for name, count in counts.items():
            if count:
                y -= count * scale
                parts.append((name, count, round(y, 1), round(count * scale, 1)))
        x = left + at * room + (room - width) / 2
        columns.append(
            YearColumn(year, round(x, 1), round(width, 1), parts, sum(counts.values()), round(y, 1), at % every == 0)
        )
    return YearChart(columns, [Tick(round(base - at * scale, 1), str(at)) for at in range(0, most + 1, step)], base)


# ── Tile maps ──


SHADES = 4  # of tiles with a count, above that of an empty one


@dataclass(frozen=True)
class Tile:
    """A place on a tile map with its count and its shade among five."""

    code: str
    name: str
    count: int
    url: str
    shade: int
    x: int
    y: int


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    width: int
    height: int
    side: int


def tile_map(places: Iterable[tuple[Any, str, str, int, str]], side: int = 44) -> TileMap | None:
    """Places (with column and row), each with name, short code, count and address, as tiles of equal size."""
    places = [row for row in places if row[0].tile_column is not None]
    if not places:
        return None
    left = min(place.tile_column for place, *_rest in places)
    top = min(place.tile_row for place, *_rest in places)
    # Where all counts are small, one is no peak: it is not drawn as dark as can be.
    most = max(SHADES, *(count for _place, _name, _code, count, _url in places))
    pitch = side + 3
    tiles = [
        Tile(
            code,
            name,
            count,
            url,
            -(-SHADES * count // most) if count else 0,
            (place.tile_column - left) * pitch,
            (place.tile_row - top) * pitch,
        )
        for place, name, code, count, url in places
    ]
    return TileMap(tiles, max(tile.x for tile in tiles) + side, max(tile.y for tile in tiles) + side, side)

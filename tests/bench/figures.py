"""The arithmetic of a run: medians, spread, ratios, and whether a goal is met. Nothing here measures."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """What was measured several times of one thing: seconds, bytes, or a plain number."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> float:
        """The largest distance from the median, as a share of it."""
        if not self.median:
            return 0.0
        return max(abs(value - self.median) for value in self.values) / self.median


class Run:
    """The figures of one size on one database, by what was done and by whom."""

    def __init__(self, figures: dict[str, dict[str, Figure]] | None = None):
        self.figures = figures or {}

    def note(self, what: str, whom: str, value: float) -> None:
        """Add one measurement."""
        of = self.figures.setdefault(what, {})
        of[whom] = Figure((*of[whom].values, value) if whom in of else (value,))

    def get(self, what: str, whom: str) -> float | None:
        """The median, or None where it was not measured."""
        found = self.figures.get(what, {}).get(whom)
        return found.median if found else None

    def ratio(self, what: str, whom: str, to: str, what_to: str = "") -> float | None:
        """How many times ``whom`` takes of what ``to`` takes; None where either was not measured."""
        return divided(self.get(what, whom), self.get(what_to or what, to))

    def difference(self, what: str, whom: str, to: str, what_to: str = "") -> float | None:
        """How much more ``whom`` takes than ``to``; None where either was not measured."""
        one, other = self.get(what, whom), self.get(what_to or what, to)
        return None if one is None or other is None else one - other

    def as_json(self) -> dict:
        return {
            what: {whom: list(figure.values) for whom, figure in found.items()} for what, found in self.figures.items()
        }


def divided(one: float | None, other: float | None) -> float | None:
    """``one / other``; None where either is missing or the other is nothing."""
    return one / other if one is not None and other else None


Runs = dict[int, Run]  # by size, of one database


@dataclass(frozen=True)
class Goal:
    """One line of what is asked: a figure taken from the runs of one database, and its bound."""

    what: str
    figure: Callable[[Runs], float | None]
    bound: float
    unit: str = "×"
    is_floor: bool = False  # whether the figure should reach the bound rather than stay under it
    database: str = ""  # asked of one database only

    def judge(self, runs: Runs) -> tuple[float | None, bool | None]:
        """The figure and whether it meets the goal; None and None where it was not measured."""
        found = self.figure(runs)
        if found is None:
            return None, None
        return found, found >= self.bound if self.is_floor else found <= self.bound


def at(size: int, figure: Callable[[Run], float | None]) -> Callable[[Runs], float | None]:
    """A figure of the run of one size, None where that size was not run."""
    return lambda runs: figure(runs[size]) if size in runs else None


def times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor

"""Completeness: which lines of a paper the registry cites, and why the others carry no citation.

``fixtures/<paper>/coverage.yml`` holds the paper's sections, the numbers of the lines that say something,
and the reasons for those that state no fact of the registry; never the paper's text.
"""

from dataclasses import dataclass
from pathlib import Path

from eccp.records import papers
from eccp.records.models import Citation


@dataclass(frozen=True)
class Uncited:
    """Lines that carry no citation, and why."""

    first: int
    last: int
    reason: str


@dataclass
class Section:
    """A section of a paper: its substantive lines, those cited, those excused and those forgotten."""

    number: str
    title: str
    lines: frozenset[int]
    cited: frozenset[int]
    uncited: list[Uncited]

    @property
    def forgotten(self) -> list[int]:
        """Substantive lines with neither a citation nor a reason."""
        excused = {line for row in self.uncited for line in range(row.first, row.last + 1)}
        return sorted(self.lines - self.cited - excused)

    @property
    def idle(self) -> list[Uncited]:
        """Reasons given for lines that are cited after all, every one of them."""
        return [row for row in self.uncited if set(range(row.first, row.last + 1)) & self.lines <= self.cited]


def line_numbers(text: str) -> frozenset[int]:
    """``50, 52-54`` as the set of its lines."""
    lines: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        lines |= set(range(int(first), int(last or first) + 1))
    return frozenset(lines)


def coverage(path: Path) -> list[Section]:
    """The sections of the paper whose ``coverage.yml`` is at ``path``, in its order."""
    document = papers.document(path)
    cited: set[int] = set()
    paper = document["source"]
    located = Citation.objects.public().filter(line_first__isnull=False)
    for first, last, source, through in located.values_list(
        "line_first", "line_last", "source__slug", "source__cited_through__slug"
    ):
        if paper in (source, through):
            cited |= set(range(first, (last or first) + 1))
    return [
        Section(
            number=section["section"],
            title=section["title"],
            lines=(lines := line_numbers(section["lines"])),
            cited=frozenset(cited & lines),
            uncited=[
                Uncited(int(row["lines"][0]), int(row["lines"][1]), row["reason"])
                for row in document["uncited"]
                if int(row["lines"][0]) in range(int(section["first"]), int(section["last"]) + 1)
            ],
        )
        for section in document["sections"]
    ]

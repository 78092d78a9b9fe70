"""The paper reproduced: every count, table cell and rate it prints, computed again from the registry.

The checks of a paper stand in ``fixtures/<paper>/reproduce.yml``. Each says what the paper states and how
the registry computes the same: a count of a list under a query, a cell of a list, or a formula over stored
values written ``<record>:<key>``.
"""

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.http import QueryDict

from eccp.listing.columns import SEPARATOR
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.question import Question
from eccp.records import papers
from eccp.records.models import ReportedFigure
from eccp.records.vocabulary import PublicationStatus
from markets.models import Observation

NONE = "none"
_REFERENCE = re.compile(r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*):([A-Za-z0-9-]+)")
_OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}


@dataclass(frozen=True)
class Result:
    """One thing the paper prints beside what the registry makes of it."""

    id: str
    place: str
    says: str
    stated: str
    computed: str | None
    explanation: str

    @property
    def agrees(self) -> bool | None:
        """Whether the two are the same; None where one of them does not exist."""
        if self.computed is None or self.stated == NONE:
            return None
        return _comparable(self.stated) == _comparable(self.computed)


def _comparable(text: str):
    """A number by its value, several values without their order."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return sorted(part.strip().casefold() for part in text.split(SEPARATOR.strip()))


def reproduce(path: Path, today: date) -> list[Result]:
    """Compute every check of the file ``path``; raises ValueError naming the check that cannot be computed."""
    return [_result(check, today) for check in papers.document(path)["checks"]]


def _result(check: dict, today: date) -> Result:
    try:
        computed = _compute(check, today)
    except (ArithmeticError, LookupError, SyntaxError, ValueError) as problem:
        raise ValueError(f"{check['id']}: {problem}") from problem
    first, last = check["lines"]
    lines = f"line {first}" if first == last else f"lines {first}–{last}"
    place = f"section {check['section']}, {lines}"
    return Result(check["id"], place, check["says"], check["stated"], computed, check["explanation"])


def _compute(check: dict, today: date) -> str | None:
    if check.get("computed") == NONE:
        return None
    if "formula" in check:
        places = Decimal(1).scaleb(-int(check.get("decimals", 0)))
        return f"{evaluate(check['formula']).quantize(places):f}"
    question = Question(index.snapshot(LISTINGS[check["list"]]), QueryDict(check.get("query", "")), today)
    if question.problems:
        raise ValueError(question.problems)
    if "column" not in check:
        return str(question.count)
    column = question.snapshot.columns[check["column"]]
    at = question.snapshot.find(check["row"])
    return column.text(question.snapshot.cell(at, column, question.on))


def evaluate(formula: str) -> Decimal:
    """The value of a formula over numbers and stored values; LookupError names a value that is not there."""
    values: list[Decimal] = []

    def stored(found: re.Match) -> str:
        values.append(_value(*found.groups()))
        return f"v[{len(values) - 1}]"

    def walk(node: ast.expr) -> Decimal:
        match node:
            case ast.Constant(value=int() | float()):
                return Decimal(str(node.value))
            case ast.Subscript(slice=ast.Constant(value=int(at))):
                return values[at]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](walk(left), walk(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -walk(operand)
        raise ValueError(f"a formula holds numbers, stored values and + - * / ** only: {formula}")

    return walk(ast.parse(_REFERENCE.sub(stored, formula), mode="eval").body)


def _value(record: str, key: str) -> Decimal:
    """The single value of an observation of an indicator, or of a reported figure, known by record and key."""
    published = PublicationStatus.PUBLISHED
    found = Observation.objects.filter(
        indicator__slug=record, indicator__publication_status=published, key=key, value__isnull=False
    ) or ReportedFigure.objects.filter(
        record__slug=record, record__publication_status=published, key=key, value__isnull=False
    )
    if len(found) != 1:
        raise LookupError(f"{record}:{key} is not one stored value")
    return found[0].value

"""Cross-tabulation: the rows of a question counted by two of its list's words of choice.

Every number is a count of distinct rows, an intersection of the bitmaps that also give the facets. A row
may have several values of a word, so totals are counted, never summed.
"""

import csv
import difflib
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from pyroaring import BitMap

from eccp.listing import files
from eccp.listing.addresses import crosstab_path, with_query
from eccp.listing.fields import UNKNOWN
from eccp.listing.index import Snapshot, index
from eccp.listing.lines import guarded
from eccp.listing.question import Question
from eccp.listing.refusing import refusal
from eccp.listing.views import ListFile, ListingView, as_attachment, today
from eccp.listing.words import RecordWord
from eccp.records.text import clean

MOST_ROWS = 60
MOST_COLUMNS = 40
SHADES = 4  # above the empty cell's


@dataclass(frozen=True)
class Value:
    """One row or column of the table: a value of its word, or all values for which there was no room."""

    code: str  # "" for those left out
    label: str
    rows: BitMap
    depth: int = 0

    @property
    def count(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Axis:
    """One of the two words with the values that have rows."""

    name: str
    label: str
    values: list[Value]
    left_out: int


@dataclass(frozen=True)
class Cell:
    """How many rows have both values, with the address of the list of exactly these."""

    count: int
    url: str
    shade: int


class Crosstab(Question):
    """A question with two words more: ``rows`` and ``columns`` name the words of choice to count by."""

    def __init__(
        self,
        snapshot: Snapshot,
        data: QueryDict,
        today: date,
        *,
        refused: frozenset[str] = frozenset(),
        is_file: bool = False,
    ):
        data = data.copy()
        asked = {axis: data.pop(axis, []) for axis in ("rows", "columns")}
        super().__init__(snapshot, data, today, refused=refused)
        self.facet_words = self.listing.facet_words()
        for name in {"sort", "page", "per_page"} & set(data):
            self.problems[name] = [gettext("A cross-tabulation is neither sorted nor paged: leave this out.")]
        for axis, names in asked.items():
            if problem := self._judge(names, is_file):
                self.problems[axis] = [problem]
        self.down, self.across = (next(iter(names), "") for names in asked.values())
        if self.down and self.down == self.across:
            self.problems["columns"] = [gettext("Rows and columns must be two different filters.")]

    def _judge(self, names: list[str], is_needed: bool) -> str:
        """What is wrong with the choice of an axis."""
        if len(names) > 1:
            return gettext("Give this only once.")
        name = next(iter(names), "")
        if name in self.facet_words or not (name or is_needed):
            return ""
        said = gettext("Choose the filter by which to count. There are: %(names)s.")
        near = difflib.get_close_matches(name, self.facet_words, 1)
        hint = gettext("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
        return f"{hint} {said % {'names': ', '.join(self.facet_words)}}".strip()

    @property
    def is_complete(self) -> bool:
        """Whether both words are chosen, so that there is a table."""
        return bool(self.down and self.across and not self.problems)

    # ── the table ──

    @cached_property
    def row_axis(self) -> Axis:
        return self._axis(self.down, MOST_ROWS)

    @cached_property
    def column_axis(self) -> Axis:
        return self._axis(self.across, MOST_COLUMNS)

    def _axis(self, name: str, most: int) -> Axis:
        """The values of a word that have rows: those with most rows, then what there was no room for as one."""
        facet = self.snapshot.facet(name, self.on)
        rows = {code: found for code in facet if self._is_asked(name, code) and (found := facet[code] & self.rows)}
        counts = {code: len(found) for code, found in rows.items()}
        ranked = sorted(rows, key=lambda code: (code != UNKNOWN, -counts[code], code))
        labels, rest = self.labels(name, ranked[:most]), ranked[most:]
        values = [Value(code, labels[code], rows[code], depth) for code, depth in self.in_order(name, labels, counts)]
        if rest:
            said = ngettext("%(count)d other value", "%(count)d other values", len(rest)) % {"count": len(rest)}
            values.append(Value("", said, BitMap.union(*(rows[code] for code in rest))))
        return Axis(name, str(self.filterset.filters[name].label), values, len(rest))

    def _is_asked(self, name: str, code: str) -> bool:
        """Whether the choice of ``name`` itself, if there is one, admits ``code``: chosen, or under what is chosen.

        “Germany or France” by country has two rows. Their partners from elsewhere would be rows whose list
        no address can ask for, because within one word several values mean “or”.
        """
        chosen, word = self.chosen.get(name), self.filterset.filters[name]
        if not chosen:
            return True
        while code and code not in chosen:
            code = word.parent_of(code, self.snapshot.directory) if isinstance(word, RecordWord) else ""
        return bool(code)

    @cached_property
    def counts(self) -> list[list[int]]:
        """The number of rows for each value of the rows’ word, by the values of the columns’ word."""
        return [
            [down.rows.intersection_cardinality(across.rows) for across in self.column_axis.values]
            for down in self.row_axis.values
        ]

    @cached_property
    def largest(self) -> int:
        """The count in the fullest cell."""
        return max((count for line in self.counts for count in line), default=0)

    def shade(self, count: int) -> int:
        """The class of a count among five: 0 for none, then by quarters of the largest."""
        return -(-SHADES * count // self.largest) if count else 0

    @property
    def legend(self) -> list[tuple[int, int, int]]:
        """Each class of shade that can occur with its least and its greatest count."""
        edges = [self.largest * shade // SHADES for shade in range(SHADES + 1)]
        steps = [(shade, edges[shade - 1] + 1, edges[shade]) for shade in range(1, SHADES + 1)]
        return [(0, 0, 0), *(step for step in steps if step[1] <= step[2])]

    def table(self) -> list[tuple[Value, str, list[Cell]]]:
        """Each row of the table: its value, the address of its list, its cells."""
        return [
            (down, self.list_url(down), [
                Cell(count, self.list_url(down, across) if count else "", self.shade(count))
                for across, count in zip(self.column_axis.values, line, strict=True)
            ])
            for down, line in zip(self.row_axis.values, self.counts, strict=True)
        ]  # fmt: skip

    # ── addresses ──

    def list_url(self, down: Value | None = None, across: Value | None = None) -> str:
        """The list of the rows that have the given values; "" where a value stands for those left out."""
        chosen = {self.down: down, self.across: across}
        if any(value and not value.code for value in chosen.values()):
            return ""
        return self.url(**{name: value.code for name, value in chosen.items() if value})

    def column_heads(self) -> list[tuple[Value, str]]:
        return [(value, self.list_url(across=value)) for value in self.column_axis.values]

    def crosstab_url(self, form: str = "", *, is_turned: bool = False) -> str:
        """The address of this table, as a file or with rows and columns changed over."""
        axes = self._axis_pairs(*((self.across, self.down) if is_turned else (self.down, self.across)))
        return with_query(crosstab_path(self.listing.name, form), [*axes, *self.pairs])

    @property
    def turned_url(self) -> str:
        return self.crosstab_url(is_turned=True)

    @cached_property
    def redirect_pairs(self):
        pairs = super().redirect_pairs
        return pairs and [*self._axis_pairs(self.down, self.across), *pairs]

    @staticmethod
    def _axis_pairs(down: str, across: str) -> list[tuple[str, str]]:
        return [(axis, name) for axis, name in (("rows", down), ("columns", across)) if name]


class CrosstabView(ListingView):
    """What answers for a cross-tabulation."""

    refused = frozenset({"bom"})

    def ask(self, request):
        snapshot = index.snapshot(self.listing)
        return Crosstab(snapshot, request.GET, today(), refused=self.refused, is_file=bool(self.form))


class CrosstabPage(CrosstabView):
    """The table as a page, with the form to choose its two words."""

    def answer(self, question, status: int = 200):
        downloads = [(form.upper(), question.crosstab_url(form)) for form in ("csv", "json")]
        context = {"listing": self.listing, "crosstab": question, "downloads": downloads}
        return render(self.request, "listing/crosstab.html", context, status=status)

    def refuse(self, question):
        return self.answer(question, status=400)


class CrosstabCsv(CrosstabView):
    """The table as CSV: a line for each value of the rows’ word, a column for each of the columns’ word."""

    form = "csv"
    refused = frozenset()
    refuse = ListFile.refuse

    def answer(self, question):
        stored = io.StringIO(newline="")
        if question.controls.cleaned_data["bom"]:
            stored.write(files.BOM)
        csv.writer(stored, lineterminator="\r\n").writerows(csv_lines(question))
        response = HttpResponse(stored.getvalue(), content_type="text/csv; charset=utf-8; header=present")
        response["Content-Disposition"] = as_attachment(question, self.form, question.down, question.across)
        return response


def csv_lines(question: Crosstab) -> list[list[str | int]]:
    """The table as lines of a file, header first; text is guarded against being run as a formula."""
    across = question.column_axis.values
    said = Counter(value.label for value in across)
    heads = [value.label if said[value.label] == 1 else f"{value.label} ({value.code})" for value in across]
    lines = [[question.down, f"{question.down}_code", *heads, "total"]]
    for value, counts in zip(question.row_axis.values, question.counts, strict=True):
        lines.append([value.label, value.code, *counts, value.count])
    lines.append(["total", "", *(value.count for value in across), question.count])
    return [[guarded(clean(cell) or "") if isinstance(cell, str) else cell for cell in line] for line in lines]


class CrosstabJson(CrosstabView):
    """The table as JSON."""

    form = "json"

    def answer(self, question):
        return JsonResponse(as_json(question), json_dumps_params={"ensure_ascii": False})

    def refuse(self, question):
        return refusal(self.request, question.problems, is_data=True)


def as_json(question: Crosstab) -> dict[str, Any]:
    """The table with what it counts; ``id`` is null for the values for which there was no room."""

    def axis(of: Axis) -> dict[str, Any]:
        values = [{"id": value.code or None, "name": value.label, "total": value.count} for value in of.values]
        return {"word": of.name, "name": of.label, "left_out": of.left_out, "values": values}

    return {
        "count": question.count,
        "as_of": question.on.isoformat(),
        "query": question.sentence,
        "licence": files.LICENCE,
        "rows": axis(question.row_axis),
        "columns": axis(question.column_axis),
        "counts": question.counts,
    }

"""A question to a list: what a query string asks, judged, said in words, counted and answered."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from heapq import nlargest
from operator import attrgetter
from typing import NamedTuple
from weakref import WeakKeyDictionary

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from eccp.listing.addresses import file_path, list_path, with_query
from eccp.listing.columns import Cell, Column, DayWord
from eccp.listing.fields import UNKNOWN, OneTextField
from eccp.listing.index import Snapshot
from eccp.listing.snapshot import Row
from eccp.listing.words import BoundWord, ChoiceWord, ListingFilterSet, RecordWord, SearchWord

PER_PAGE = 50
MOST_PER_PAGE = 200
MOST_COUNTED_VALUES = 2000  # of one word; with more, as of organisations, a page shows those chosen and says how many
MOST_FACET_VALUES = 500  # of one word on a page; nobody reads through more, and the rarest can still be asked for


class Controls(forms.Form):
    """The words of an address that choose how the answer is shown, not what it is."""

    sort = OneTextField(required=False, help_text=_("A column name, with “-” before it for descending order."))
    page = OneTextField(required=False, help_text=_("A page, from 1; a page past the end is not found."))
    per_page = OneTextField(required=False, help_text=_("Rows on a page, at most 200."))
    columns = OneTextField(
        required=False, max_length=2000, help_text=_("Column names with commas between, in the order wished.")
    )
    bom = OneTextField(required=False, help_text=_("0 leaves the byte order mark out of a CSV, 1 is the default."))

    def __init__(self, data, *, snapshot: Snapshot, refused: frozenset[str]):
        super().__init__(data)
        self.snapshot, self.refused = snapshot, refused

    def _number(self, name: str, most: int, default: int) -> int:
        text = self.cleaned_data[name]
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
            raise ValidationError(_("Give a whole number from 1 to %(most)d."), params={"most": most})
        return int(text)

    def clean_page(self):
        return self._number("page", 10**9 - 1, 1)

    def clean_per_page(self):
        return self._number("per_page", MOST_PER_PAGE, PER_PAGE)

    def clean_bom(self):
        text = self.cleaned_data["bom"]
        if text not in ("", "0", "1"):
            raise ValidationError(_("Give 0 to leave the byte order mark out, or 1."))
        return text != "0"

    def clean_sort(self):
        text = self.cleaned_data["sort"]
        if text and text.removeprefix("-") not in self.snapshot.columns:
            raise ValidationError(self._no_column(text.removeprefix("-")))
        return text

    def clean_columns(self):
        text = self.cleaned_data["columns"]
        names = text.split(",") if text else []
        for name in names:
            if name not in self.snapshot.columns:
                raise ValidationError(self._no_column(name))
        return list(dict.fromkeys(names))

    def _no_column(self, name: str) -> str:
        said = gettext("“%(name)s” is not a column of this list. There are: %(columns)s.")
        return said % {"name": name[:40], "columns": ", ".join(self.snapshot.columns)}

    def clean(self):
        for name in self.refused & set(self.data):
            self.errors.pop(name, None)  # whatever is wrong with its value
            self.add_error(name, _("This address does not take this: leave it out."))


#: The facets of whole lists today, by snapshot and language: what is kept of a snapshot goes with it.
_of_whole_lists: WeakKeyDictionary[Snapshot, dict[str, tuple[date, list["Facet"]]]] = WeakKeyDictionary()


class FacetValue(NamedTuple):
    """One value of a word, with the rows one would see if one chose it too."""

    code: str
    label: str
    count: int
    is_chosen: bool
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """A word of choice with its values and their counts."""

    name: str
    label: str
    help: str
    values: list[FacetValue]
    #: How many values there was no room for: those with fewest rows, or all but those chosen.
    left_out: int = 0

    @cached_property
    def is_chosen(self) -> bool:
        """Whether one of its values is."""
        return any(map(attrgetter("is_chosen"), self.values))

    @cached_property
    def written(self) -> dict[str, str]:
        """What a page has written of it, by part: the facets of a whole list are the same for everybody."""
        return {}


@dataclass(frozen=True)
class Chip:
    """One chosen value, with the address of the same question without it."""

    word: str
    label: str
    text: str
    remove_url: str


class Question:
    """What one query string asks of one list; ``problems`` are said by word, and then there are no rows."""

    def __init__(self, snapshot: Snapshot, data: QueryDict, today: date, *, refused: frozenset[str] = frozenset()):
        self.snapshot, self.data, self.listing = snapshot, data, snapshot.listing
        self.filterset: ListingFilterSet = self.listing.filterset_class(
            data, queryset=snapshot.queryset, directory=snapshot.directory, today=today
        )
        self.controls = Controls(data, snapshot=snapshot, refused=refused)
        self.problems: dict[str, list[str]] = {
            **self.filterset.problems,
            **{name: [str(text) for text in texts] for name, texts in self.controls.errors.items()},
        }

    @property
    def on(self) -> date:
        """The day derived values are asked for."""
        return self.filterset.on

    @cached_property
    def chosen(self) -> dict:
        return self.filterset.chosen if not self.problems else {}

    # ── rows ──

    def _rows_of(self, name: str) -> BitMap:
        """The rows that one chosen word admits."""
        word, value = self.filterset.filters[name], self.chosen[name]
        if isinstance(word, ChoiceWord):
            rows = self.snapshot.facet(name, self.on)
            return BitMap.union(BitMap(), *(rows[code] for code in value if code in rows))
        if isinstance(word, BoundWord):
            return self.snapshot.within(word, value)
        if isinstance(word, SearchWord):
            return self.snapshot.matching(value)
        return self.snapshot.all

    @cached_property
    def _admitted(self) -> dict[str, BitMap]:
        return {name: self._rows_of(name) for name in self.chosen}

    def rows_without(self, *names: str) -> BitMap:
        """The rows the question would have if the words ``names`` were not chosen."""
        rows = self.snapshot.all
        for name, admitted in self._admitted.items():
            if name not in names:
                rows = rows & admitted
        return rows

    @cached_property
    def rows(self) -> BitMap:
        """The rows asked for; none when the question is bad."""
        return BitMap() if self.problems else self.rows_without()

    @property
    def count(self) -> int:
        return len(self.rows)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns asked for, else all that the list declares."""
        names = [] if self.problems else self.controls.cleaned_data["columns"]
        return [self.snapshot.columns[name] for name in names] or list(self.listing.columns)

    @cached_property
    def shown_columns(self) -> list[Column]:
        """The columns of the page: those asked for, else those declared as shown."""
        if not self.problems and self.controls.cleaned_data["columns"]:
            return self.columns
        return [column for column in self.listing.columns if column.shown]

    def window(self, first: int, last: int) -> list[int]:
        """The rows asked for from ``first`` on and before ``last``, in the order asked for."""
        return list(self.snapshot.in_order(self.rows, self._order, first, last))

    @property
    def _order(self):
        sort = (self.controls.cleaned_data["sort"] if not self.problems else "") or self.listing.default_sort
        return self.snapshot.order(sort.removeprefix("-"), sort.startswith("-"), self.on)

    @cached_property
    def ordered(self) -> array:
        """All rows asked for, in the order asked for."""
        return array("I", self.snapshot.in_order(self.rows, self._order, 0, self.count))

    def settle(self) -> None:
        """Read all that the answer needs, so that what is streamed later is of one version."""
        _ = self.ordered, self.sentence

    def table(self, columns: list[Column], places: Iterable[int]) -> Iterator[tuple[Row, list[Cell]]]:
        """The rows at ``places``, each with its cells of ``columns``."""
        days = {column.name for column in columns if isinstance(column, DayWord)}
        for at in places:
            row = self.snapshot.row(at)
            yield (
                row,
                [
                    self.snapshot.cell(at, column, self.on) if column.name in days else row.cell(column)
                    for column in columns
                ],
            )

    def cells(self, columns: list[Column], places: Iterable[int]) -> Iterator[list[Cell]]:
        """The rows at ``places``, each as the cells of ``columns``."""
        return (cells for _row, cells in self.table(columns, places))

    # ── addresses ──

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The chosen words as they stand in the address, without the page."""
        return [
            (name, value)
            for name, values in self.data.lists()
            for value in dict.fromkeys(values)
            if value and name not in ("page", "per_page", "bom")
        ]

    def url(self, *, without: tuple[str, str] | str | None = None, **added: str) -> str:
        """The list's page for the same question, with a pair (or a whole word) left out or words set."""
        pairs = [pair for pair in self.pairs if pair != without and pair[0] != without and pair[0] not in added]
        return with_query(list_path(self.listing.name), pairs + list(added.items()))

    @property
    def canonical_url(self) -> str:
        """The one address for all orders in which the same question can be asked."""
        return with_query(list_path(self.listing.name), sorted(self.pairs))

    def file_url(self, form: str) -> str:
        return with_query(file_path(self.listing.name, form), self.pairs)

    @cached_property
    def redirect_pairs(self) -> list[tuple[str, str]] | None:
        """The same question with old ids replaced by the newest, if it holds any."""
        pairs, has_moved = [], False
        for name, values in self.data.lists():
            word = self.filterset.filters.get(name)
            for value in values:
                new = word.moved(value, self.snapshot.directory) if isinstance(word, ChoiceWord) else None
                has_moved = has_moved or bool(new)
                pairs.append((name, new or value))
        return list(dict.fromkeys(pairs)) if has_moved else None

    # ── words ──

    def _labels(self, name: str) -> Mapping[str, str]:
        return self.filterset.form.fields[name].labels

    @cached_property
    def said(self) -> list[str]:
        """The chosen words in words, one phrase each; the day last."""
        said = []
        for name, value in self.chosen.items():
            word = self.filterset.filters[name]
            if name != "as_of":
                said.append(word.say(value, self._labels(name) if word.is_choice else {}))
        if "as_of" in self.chosen:
            said.append(self.filterset.filters["as_of"].say(date_format(self.on, "DATE_FORMAT"), {}))
        return said

    @cached_property
    def sentence(self) -> str:
        """What the page shows: “12 partnerships with Germany or France, in Health”."""
        counted = self.listing.counted % {"count": self.count}
        if not self.said:
            return counted
        # Translators: “12 partnerships” and “with Germany or France, in Health”. Japanese has them the other way round.
        said = gettext("%(counted)s %(phrases)s")
        return said % {"counted": counted, "phrases": pgettext("between phrases", ", ").join(self.said)}

    @cached_property
    def chips(self) -> list[Chip]:
        """Every chosen value, removable."""
        chips = []
        for name, value in self.chosen.items():
            word = self.filterset.filters[name]
            if word.is_choice:
                labels = self._labels(name)
                for code in value:
                    text = gettext("not known") if code == UNKNOWN else str(labels[code])
                    chips.append(Chip(name, str(word.label), text, self.url(without=(name, code))))
            else:
                text = date_format(value, "DATE_FORMAT") if isinstance(value, date) else str(value)
                chips.append(Chip(name, str(word.label), text, self.url(without=name)))
        return chips

    @cached_property
    def hidden_for_no_date(self) -> list[tuple[str, int]]:
        """For each chosen time, how many rows it hides only because their date is not known."""
        hidden = []
        for of in {word.of for name in self.chosen if isinstance(word := self.filterset.filters[name], BoundWord)}:
            names = [name for name, word in self.filterset.filters.items() if getattr(word, "of", None) == of]
            count = self.rows_without(*names).intersection_cardinality(self.snapshot.undated(of))
            label = self.snapshot.columns[of].label if of in self.snapshot.columns else of
            if count:
                hidden.append((str(label), count))
        return hidden

    @cached_property
    def notices(self) -> list[str]:
        """What has to be said beside the answer, on the page and in files."""
        return [
            ngettext(
                "%(rows)s row has no known date under “%(label)s” and is not shown.",
                "%(rows)s rows have no known date under “%(label)s” and are not shown.",
                count,
            )
            % {"rows": count, "label": label}
            for label, count in self.hidden_for_no_date
        ]

    @cached_property
    def ways_out(self) -> list[tuple[Chip, int]]:
        """When nothing is found: the chosen words whose removal would give rows, most rows first."""
        found = []
        for name in dict.fromkeys(chip.word for chip in self.chips if chip.word != "as_of"):
            count = len(self.rows_without(name))
            texts = [chip.text for chip in self.chips if chip.word == name]
            label = str(self.filterset.filters[name].label)
            if count:
                found.append((Chip(name, label, ", ".join(texts), self.url(without=name)), count))
        return sorted(found, key=lambda way: -way[1])

    # ── facets ──

    def facet_counts(self, name: str, codes: Iterable[str] | None = None) -> dict[str, int]:
        """How many rows one would see for each value (of ``codes``), its own choice ignored, all others obeyed."""
        others, facet = self.rows_without(name), self.snapshot.facet(name, self.on)
        asked = facet.items() if codes is None else ((code, facet[code]) for code in codes if code in facet)
        if len(others) == len(self.snapshot):
            return {code: len(rows) for code, rows in asked}
        return {code: rows.intersection_cardinality(others) for code, rows in asked}

    @cached_property
    def facets(self) -> list[Facet]:
        """Every word of choice with the values that have rows, and those chosen.

        Where nothing is asked they are the same for everybody until the data, the day or the language is another.
        """
        if self.problems:
            return []
        if self.chosen:
            return self._facets()
        language, kept = get_language(), _of_whole_lists.setdefault(self.snapshot, {})
        on, facets = kept.get(language, (None, []))
        if on != self.on:
            facets = self._facets()
            kept[language] = self.on, facets
        return facets

    def _facets(self) -> list[Facet]:
        words = self.filterset.filters.items()
        return [self._facet(name, word) for name, word in words if word.is_choice and word.facet]

    def _facet(self, name: str, word: ChoiceWord) -> Facet:
        chosen, rows = self.chosen.get(name, []), self.snapshot.facet(name, self.on)
        is_listed = len(rows) <= MOST_COUNTED_VALUES
        counts = self.facet_counts(name, None if is_listed else chosen)
        found = [code for code, count in counts.items() if count]
        most = found
        if len(found) > MOST_FACET_VALUES:
            most = nlargest(MOST_FACET_VALUES, found, key=lambda code: (counts[code], code))
        labels, values = self.labels(name, {*most, *chosen}), []
        # Hamburg is a region of two levels: where a name stands twice, its code tells which.
        alike = {label for label, times in Counter(labels.values()).items() if times > 1}
        for code, depth in self.in_order(name, labels, counts):
            label = labels[code]
            label = f"{label} ({code})" if label in alike else label
            values.append(FacetValue(code, label, counts.get(code, 0), code in chosen, depth))
        left_out = len(found if is_listed else rows) - len(most)
        return Facet(name, str(word.label), str(word.extra.get("help_text", "")), values, left_out)

    def in_order(self, name: str, labels: Mapping[str, str], counts: dict[str, int]) -> list[tuple[str, int]]:
        """The values with ``labels`` and their depth: records as a tree, most rows first, vocabularies as declared."""
        word = self.filterset.filters[name]
        if isinstance(word, RecordWord):
            codes = sorted(labels.keys() - {UNKNOWN})
            codes.sort(key=labels.__getitem__)
            codes.sort(key=(dict.fromkeys(codes, 0) | counts).__getitem__, reverse=True)
            order = _tree(codes, word.parents(self.snapshot.directory))
        else:
            order = [(code, 0) for code in self._labels(name) if code in labels]
        return [*order, (UNKNOWN, 0)] if UNKNOWN in labels else order

    def labels(self, name: str, codes: Iterable[str]) -> dict[str, str]:
        """Values of a word in words."""
        known = self._labels(name)
        return {code: gettext("not known") if code == UNKNOWN else str(known[code]) for code in codes}


def _tree(codes: list[str], parents: Mapping[str, str]) -> list[tuple[str, int]]:
    """Codes with their depth: each under its nearest ancestor among them, else in the order given."""
    shown = set(codes)
    children: dict[str, list[str]] = {}
    for code in codes:
        parent = parents.get(code, "")
        while parent and parent not in shown:
            parent = parents.get(parent, "")
        children.setdefault(parent, []).append(code)
    order: list[tuple[str, int]] = []

    def walk(parent: str, depth: int) -> None:
        for code in children[parent]:
            order.append((code, depth))
            if code in children:
                walk(code, depth + 1)

    if children:
        walk("", 0)
    return order

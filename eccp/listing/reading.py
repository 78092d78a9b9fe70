"""Rows read from the database: each as it is kept, with what counts, finds and names it."""

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db.models import Q
from django.utils.translation import override

from eccp.listing.columns import Cell, Date, Many, One, Texts
from eccp.listing.directory import Directory, Ref
from eccp.listing.fields import UNKNOWN
from eccp.listing.lines import kept_line
from eccp.listing.ways import Asked
from eccp.listing.words import BoundWord, ChoiceWord, RecordWord
from eccp.records.models import TreeModel, record_models
from eccp.records.text import searchable
from eccp.records.turning import Turn

_READ_AT_ONCE = 2000  # rows, with all that belongs to them


class Read(NamedTuple):
    """A row as it was read: as it is kept, its traits, its cells, what names itself, and all that its cells name.

    Traits are what counts and finds it besides: the days of its dates, the values of its words and those that turn with
    the day, its own text. Pages and files need none of them.
    """

    row: dict[str, Any]
    traits: dict[str, Any]
    cells: list[Cell]
    own: Ref
    named: set[Ref]


class Entry(NamedTuple):
    """A row as it is held: as it is kept, its traits, the text that finds it, its own names of that, its line.

    ``named`` are the keys of the records that its cells name.
    """

    row: dict[str, Any]
    traits: dict[str, Any]
    text: str
    names: str
    line: bytes
    named: frozenset[int]

    @classmethod
    def of(cls, listing, read: Read) -> Self:
        """What is held of a row that was read."""
        names = read.own.search_text
        text = "".join([read.traits["text"], names, *(ref.search_text for ref in read.named)])
        line, named = kept_line(listing)(read.cells), frozenset(ref.key for ref in read.named)
        return cls(read.row, read.traits, text, names, line, named)


def dated(listing) -> set[str]:
    """What of a list's rows is a date: its columns of dates, and the fields by which its words bound it."""
    bounds = {word.of for word in listing.filterset_class.base_filters.values() if isinstance(word, BoundWord)}
    return bounds | {column.name for column in listing.columns if isinstance(column, Date)}


def kept_words(listing) -> dict[str, ChoiceWord]:
    """The words of choice whose values are kept with a row: those that hold on any day, and what the others rest on."""
    kept = {}
    for name, word in listing.filterset_class.base_filters.items():
        if word.is_choice:
            kept |= {f"{name}.{part}": rests_on for part, rests_on in word.rests_on.items()}
            kept |= {} if word.rests_on or word.turns else {name: word}
    return kept


def turning_words(listing) -> dict[str, ChoiceWord]:
    """The words whose values turn with the day: for each the spans of days are kept."""
    words = listing.filterset_class.base_filters.items()
    return {name: word for name, word in words if word.is_choice and word.turns}


def spans_of(turns: Iterable[Turn], keys: Collection[int]) -> dict[int, dict[str, list]]:
    """For each of ``keys`` the spans of days in which it has each code, as ordinals: those of one code never meet."""
    turning: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    for key, of, day, code in turns:
        turning[key, of][day.toordinal()] = code
    found: dict[int, dict[str, list]] = {key: {} for key in keys}
    for (key, _of), code_from in turning.items():
        days = sorted(code_from)
        for day, then in zip(days, [*days[1:], date.max.toordinal() + 1], strict=True):
            found[key].setdefault(code_from[day], []).append([day, then - 1])
    return {key: {code: _joined(spans) for code, spans in of_key.items()} for key, of_key in found.items()}


def _joined(spans: list[list[int]]) -> list[list[int]]:
    """The same days in as few spans as can be, in order."""
    joined: list[list[int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    return joined


def codes_on(traits: dict[str, Any], word: str, day: int) -> list[str]:
    """The codes that a row with ``traits`` has of a word on a day (an ordinal)."""
    spans = traits["spans"][word].items()
    return [code for code, found in spans if any(first <= day <= last for first, last in found)] or [UNKNOWN]


def codes_of(pairs: Iterable[tuple[int, str]], keys: Iterable[int]) -> dict[int, set[str]]:
    """The codes for each of ``keys`` that are among ``pairs``; ``unknown`` where there is none."""
    codes: dict[int, set[str]] = {key: set() for key in keys}
    for key, code in pairs:
        if key in codes:
            codes[key].add(code)
    for found in codes.values():
        if not found:
            found.add(UNKNOWN)
    return codes


def codes_shown(word: RecordWord, cells: dict[int, dict[str, Cell]], above: dict[Ref, set[str]]) -> dict[int, set[str]]:
    """The same for a word whose values the cells of each row name, with what stands ``above`` them."""
    refs = {key: set(chain.from_iterable(of_row[name] for name in word.columns)) for key, of_row in cells.items()}
    return {
        key: set().union(*(above[ref] for ref in found if ref.kind in word.kinds)) or {UNKNOWN}
        for key, found in refs.items()
    }


def all_above(
    words: Iterable[ChoiceWord], cells: dict[int, dict[str, Cell]], directory: Directory
) -> dict[Ref, set[str]]:
    """The id of each record that cells of ``words`` name and, where its kind is a tree, those of all above it."""
    columns = set(chain.from_iterable(word.columns for word in words))
    found = {ref: {ref.slug} for of_row in cells.values() for name in columns for ref in of_row[name]}
    for kind in {ref.kind for ref in found}:
        if issubclass(tree := record_models()[kind], TreeModel):
            keys = {ref.key: ref for ref in found if ref.kind == kind}
            for key, end in Asked(tree, keys).pairs([("ancestors", Q())]):
                if ref := directory.find(end):
                    found[keys[key]].add(ref.slug)
    return found


def rows_read(listing, directory: Directory, keys: list[int]) -> Iterator[Read]:
    """The public rows among ``keys``, in parts: with all that belongs to them they take much room."""
    try:
        for start in range(0, len(keys), _READ_AT_ONCE):
            # The collector would go through everything that lives, again and again, for a third of the time. It looks
            # at what is new, once a part: records and what belongs to them hold each other.
            gc.collect(0)
            gc.disable()
            yield from _part(listing, directory, keys[start : start + _READ_AT_ONCE])
    finally:
        gc.enable()


def _part(listing, directory: Directory, keys: list[int]) -> Iterator[Read]:
    queryset = listing.get_queryset().filter(pk__in=keys)
    records = list(queryset.order_by("pk"))
    cells: dict[int, dict[str, Cell]] = {record.pk: {} for record in records}
    asked = Asked(queryset.model, cells)
    # In the language of the files, whoever's page has the rows read: they are kept for everybody.
    with override(settings.LANGUAGE_CODE):
        for column in listing.columns:
            for record, cell in zip(records, column.read_all(records, asked, directory), strict=True):
                cells[record.pk][column.name] = cell
    words = kept_words(listing)
    above = all_above(words.values(), cells, directory)
    codes = {
        name: codes_shown(word, cells, above) if word.columns else codes_of(word.pairs_of(asked, directory), cells)
        for name, word in words.items()
    }
    spans = {name: spans_of(asked.turns(word.turns), cells) for name, word in turning_words(listing).items()}
    dates, changed_of = sorted(dated(listing)), attrgetter(listing.changed.replace("__", "."))
    for record in records:
        of_row, key = cells[record.pk], record.pk
        traits = {
            "dates": {of: _days(of_row[of] if of in of_row else getattr(record, of)) for of in dates},
            "codes": {name: sorted(found[key]) for name, found in codes.items()},
            "spans": {name: found[key] for name, found in spans.items()},
            "text": _own_text(listing, record, of_row),
        }
        row = {
            "key": key,
            "id": listing.row_id(record),
            "changed": instant(changed_of(record)),
            "name": "" if listing.kind() else listing.row_name(record),
        }
        yield _read(listing, directory, row, traits, list(of_row.values()))


def said_anew(listing, directory: Directory, row: dict[str, Any], traits: dict[str, Any]) -> Entry:
    """What is held of a row that is kept, when records that its cells name are called otherwise now."""
    cells = [column.renamed(packed, directory) for column, packed in zip(listing.columns, row["cells"], strict=True)]
    return Entry.of(listing, _read(listing, directory, row, traits, cells))


def _read(listing, directory: Directory, row: dict[str, Any], traits: dict[str, Any], cells: list[Cell]) -> Read:
    """A row with its ``cells``, and what these and itself are called."""
    packed = [column.pack(cell) for column, cell in zip(listing.columns, cells, strict=True)]
    own = directory.at(row["key"]) if listing.kind() else Ref("", row["id"], row["name"])
    named = set(
        chain.from_iterable(
            (cell,) if isinstance(cell, Ref) else cell or ()
            for column, cell in zip(listing.columns, cells, strict=True)
            if isinstance(column, One | Many)
        )
    )
    return Read({**row, "cells": packed}, traits, cells, own, named)


def _days(stated) -> list[int] | None:
    return stated and [stated.first.toordinal(), stated.last.toordinal()]


def _own_text(listing, record, cells: dict[str, Cell]) -> str:
    """What ``q`` looks through besides names: the row's id, its texts and its summary."""
    texts = [listing.row_id(record)]
    for column in listing.columns:
        cell = cells[column.name]
        if column.searched and cell and not isinstance(column, One | Many):
            texts += cell if isinstance(column, Texts) else [cell]
    return searchable(*texts, getattr(record, "summary", ""), *listing.search_texts(record))


def instant(at: datetime) -> int:
    """An instant as microseconds since 1970."""
    return round(at.timestamp() * 1_000_000)


def at_instant(microseconds: int) -> datetime:
    """The instant again."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)

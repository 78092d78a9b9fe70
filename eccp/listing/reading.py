"""Rows read from the database: each as it is kept, with what finds it and its line of the file."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.utils.translation import override

from eccp.listing.columns import Cell, Date, Many, One, Texts
from eccp.listing.directory import Directory, Ref
from eccp.listing.lines import kept_line
from eccp.listing.words import UNKNOWN, BoundWord, ChoiceWord
from eccp.records.text import searchable

_READ_AT_ONCE = 2000  # rows, with all that belongs to them


class Entry(NamedTuple):
    """A row as it is kept, the text that finds it, and its line in the file of the list."""

    row: dict[str, Any]
    text: str
    line: bytes


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
            kept |= {} if word.depends_on_day else {name: word}
    return kept


def codes_of(
    word: ChoiceWord, queryset: models.QuerySet, keys: Iterable[int], on: date, directory: Directory
) -> dict[int, set[str]]:
    """The values of ``word`` for each row of ``queryset``, those with ``keys``; ``unknown`` where there is none."""
    known, codes = word.labels(directory), {key: set() for key in keys}
    for key, code in word.pairs(queryset, on):
        if (code in known or code == UNKNOWN) and key in codes:
            codes[key].add(code)
    for found in codes.values():
        if not found:
            found.add(UNKNOWN)
    return codes


def entries(listing, directory: Directory, keys: list[int]) -> Iterator[Entry]:
    """The public rows among ``keys``, in parts: with all that belongs to them they take much room."""
    words, dates = kept_words(listing), sorted(dated(listing))
    for start in range(0, len(keys), _READ_AT_ONCE):
        queryset = listing.get_queryset().filter(pk__in=keys[start : start + _READ_AT_ONCE])
        records = list(queryset.order_by("pk"))
        read = [record.pk for record in records]
        # Asked of the keys alone: what else makes a row public leads SQLite to begin at the wrong end.
        plain = queryset.model._base_manager.filter(pk__in=read)
        codes = {name: codes_of(word, plain, read, date.min, directory) for name, word in words.items()}
        for record in records:
            row_codes = {name: sorted(found[record.pk]) for name, found in codes.items()}
            yield _entry(listing, directory, record, row_codes, dates)


# In the language of the files, whoever's page has the row read: it is kept for everybody.
@override(settings.LANGUAGE_CODE)
def _entry(listing, directory: Directory, record, codes: dict[str, list[str]], dates: list[str]) -> Entry:
    columns, row_id = listing.columns, listing.row_id(record)
    cells = [column.read(record, directory) for column in columns]
    own = directory.get(record) if hasattr(record, "record_kind") else None
    name = "" if own else listing.row_name(record)
    by_name = dict(zip((column.name for column in columns), cells, strict=True))
    row = {
        "key": record.pk,
        "id": row_id,
        "changed": instant(attrgetter(listing.changed.replace("__", "."))(record)),
        "name": name,
        "cells": [column.pack(cell) for column, cell in zip(columns, cells, strict=True)],
        "dates": {of: _days(by_name[of] if of in by_name else getattr(record, of)) for of in dates},
        "codes": codes,
    }
    ref = own or Ref("", row_id, name)
    return Entry(row, _search_text(listing, record, ref, row_id, cells), kept_line(columns, cells))


def _days(stated) -> list[int] | None:
    return stated and [stated.first.toordinal(), stated.last.toordinal()]


def _search_text(listing, record, own: Ref, row_id: str, cells: list[Cell]) -> str:
    """What ``q`` looks through: the row's own names and summary, and the names of what it names."""
    texts, refs = [row_id], []
    for column, cell in zip(listing.columns, cells, strict=True):
        if isinstance(column, One | Many):
            refs += [cell] if isinstance(cell, Ref) else cell or ()
        elif column.searched and cell:
            texts += cell if isinstance(column, Texts) else [cell]
    texts += [getattr(record, "summary", ""), *listing.search_texts(record)]
    return "".join([searchable(*texts), *(ref.search_text for ref in [own, *refs])])


def instant(at: datetime) -> int:
    """An instant as microseconds since 1970."""
    return round(at.timestamp() * 1_000_000)


def at_instant(microseconds: int) -> datetime:
    """The instant again."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)

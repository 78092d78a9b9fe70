"""Search over everything at once: every list's snapshot answers, so what a list does not show cannot be found."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from heapq import nsmallest
from itertools import chain, islice, product
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from pyroaring import BitMap

from eccp.listing import files
from eccp.listing.addresses import absolute, file_path, list_path, record_path, with_query
from eccp.listing.columns import CodesTwin, CodeTwin, Many, One
from eccp.listing.directory import Ref
from eccp.listing.fields import TermsField
from eccp.listing.index import Snapshot, index
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.refusing import refusal, strangers
from eccp.records.models import Record
from eccp.records.text import finds, is_one_slip, marked, needles, searchable, spellings, words

SHOWN = 5  # rows of each list
_BEFORE, _AFTER = 60, 120  # characters shown around what is found in a long text
_LEAST_CORRECTED = 3  # letters of a word that may hold a slip
_MOST_TRIED = 12  # ways to correct a text
_MOST_RANKED = 200  # rows of one list; of more, those whose names promise most
_NAMES = ("title", "name", "native_name")  # columns that hold a row's own names, by which it can be found sorted

Pieces = list[tuple[str, bool]]


class SearchForm(forms.Form):
    """What may be asked."""

    q = TermsField(required=False)


@dataclass(frozen=True)
class Hit:
    """One row found: its name, and where else it says what was looked for."""

    id: str
    url: str
    ref: Ref
    name: Pieces
    native_name: Pieces
    found_in: list[tuple[str, Pieces]]


@dataclass(frozen=True)
class Group:
    """What one list holds of what was looked for: the best rows, and the way to all of them."""

    listing: type[Listing]
    count: int
    url: str
    hits: list[Hit]

    @property
    def is_all_shown(self) -> bool:
        return self.count == len(self.hits)


class Search:
    """One text looked for in every list."""

    def __init__(self, text: str):
        self.text = text
        self.terms = words(text)
        self.phrases = spellings(text)
        self.needles = needles(text)
        self.snapshots = [index.snapshot(listing) for listing in LISTINGS.values()]

    @cached_property
    def groups(self) -> list[Group]:
        """The lists in which something is found, the one with the best row first."""
        best = [(snapshot, *found) for snapshot in self.snapshots if (found := self._best(snapshot))]
        best.sort(key=lambda found: found[2][0][0])
        summaries = self._summaries(best)
        return [
            Group(
                snapshot.listing,
                count,
                with_query(list_path(snapshot.listing.name), [("q", self.text)]),
                [self._hit(snapshot, at, summaries) for _rank, _name, at in rows],
            )
            for snapshot, count, rows in best
        ]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)

    # ── finding and ranking ──

    def _best(self, snapshot: Snapshot) -> tuple[int, list[tuple]] | None:
        """How many rows of a list are found, and the best of them with their ranks."""
        rows = snapshot.matching(self.text) if self.terms else ()
        likely = rows if len(rows) <= _MOST_RANKED else self._likely(snapshot, rows)
        ranked = ((self.rank(ref := snapshot.row(at).ref), ref.sort_key, at) for at in likely)
        return (len(rows), nsmallest(SHOWN, ranked)) if rows else None

    def _likely(self, snapshot: Snapshot, rows: BitMap) -> BitMap:
        """Of more rows than can be ranked while somebody waits: those whose names begin with what is looked for, and
        the first by name of those whose names hold it, and of all.
        """
        names = [snapshot.columns[name] for name in _NAMES if name in snapshot.columns]
        likely = BitMap()
        for column, phrase in product(names, self.phrases):
            likely |= snapshot.starting(column, phrase, _MOST_RANKED)
        by_name = snapshot.order((names or [snapshot.columns["id"]])[0].name, False, date.min)  # it is no word of a day
        for found in (snapshot.named(self.text), rows):
            likely |= BitMap(snapshot.in_order(found, by_name, 0, _MOST_RANKED))
        return likely & rows

    def rank(self, ref: Ref) -> int:
        """How well a row answers: by its exact name, a name's start, a name's words, another name's, its text."""
        names, others = ref.spelt_names, ref.spelt_other_names
        if any(phrase in names for phrase in self.phrases):
            return 0
        if any(phrase in others for phrase in self.phrases):
            return 1
        if any(name.startswith(self.phrases) for name in names):
            return 2
        for rank, line in ((3, " ".join(("", *names))), (4, ref.search_text)):
            if all(f" {term}" in line for term in self.terms):
                return rank
        return 5 if finds(self.needles, ref.search_text) else 6

    # ── showing ──

    def _hit(self, snapshot: Snapshot, at: int, summaries: dict[int, str]) -> Hit:
        row, listing = snapshot.row(at), snapshot.listing
        ref = row.ref
        name, native = self.mark(ref.label), ref.second_label
        shown = searchable(ref.label, native)
        missing = [ways for ways in self.needles if not finds([ways], shown)]
        url = record_path(listing.name, row.id)
        found_in = list(self._found_in(missing, self._texts(snapshot, at, summaries))) if missing else []
        return Hit(row.id, url, ref, name, self.mark(native), found_in)

    def mark(self, text: str) -> Pieces:
        return marked(text, chain.from_iterable(self.needles))

    def _found_in(self, missing: list[tuple], texts: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, Pieces]]:
        """For what the row's name does not say: the first of its texts that says it."""
        for label, shown, found in texts:
            still_missing = [ways for ways in missing if not finds([ways], found)]
            if len(still_missing) < len(missing):
                missing = still_missing
                yield label, shortened(self.mark(shown))
            if not missing:
                return

    def _texts(self, snapshot: Snapshot, at: int, summaries: dict[int, str]) -> Iterator[tuple[str, str, str]]:
        """What else there is to read of a row: a label, the text, and what is found by it."""
        row = snapshot.row(at)
        ref = row.ref
        for name in ref.other_names:
            yield gettext("Also known as"), name, searchable(name)
        for column in snapshot.listing.columns:
            cell = row.cell(column)
            if isinstance(column, CodeTwin | CodesTwin):
                continue  # the column that it is of says the same by name
            if isinstance(column, One | Many):
                for named in [cell] if isinstance(cell, Ref) else cell or ():
                    yield str(column.label), named.label, named.search_text
            elif column.searched:
                for text in column.display(cell):
                    yield str(column.label), text, searchable(text)
        if ref.kind and (summary := summaries.get(row.key)):
            yield gettext("Summary"), summary, searchable(summary)

    @staticmethod
    def _summaries(best: list[tuple]) -> dict[int, str]:
        """The summaries of the records that are shown, by primary key."""
        keys = [
            row.key
            for snapshot, _count, rows in best
            for row in (snapshot.row(at) for _rank, _name, at in rows)
            if row.ref.kind
        ]
        return dict(Record.objects.published().filter(pk__in=keys).values_list("pk", "summary"))

    # ── one typing slip ──

    @cached_property
    def did_you_mean(self) -> str:
        """What was looked for with the nearest known word for each that is found nowhere; "" if that finds nothing."""
        if self.count or not self.terms:
            return ""
        meant = map(" ".join, product(*map(self._corrections, self.terms)))
        return next(filter(self._is_found, islice(meant, _MOST_TRIED)), "")

    def _is_found(self, text: str) -> bool:
        return any(snapshot.matching(text) for snapshot in self.snapshots)

    def _corrections(self, term: str) -> list[str]:
        """``term`` itself if it is found anywhere, else the words of names that may have been meant."""
        if len(term) < _LEAST_CORRECTED or self._is_found(term):
            return [term]
        known = self.snapshots[0].directory.vocabulary
        near = sorted(word for word in known if is_one_slip(term, word))
        return [known[word] for word in near or difflib.get_close_matches(term, known, 3, 0.8)]


def shortened(pieces: Pieces) -> Pieces:
    """A long text cut to what stands around its first hit."""
    at = next((number for number, (_text, is_hit) in enumerate(pieces) if is_hit), 0)
    before = "".join(text for text, _is_hit in pieces[:at])
    shown = [(f"…{before[-_BEFORE:].partition(' ')[2]}" if len(before) > _BEFORE else before, False)]
    room = _AFTER
    for text, is_hit in pieces[at:]:
        if room <= 0 or (not is_hit and len(text) > room):
            return [*shown, (f"{text[: max(room, 0)].rpartition(' ')[0]}…", False)]
        shown.append((text, is_hit))
        room -= len(text)
    return shown


# ── answers ──


def problems(request: HttpRequest) -> tuple[str, dict[str, list[str]]]:
    """What is looked for, and what is wrong with the question."""
    form = SearchForm(request.GET)
    said = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    said |= strangers(request.GET, "q")
    return "" if said else form.cleaned_data["q"], said


def page(request: HttpRequest) -> HttpResponse:
    """``/search/``: the form, and what is found."""
    text, wrong = problems(request)
    shown = request.GET.get("q", "")[:200]
    context = {"is_search": True, "problems": wrong, "q": shown, "search": Search(text) if text else None}
    return render(request, "portal/search.html", context, status=400 if wrong else 200)


def json(request: HttpRequest) -> HttpResponse:
    """``/search.json``: the same as JSON."""
    text, wrong = problems(request)
    if not (wrong or text):
        wrong = {"q": [gettext("Say what to search for.")]}
    if wrong:
        return refusal(request, wrong, is_data=True)
    return JsonResponse(as_json(Search(text)), json_dumps_params={"ensure_ascii": False})


def as_json(search: Search) -> dict[str, Any]:
    """What is found, list by list, with the address of all that a list holds of it."""
    return {
        "query": search.text,
        "count": search.count,
        "did_you_mean": search.did_you_mean or None,
        "licence": files.LICENCE,
        "groups": [
            {
                "list": group.listing.name,
                "count": group.count,
                "url": absolute(with_query(file_path(group.listing.name, "json"), [("q", search.text)])),
                "results": [
                    {
                        "id": hit.id,
                        "name": hit.ref.name,
                        "native_name": hit.ref.native_name or None,
                        "url": absolute(hit.url),
                    }
                    for hit in group.hits
                ],
            }
            for group in search.groups
        ],
    }

"""Proof that the index is true: every word of choice counts what the database finds when asked for each value.

The directory is proved by name: it says of every published record what the database says, and knows no other.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from eccp.listing.directory import Directory, published_refs
from eccp.listing.index import index
from eccp.listing.listings import Listing
from eccp.listing.snapshot import Snapshot
from eccp.listing.versions import one_state


@dataclass(frozen=True)
class Difference:
    """A value of a word whose rows the index and the database do not see alike."""

    list: str
    word: str
    code: str
    only_index: frozenset[str]
    only_database: frozenset[str]

    def __str__(self) -> str:
        sides = [("index", self.only_index), ("database", self.only_database)]
        said = [f"only in the {side}: {', '.join(sorted(ids))}" for side, ids in sides if ids]
        return f"{self.list}: {self.word}={self.code}: {'; '.join(said)}"


def differences(listing: type[Listing], on: date) -> Iterator[Difference]:
    """What differs between the index and the database for one list on the day ``on``, value by value."""
    index.snapshot(listing)  # what it takes to have one at all is done while others write
    with one_state():
        yield from _differences(listing, on, index.snapshot(listing), index.directory())


def _differences(listing: type[Listing], on: date, snapshot: Snapshot, directory: Directory) -> Iterator[Difference]:
    ids = {snapshot.key(at): snapshot.id(at) for at in snapshot.all}
    for name, word in listing.filterset_class.base_filters.items():
        if not word.is_choice:
            continue
        for code, rows in snapshot.facet(name, on).items():
            data = QueryDict(mutable=True)
            data.update({name: code, "as_of": on.isoformat()})
            filterset = listing.filterset_class(data, queryset=snapshot.queryset, directory=directory, today=on)
            found = frozenset(ids[key] for key in filterset.qs.values_list("pk", flat=True))
            counted = frozenset(snapshot.id(at) for at in rows)
            if found != counted:
                yield Difference(listing.name, name, code, counted - found, found - counted)


def names_differing() -> Iterator[Difference]:
    """What differs between the directory and the database, kind by kind; what is named otherwise is not the same."""
    index.directory()
    with one_state():
        yield from _names_differing(index.directory())


def _names_differing(directory: Directory) -> Iterator[Difference]:
    keys: set[int] = set()
    only: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for ref in published_refs():
        keys.add(ref.key)
        held = directory.of(ref.kind).get(ref.slug)
        if held is None or held.stated != ref.stated or held is not directory.find(ref.key):
            only[ref.kind][1].add(ref.slug)
    for kind, refs in directory.refs.items():
        for slug, ref in refs.items():
            if ref.key not in keys:
                only[kind][0].add(slug)
    for kind, (in_index, in_database) in only.items():
        yield Difference("directory", "record_kind", kind, frozenset(in_index), frozenset(in_database))

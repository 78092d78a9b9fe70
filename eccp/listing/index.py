"""The index: what a process holds of every list, true to one data version.

A page, a file and a count read the same snapshot, so they can never disagree. Each process notices a new
data version at its next request (one query) and reads anew only the rows that may show what has changed since;
where nobody can say, or too much has changed, it reads the list from the beginning.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

from eccp.listing import keeping
from eccp.listing.directory import Directory
from eccp.listing.parts import Parts
from eccp.listing.segment import Segment
from eccp.listing.showing import RECORDS
from eccp.listing.snapshot import Snapshot
from eccp.listing.versions import Changed, StaleError, Token, begun_at, changed, data_version, one_state

_KEPT_VERSIONS = 3  # the newest data versions, of which slow readers may hold the older ones


class Index:
    """What a process holds: the directory and one snapshot of each list, at the data versions last seen."""

    def __init__(self):
        self._building: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self.forget_everything()

    def forget_everything(self) -> None:
        """Hold nothing, as a process that has answered nothing yet."""
        self._versions: OrderedDict[Token, dict] = OrderedDict()
        self._last: dict[str, tuple[Token, Directory | Snapshot]] = {}

    def snapshot(self, listing) -> Snapshot:
        """The list as it is now."""
        return self._get(listing.name, listing)

    def directory(self) -> Directory:
        """Every published record as it is now."""
        return self._get(RECORDS, None)

    def versions(self) -> dict[str, int]:
        """The data version at which this process last answered from each list, of those that were asked for."""
        with self._lock:
            held = {name: token[0] for token, lists in self._versions.items() for name in lists}
        return {name: number for name, number in held.items() if name != RECORDS}

    def forget(self, token: Token) -> None:
        """Drop what was built at a data version that never came to be: one of a rehearsal."""
        with self._lock:
            self._versions.pop(token, None)
            for name in [name for name, (made_at, _made) in list(self._last.items()) if made_at == token]:
                del self._last[name]
                older = [(made_at, held[name]) for made_at, held in self._versions.items() if name in held]
                if older:
                    self._last[name] = older[-1]

    def _held(self, token: Token) -> dict:
        with self._lock:
            held = self._versions.setdefault(token, {})
            self._versions.move_to_end(token)
            while len(self._versions) > _KEPT_VERSIONS:
                self._versions.popitem(last=False)
            return held

    def _get(self, name: str, listing):
        """What is held under ``name``, else made: readers of other lists do not wait for it."""
        while True:
            try:
                return self._now(name, listing)
            except StaleError:
                if begun_at() is not None:
                    raise

    def _now(self, name: str, listing):
        """The same; StaleError when the data has changed meanwhile."""
        begun = begun_at()
        held = self._held(begun or data_version())
        if name in held:
            return held[name]
        with self._lock:
            building = self._building.setdefault(name, threading.Lock())
            directory_lock = self._building.setdefault(RECORDS, threading.Lock())
        is_lasting = keeping.is_lasting()
        with building, one_state():
            token = data_version()
            if begun not in (None, token):
                raise StaleError
            held = self._held(token)
            with directory_lock if listing else nullcontext():
                begin = partial(opened_directory, token, is_lasting=is_lasting)
                self._make(held, token, RECORDS, lambda directory, keys, _renamed: directory.refreshed(keys), begin)
            if listing:
                directory = held[RECORDS]
                self._make(
                    held, token, name,
                    lambda snapshot, *since: _newer_file(listing, directory, token, snapshot)
                    or snapshot.refreshed(directory, token, *since),
                    lambda: _opened_list(listing, directory, token, is_lasting=is_lasting),
                )  # fmt: skip
            return held[name]

    def _make(self, held: dict, token: Token, name: str, refresh, begin) -> None:
        """Hold what ``name`` means at the version ``token``: from the newest version held before, or anew."""
        if name in held:
            return
        for older, known in self._older(name, token):
            since = changed(name, older, token)
            if since is not None:
                held[name] = refresh(known, *since)
                break
        else:
            held[name] = begin()
        if name not in self._last or self._last[name][0][0] <= token[0]:
            self._last[name] = token, held[name]

    def _older(self, name: str, token: Token) -> list[tuple[Token, Directory | Snapshot]]:
        """What is held of ``name`` at versions no newer than ``token``, the newest first."""
        with self._lock:
            known = {made_at: held[name] for made_at, held in self._versions.items() if name in held}
        known |= dict([self._last[name]] if name in self._last else [])
        return sorted(((at, made) for at, made in known.items() if at[0] <= token[0]), key=lambda item: -item[0][0])


def opened_directory(token: Token, *, is_lasting: bool) -> Directory:
    """The directory at the version ``token``, which the database has now, by whatever way is shortest."""
    return _opened(
        RECORDS, keeping.DIRECTORY, token, Parts,
        lambda parts, keys, _renamed: Directory(parts).refreshed(keys),
        lambda: keeping.make_directory(token, is_lasting=is_lasting),
    )  # fmt: skip


def _opened_list(listing, directory: Directory, token: Token, *, is_lasting: bool) -> Snapshot:
    return _opened(
        listing.name, listing.name, token, Segment,
        partial(_followed, listing, directory, token),
        lambda: Snapshot(listing, directory, token, keeping.make(listing, directory, token, is_lasting=is_lasting)),
    )  # fmt: skip


def _followed(listing, directory: Directory, token: Token, segment: Segment, *since: set[int]) -> Snapshot:
    """A list from its file and what has changed since."""
    return Snapshot(listing, directory, segment.token, segment).refreshed(directory, token, *since)


def _newer_file(listing, directory: Directory, token: Token, held: Snapshot) -> Snapshot | None:
    """The list from a file written since the one that is ``held``, if that has come to carry many rows besides."""
    if len(held.fresh) < keeping.LONG:
        return None
    found, since = _newest(listing.name, listing.name, token, Segment, after=held.segment.token[0])
    return _followed(listing, directory, token, found, *since) if found else None


def _opened(changes_of: str, name: str, token: Token, kind: type[Parts], follow, make):
    """What is kept under ``name`` and the changes since, or else all anew, which one process does; the others wait.

    StaleError when what they waited for is of a later version: nobody should write the earlier one any more.
    """
    with keeping.only_writer(name) as has_waited:
        found, since = _newest(changes_of, name, token, kind)
        if found:
            return follow(found, *since)
        if has_waited and keeping.has_newer(name, token):
            raise StaleError
        return make()


def _newest(
    changes_of: str, name: str, token: Token, kind: type[Parts], *, after: int = -1
) -> tuple[Parts | None, Changed]:
    """The newest that is kept under ``name``, if anybody can say what has changed since, and that.

    Only one of a version ``after`` that number, if one is given.
    """
    since: dict[Token, Changed | None] = {}

    def can_follow(older: Token) -> bool:
        since[older] = changed(changes_of, older, token)
        return since[older] is not None

    found = keeping.newest(name, kind, can_follow, after=after)
    return found, since[found.token] if found else Changed(set(), set())


#: What this process holds.
index = Index()


def rebuild_directory() -> Directory:
    """Write the directory anew from the database as it is now."""
    with keeping.only_writer(keeping.DIRECTORY), one_state():
        return keeping.make_directory(data_version(), is_lasting=True)


def rebuild(listing, said: Callable[[int], None] | None = None) -> Snapshot:
    """Write one list anew from the database as it is now; ``said`` is told how many rows have been read."""
    with keeping.only_writer(listing.name), one_state():
        token = data_version()
        directory = opened_directory(token, is_lasting=True)
        return Snapshot(listing, directory, token, keeping.make(listing, directory, token, is_lasting=True, said=said))

"""Large mappings of which every version is kept as it was: the next shares what has not changed."""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Any

_LEAST, _SHARE = 1000, 50  # changes laid over a mapping before they are worked in: so many, and a share of its size


class Overlaid(Mapping):
    """A mapping in order of its keys that never changes: what has changed since it was put in order lies over it.

    ``changed`` gives the next version, at a cost of what lies over it, however large it is.
    """

    def __init__(self, items: Mapping):
        self._held: dict = {key: items[key] for key in sorted(items)}
        self._over: dict = {}  # None where there is nothing any more

    def changed(self, changes: Mapping) -> "Overlaid":
        """The mapping with ``changes``, in which None stands for what is no longer there."""
        if not changes:
            return self
        over = {**self._over, **changes}
        if len(over) > max(_LEAST, len(self._held) // _SHARE):
            return Overlaid({key: value for key, value in {**self._held, **over}.items() if value is not None})
        new = Overlaid({})
        new._held, new._over = self._held, over
        return new

    def __getitem__(self, key: Any) -> Any:
        value = self._over[key] if key in self._over else self._held[key]
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator:
        came = sorted(key for key in self._over if key not in self._held)
        return (key for key in merge(self._held, came) if self._over.get(key, self) is not None)

    def __len__(self) -> int:
        there = sum((value is not None) - (key in self._held) for key, value in self._over.items())
        return len(self._held) + there

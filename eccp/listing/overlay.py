"""Large mappings of which every version is kept as it was: the next shares what has not changed."""

from bisect import bisect_left
from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from heapq import merge
from typing import Any

_REMEMBERED = 5000  # keys last looked up, and as many values
_FEW = 2000  # keys, that are kept with their values once somebody has gone through all of them


class Ordered(Mapping):
    """A mapping whose keys stand in order in a sequence, and its values beside them in another.

    A key is found by halving. Both sequences may make what they give only when it is asked for: nothing of them is
    held here but what was asked for last.
    """

    def __init__(self, keys: Sequence, values: Sequence):
        self._keys = keys
        self._place = lru_cache(_REMEMBERED)(partial(_place, keys))
        self._value = lru_cache(_REMEMBERED)(partial(_value, self._place, values))

    def __getitem__(self, key: Any) -> Any:
        return self._value(key)

    def __contains__(self, key: Any) -> bool:
        return self._place(key) is not None

    def __iter__(self) -> Iterator:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _place(keys: Sequence, key: Any) -> int | None:
    at = bisect_left(keys, key)
    return at if at < len(keys) and keys[at] == key else None


def _value(place: Callable[[Any], int | None], values: Sequence, key: Any) -> Any:
    at = place(key)
    if at is None:
        raise KeyError(key)
    return values[at]


class Overlaid(Mapping):
    """A mapping in order of its keys that never changes: what has changed since it was put in order lies over it.

    ``changed`` gives the next version, at a cost of what lies over it, however large it is.
    """

    def __init__(self, ordered: Mapping, over: Mapping | None = None):
        self._ordered = ordered
        self._over = over or {}  # None where there is nothing any more

    def changed(self, changes: Mapping) -> "Overlaid":
        """The mapping with ``changes``, in which None stands for what is no longer there."""
        return Overlaid(self._ordered, {**self._over, **changes}) if changes else self

    def __getitem__(self, key: Any) -> Any:
        if key not in self._over:
            return self._ordered[key]
        if self._over[key] is None:
            raise KeyError(key)
        return self._over[key]

    def __contains__(self, key: Any) -> bool:
        return self._over[key] is not None if key in self._over else key in self._ordered

    def items(self) -> ItemsView:
        """All of it: what every page goes through, such as the values of a facet, is looked up once."""
        return super().items() if len(self) > _FEW else self._whole.items()

    @cached_property
    def _whole(self) -> dict:
        return dict(super().items())

    def __iter__(self) -> Iterator:
        if not self._over:
            return iter(self._ordered)
        came = sorted(key for key in self._over if key not in self._ordered)
        return (key for key in merge(self._ordered, came) if self._over.get(key, self) is not None)

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        there = sum((value is not None) - (key in self._ordered) for key, value in self._over.items())
        return len(self._ordered) + there

"""How often, and how much at once: small counters on Django's cache, shared by all processes that share the cache.

While the cache is away nothing is counted, and everybody let through: the site must not fall with what guards it.
"""

import logging

from django.core.cache import cache

log = logging.getLogger(__name__)


def seconds_to_wait(what: str, who: str, *, most: int, seconds: int, now: float) -> int:
    """Count one more of ``what`` by ``who``; 0 while there were at most ``most`` in the running ``seconds``."""
    name = f"guard:{what}:{who}:{int(now // seconds)}"
    return 0 if _count(name, 1, seconds) <= most else max(1, int(seconds - now % seconds))


def take_slot(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Whether ``who`` may begin one more of ``what``; if so, ``give_back`` has to follow.

    A process that is killed gives nothing back: what it held is forgotten after ``seconds``.
    """
    name = f"guard:{what}:{who}"
    if _count(name, 1, seconds) <= most:
        return True
    _count(name, -1)
    return False


def give_back(what: str, who: str) -> None:
    """End one of ``what``."""
    _count(f"guard:{what}:{who}", -1)


def _count(name: str, by: int, seconds: int = 0) -> int:
    """The counter after it was moved; one that is not there is begun, for ``seconds``."""
    try:
        if seconds:
            cache.add(name, 0, timeout=seconds)
        return cache.incr(name, by)
    except ValueError:  # the cache has dropped it in the meantime
        return max(by, 0)
    except Exception as problem:  # each kind of cache fails in its own way
        log.warning("The cache does not count: %s", type(problem).__name__)
        return 0

"""How often, and how much at once: small counters on Django's cache, shared by all processes that share the cache."""

from django.core.cache import cache


def seconds_to_wait(what: str, who: str, *, most: int, seconds: int, now: float) -> int:
    """Count one more of ``what`` by ``who``; 0 while there were at most ``most`` in the running ``seconds``."""
    name = f"guard:{what}:{who}:{int(now // seconds)}"
    cache.add(name, 0, timeout=seconds)
    return 0 if _count(name, 1) <= most else max(1, int(seconds - now % seconds))


def take_slot(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Whether ``who`` may begin one more of ``what``; if so, ``give_back`` has to follow.

    A process that is killed gives nothing back: what it held is forgotten after ``seconds``.
    """
    name = f"guard:{what}:{who}"
    cache.add(name, 0, timeout=seconds)
    if _count(name, 1) <= most:
        return True
    _count(name, -1)
    return False


def give_back(what: str, who: str) -> None:
    """End one of ``what``."""
    _count(f"guard:{what}:{who}", -1)


def _count(name: str, by: int) -> int:
    """The counter after it was moved; one that the cache has dropped in the meantime is begun anew."""
    try:
        return cache.incr(name, by)
    except ValueError:
        return max(by, 0)

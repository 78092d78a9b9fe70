"""Which web addresses public records name, which of them are due to be asked, and what was found there."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import chain, zip_longest
from urllib.parse import urlsplit

from eccp.desk.asking import Finding
from eccp.desk.items import link_fields
from eccp.desk.models import LinkCheck, LinkOutcome

FAILING = (LinkOutcome.BROKEN, LinkOutcome.DOWN)


def named_addresses() -> set[str]:
    """Every web address that a public record names."""
    found: set[str] = set()
    for model, field in link_fields():
        found.update(model.objects.published().exclude(**{field: ""}).values_list(field, flat=True))
    return found


def due(on: date, *, every: timedelta) -> list[str]:
    """The addresses to ask on a day: those never asked, those that failed, and those asked long enough ago.

    Hosts take turns, so that one with many addresses keeps no other waiting.
    """
    fresh = LinkCheck.objects.exclude(outcome__in=FAILING).filter(checked_on__gt=on - every)
    fresh |= LinkCheck.objects.filter(outcome__in=FAILING, checked_on=on)
    hosts: dict[str, list[str]] = {}
    for url in sorted(named_addresses() - set(fresh.values_list("url", flat=True))):
        hosts.setdefault(urlsplit(url).netloc, []).append(url)
    return [url for url in chain.from_iterable(zip_longest(*hosts.values())) if url]


def check(urls: Iterable[str], ask: Callable[[str], Finding], *, on: date) -> Iterator[LinkCheck]:
    """Ask each address and keep what was found, one by one: an interrupted run loses nothing."""
    for url in urls:
        yield keep(url, ask(url), on=on)


def keep(url: str, finding: Finding, *, on: date) -> LinkCheck:
    """What was found at an address; it has been failing since it last did not fail."""
    before = LinkCheck.objects.filter(url=url).first()
    is_failing = finding.outcome in FAILING
    since = (before and before.failing_since) or on
    check, _made = LinkCheck.objects.update_or_create(
        url=url,
        defaults={
            "checked_on": on,
            "outcome": finding.outcome,
            "detail": finding.detail[:200],
            "moved_to": finding.moved_to[:2000],
            "failing_since": since if is_failing else None,
        },
    )
    return check


def forget_unnamed() -> int:
    """Drop what was found at addresses that no public record names any more; returns how many."""
    gone = set(LinkCheck.objects.values_list("url", flat=True)) - named_addresses()
    dropped, _by_model = LinkCheck.objects.filter(url__in=gone).delete()
    return dropped

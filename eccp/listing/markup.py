"""Markup of what a page has hundreds of. Written straight, since a template for each would be most of the page.

Every text is escaped where it is put in; only what is written here is markup. What is the same on many pages is written
once for each language: the one that is active, which whoever asks for much markup finds out once.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from html import escape

from eccp.listing.directory import Ref
from eccp.listing.wording import said_date, said_number
from eccp.records.dates import PartialDate

#: Names and codes that nearly every page of a list repeats, escaped once.
escaped = lru_cache(maxsize=8192)(escape)


def items(written: list[str]) -> str:
    """What is written of each value: one as it is, several as a list."""
    return written[0] if len(written) == 1 else f"<ul>{''.join(f'<li>{value}</li>' for value in written)}</ul>"


def tag(word: str, written: str) -> str:
    """A word of a vocabulary, drawn as a tag."""
    return f'<span class="tag is-{escape(word)}">{written}</span>'


def address(text: str) -> str:
    """A way out of the registry."""
    return f'<a href="{escape(text)}" rel="external noopener" class="address">{escape(text)}</a>'


@lru_cache(maxsize=4096)
def time(value: PartialDate, _language: str) -> str:
    """A date as precise as it is known."""
    said = escape(said_date(value))
    # HTML knows a year, a month and a day, but no period.
    return said if "/" in value.text else f'<time datetime="{escape(value.text)}">{said}</time>'


@lru_cache(maxsize=4096)
def number(value: Decimal | int, _language: str) -> str:
    """A count or a measured value."""
    return escape(said_number(value))


def links(refs: Iterable[Ref], language: str, query: str = "", *, by_id: bool = False) -> str:
    """Records by their names (or ids), leading to their pages where they have some; ``query`` follows the address."""
    return items([link(ref, language, query, by_id) for ref in refs])


@lru_cache(maxsize=8192)
def link(ref: Ref, _language: str, query: str = "", by_id: bool = False) -> str:
    """One record by its name (or id)."""
    title = f' title="{escape(ref.english)}"' if ref.english else ""
    written = escape(ref.slug if by_id else ref.label)
    return f'<a href="{escape(ref.url + query)}"{title}>{written}</a>' if ref.url else written

"""Markup of what a page has hundreds of. Written straight, since a template for each would be most of the page.

Every text is escaped where it is put in; only what is written here is markup. What is the same on many pages is written
once for each language.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.utils.translation import get_language

from eccp.listing.directory import Ref
from eccp.listing.wording import said_date
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


def time(value: PartialDate) -> str:
    """A date as precise as it is known."""
    return _time(value, get_language())


@lru_cache(maxsize=4096)
def _time(value: PartialDate, _language: str) -> str:
    said = escape(said_date(value))
    # HTML knows a year, a month and a day, but no period.
    return said if "/" in value.text else f'<time datetime="{escape(value.text)}">{said}</time>'


def links(refs: Iterable[Ref], *, by_id: bool = False) -> str:
    """Records by their names (or ids), leading to their pages where their kinds have some."""
    language = get_language()
    return items([_link(ref, by_id, language) for ref in refs])


@lru_cache(maxsize=8192)
def _link(ref: Ref, by_id: bool, _language: str) -> str:
    title = f' title="{escape(ref.english)}"' if ref.english else ""
    written = escape(ref.slug if by_id else ref.label)
    return f'<a href="{escape(ref.url)}"{title}>{written}</a>' if ref.url else written

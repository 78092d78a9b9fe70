"""Facts and what is cited for them, as the page of a record shows them. Written straight, as ``markup`` is.

Every text is escaped where it is put in; only what is written here is markup.
"""

from html import escape
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext

from eccp.listing.addresses import record_path
from eccp.listing.directory import Directory
from eccp.listing.wording import language_of, said_date, said_place
from eccp.records.evidence import Evidence, EvidenceOf
from eccp.records.labels import fact_name
from eccp.records.models import Citation, Record
from eccp.records.vocabulary import Rank


def marks(evidence: Evidence | EvidenceOf, fields: tuple[str, ...]) -> str:
    """The numbers of the sources that support the given fields, and whether sources disagree about them."""
    numbers, disputes = evidence.marks(*fields), evidence.disputes_about(*fields)
    if not numbers and not disputes:
        return ""
    source = escape(gettext("Source"))
    written = [
        f'<a class="mark" href="#source-{number}"><span class="visually-hidden">{source} </span>{number}</a>'
        for number, _citation in numbers
    ]
    if disputes:
        said = gettext("other names") if disputes[0].field == "name" else gettext("sources disagree")
        written.append(f'<a class="disputed" href="#{escape(disputes[0].anchor)}">{escape(said)}</a>')
    return f'<span class="marks">{"".join(written)}</span>'


def fact(said: dict[str, Any], evidence: Evidence | None, record) -> str:
    """One of the facts of ``DetailView.facts`` with its sources."""
    value = said["html"] or f'<span class="unknown">{escape(gettext("not known"))}</span>'
    sources = marks(evidence, said["fields"]) if evidence and said["fields"] else ""
    known = ""
    if said["is_last_known"] and record.verified_on:
        day = gettext("as last known on %(day)s") % {"day": said_date(record.verified_on)}
        known = f'<span class="as-known">{escape(day)}</span>'
    return f"<div><dt>{escape(str(said['column'].label))}</dt><dd>{value} {sources}{known}</dd></div>"


def citation(cited: Citation, record: Record, directory: Directory, query: str) -> str:
    """What one source states, among all that it states on the page of ``record``."""
    whose = f"{escape(str(cited.shown_record))} – " if cited.record_id != record.pk else ""
    parts = [
        f'<span class="cited-fact">{whose}{escape(fact_name(cited.field, cited.shown_record, directory.label))}</span>',
        f'<span class="stated">“{written(cited.stated_value)}”</span>',
    ]
    if cited.rank != Rank.PREFERRED:
        parts.append(f'<span class="tag is-{escape(cited.rank)}">{escape(str(Rank(cited.rank).label))}</span>')
    place, url = said_place(cited) or gettext("citation"), record_path("citations", cited.key) + query
    parts.append(f'<a class="locator" href="{escape(url)}">{escape(place)}</a>')
    if cited.quote and cited.quote != cited.stated_value:
        parts.append(f'<q class="quote">{written(cited.quote)}</q>')
    if cited.reason:
        parts.append(f'<span class="reason">{written(cited.reason)}</span>')
    return f"<li>{' '.join(parts)}</li>"


def written(text: str) -> str:
    """A text of the registry or of a source, marked with its language where the page is in another: mostly English."""
    language = language_of(text) or settings.LANGUAGE_CODE
    if text and language != get_language():
        return f'<span lang="{language}">{escape(text)}</span>'
    return escape(text)

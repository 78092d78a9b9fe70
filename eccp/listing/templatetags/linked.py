"""A record in the words of schema.org, for machines that read pages."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from eccp.listing import files
from eccp.listing.addresses import absolute, file_path, list_path, record_path
from eccp.listing.directory import ENGLISH
from eccp.listing.index import index
from eccp.listing.listings import Listing
from eccp.records.models import Record
from eccp.records.vocabulary import AliasKind

register = template.Library()

#: What would end the element or open a comment in it; JSON reads the escapes as the same characters.
_ESCAPES = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}
_MEDIA = {"csv": "text/csv", "json": "application/json"}


@register.simple_tag(takes_context=True)
def linked_data(context) -> SafeString:
    """The record of the page as JSON-LD. A data block is no script: no policy for scripts keeps it out."""
    listing, record = context["listing"], context["record"]
    with override(ENGLISH):
        described = describe(listing, record)
    text = json.dumps(described, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


def describe(listing: type[Listing], record) -> dict[str, Any]:
    """One row of a list as schema.org describes such things, in English as everything that machines read."""
    snapshot, row_id = index.snapshot(listing), listing.row_id(record)
    at = snapshot.find(row_id)
    if at is None:
        return {}  # it was public when the page began
    row = snapshot.row(at)
    ref, url = row.ref, absolute(record_path(listing.name, row_id))
    said = {
        name: (column := snapshot.columns[said_by]).json(row.cell(column)) for name, said_by in listing.schema.items()
    }
    others = dict.fromkeys((ref.native_name, *ref.translations.values(), *ref.other_names))
    for alias in record.aliases.all() if isinstance(record, Record) else ():
        if alias.kind == AliasKind.MISPRINT:
            others.pop(alias.name, None)  # people look for it; nobody is called so
    described = {
        "@context": "https://schema.org",
        "@type": listing.schema_type,
        "@id": url,
        "url": url,
        "identifier": row_id,
        "name": ref.name,
        "alternateName": [name for name in others if name and name != ref.name],
        "description": getattr(record, "summary", ""),
        **said,
        "mainEntityOfPage": {
            "@type": "WebPage",
            "@id": url,
            "dateModified": row.changed.isoformat(timespec="seconds"),
            "license": files.LICENCE,
            "isPartOf": dataset(listing),
        },
    }
    return {name: value for name, value in described.items() if value not in (None, "", [])}


def dataset(listing: type[Listing]) -> dict[str, Any]:
    """The list of which a record is a row."""
    return {
        "@type": "Dataset",
        "name": str(listing.title),
        "description": str(listing.description),
        "url": absolute(list_path(listing.name)),
        "license": files.LICENCE,
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": absolute(file_path(listing.name, form))}
            for form, media in _MEDIA.items()
        ],
    }

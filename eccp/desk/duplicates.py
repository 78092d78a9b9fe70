"""Records of one kind that are likely one: called the same but for spelling, or at the same web address.

No record is compared with every other. Each name is brought to one form in which its usual spellings agree, and those
that come to the same form are found by it; a hundred thousand records are read once for each version of the data.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import models

from eccp.curation.merging.distinctions import pairs_apart
from eccp.records.models import Alias, DataVersion, Record, record_models
from eccp.records.text import words
from eccp.records.vocabulary import PublicationStatus

MOST = 5000  # more than anybody will look through; the list begins again when these are decided
SHORTEST, SHORTEST_JAPANESE = 4, 2  # letters by which something can be recognised
_SIGNS = str.maketrans({"+": " plus ", "&": " and "})
#: Two letters for one: an umlaut written out, a long vowel transliterated.
_LONG = re.compile(r"([aou])(?:e|u)|([aiueo])\2")
#: Words that belong to a legal form, or to nothing, and are left out as easily as written.
_IDLE = frozenset({"the", "ev", "e", "v", "gmbh", "ltd", "limited", "inc", "asbl", "sa", "sas", "spa", "bv", "ag"})


class Likeness(NamedTuple):
    """That one record is likely another one, and what of them is alike: a name or a web address."""

    of: int
    name: str
    slug: str
    alike: str


def name_key(name: str) -> str:
    """The one form of a name in all its usual spellings, or "" where too little is left to know anything by.

    Without accents, case, width, spaces and legal form; ``ü``, ``ue`` and ``u`` are one, and so are ``ō``, ``ou``,
    ``oo`` and ``o``; ``+`` is “plus” and ``&`` “and”.
    """
    found = words(name.translate(_SIGNS))
    bare = "".join([word for word in found if word not in _IDLE] or found)
    key = _LONG.sub(lambda pair: pair[1] or pair[2], bare)
    return key if len(key) >= (SHORTEST if key.isascii() else SHORTEST_JAPANESE) else ""


def address_key(url: str) -> str:
    """A web address without what makes no difference: the scheme, ``www.``, case of the host, a last slash."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}" if host else ""


def duplicates() -> dict[int, Likeness]:
    """Each record that is likely another one, by its key; found once for each version of the data and what is said."""
    return _duplicates(DataVersion.objects.token(), pairs_apart())


@lru_cache(maxsize=1)
def _duplicates(version, apart: frozenset[tuple[int, int]]) -> dict[int, Likeness]:
    known = {}
    rows = Record.objects.exclude(publication_status=PublicationStatus.WITHDRAWN).order_by()
    for pk, kind, slug, name, native, status in rows.values_list(
        "pk", "record_kind", "slug", "name", "native_name", "publication_status"
    ).iterator():
        known[pk] = (kind, status != PublicationStatus.PUBLISHED, slug, name, native)
    groups: dict[tuple[str, str, str], dict[int, str]] = {}
    for pk, sort, key, written in _keys(known):
        if key and pk in known:
            groups.setdefault((known[pk][0], sort, key), {}).setdefault(pk, written)
    found: dict[int, Likeness] = {}
    for alike in groups.values():
        if len(alike) > 1:
            # The public one is kept, else the one that was there first.
            ranked = sorted(alike, key=lambda pk: (known[pk][1], pk))
            for at, pk in enumerate(ranked):
                # Of which it is said that it is another one, it is no duplicate; it may be one of the next.
                of = next((one for one in ranked[:at] if (min(one, pk), max(one, pk)) not in apart), None)
                if of is not None and len(found) < MOST:
                    found.setdefault(pk, Likeness(of, known[of][3], known[of][2], alike[pk]))
    return found


def _keys(known: dict[int, tuple]) -> Iterator[tuple[int, str, str, str]]:
    """What each record is recognised by: its key, whether that is a name or an address, its form, as it is written."""
    for pk, (_kind, _hidden, _slug, name, native) in known.items():
        yield pk, "name", name_key(name), name
        if native:
            yield pk, "name", name_key(native), native
    for pk, name in Alias.objects.order_by().values_list("record_id", "name").iterator():
        yield pk, "name", name_key(name), name
    for model in record_models().values():
        for field in model._meta.local_fields:
            if isinstance(field, models.URLField):
                given = model.objects.exclude(**{field.name: ""}).order_by().values_list("pk", field.name)
                for pk, url in given.iterator():
                    yield pk, "address", address_key(url), url

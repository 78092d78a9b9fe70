"""The directory: every published record by kind and id, with the names it is shown, sorted and found under."""

import threading
from array import array
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter
from typing import BinaryIO
from weakref import WeakValueDictionary

import orjson
from django.conf import settings
from django.utils.translation import get_language

from eccp.listing.addresses import record_path
from eccp.listing.overlay import Ordered, Overlaid
from eccp.listing.parts import Made, Parts, Writer
from eccp.listing.wording import said_name
from eccp.records.models import KIND_ADDRESSES, Alias, OldSlug, Record, names_of, record_models
from eccp.records.text import WORD, clean, fold, searchable, spellings
from eccp.records.vocabulary import PublicationStatus

ENGLISH = settings.LANGUAGE_CODE
#: What of every record names it.
_READ = ("pk", "record_kind", "slug", "name", "native_name")
_READ_AT_ONCE = 2000  # records
_FEW = 2000  # labels, that are said together
_NOTHING = Overlaid({})


@dataclass(frozen=True, eq=False)
class Ref:
    """A published record as other records' rows name it."""

    kind: str
    slug: str
    name: str
    native_name: str = ""
    translations: dict[str, str] = field(default_factory=dict)
    other_names: tuple[str, ...] = ()
    parent: str = ""
    #: The record's primary key; 0 for what is none.
    key: int = 0
    #: Ids under which it was known before.
    old_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def stated(self) -> list:
        """All that is stated of it, in the order in which it is made."""
        return [getattr(self, field.name) for field in fields(self)]

    @property
    def label(self) -> str:
        """The name for a reader of the page."""
        return self.label_in(get_language())

    def label_in(self, language: str) -> str:
        """The name for a reader of the language that is active; said for a page of many names only once."""
        if language not in self._labels:
            self._labels[language] = said_name(self.name, self.native_name, self.translations)
        return self._labels[language]

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {}

    @property
    def english(self) -> str:
        """The English name where the page shows another, else ""."""
        return self.name if self.label != self.name else ""

    @property
    def second_label(self) -> str:
        """The name to stand beside the label: the native one, or the English one where the label is native."""
        return self.native_name if self.native_name != self.label else self.english

    @property
    def url(self) -> str:
        """The address of its page, or "" where its kind has none."""
        address = KIND_ADDRESSES.get(self.kind, "")
        return record_path(address, self.slug) if address else ""

    @cached_property
    def written(self) -> str:
        """The name as files write it."""
        return clean(self.name) or ""

    @cached_property
    def sort_key(self) -> tuple[str, str, str]:
        return fold(self.name), self.name, self.slug

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The right names, in every language, and the id."""
        return (self.name, *filter(None, (self.native_name, *self.translations.values())), self.slug)

    @cached_property
    def spelt_names(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable(map(spellings, self.names)))

    @cached_property
    def spelt_other_names(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable(map(spellings, self.other_names)))

    @cached_property
    def search_text(self) -> str:
        """What finds it: every name it has, in any spelling and script."""
        return searchable(*self.names, *self.other_names)


class Refs(Sequence):
    """Records in parts of a file, each read when it is asked for; while anybody holds one there is no other of it."""

    def __init__(self, packed: Sequence[bytes]):
        self._packed = packed
        self._held: WeakValueDictionary[int, Ref] = WeakValueDictionary()
        self._lock = threading.Lock()

    def __len__(self):
        return len(self._packed)

    def __getitem__(self, place):
        ref = self._held.get(place)
        if ref is None:
            with self._lock:
                ref = self._held.get(place) or self._held.setdefault(place, _unpacked(self._packed[place]))
        return ref


class Labels(Mapping):
    """The labels of records by id, each said when it is asked for: of a hundred thousand a page says fifty."""

    def __init__(self, refs: Mapping[str, Ref]):
        self._refs, self._language = refs, get_language()

    def __getitem__(self, slug: str) -> str:
        return self._refs[slug].label_in(self._language)

    def __contains__(self, slug: object) -> bool:
        return slug in self._refs

    def __iter__(self) -> Iterator[str]:
        return iter(self._refs)

    def __len__(self) -> int:
        return len(self._refs)


class Directory:
    """All published records at one data version, by kind and id, in order of id. It never changes once it is made.

    They stand in parts of a file (``write_directory``); what has changed since lies over them.
    """

    def __init__(self, parts: Parts):
        refs, ids = Refs(parts.pieces("names")), parts.texts("ids")

        def at(places: str) -> Sequence[Ref]:
            return Made(refs.__getitem__, parts.array(places))

        self.refs: dict[str, Mapping[str, Ref]] = {
            kind: Overlaid(Ordered(Made(ids.__getitem__, parts.array(f"by id of {kind}")), at(f"by id of {kind}")))
            for kind in parts.contents["kinds"]
        }
        self._by_key = Overlaid(Ordered(parts.array("keys", "q"), refs))
        self._by_old_id = Overlaid(Ordered(parts.texts("old ids"), at("places of old ids")))
        #: Every word of every name, folded, as it is written; some may stand in no name any more.
        self.vocabulary = Overlaid(Ordered(parts.texts("words"), parts.texts("words as written")))
        #: What every page says of some kinds, by these kinds first.
        self._said: dict[tuple, dict[str, str]] = {}

    def refreshed(self, keys: Collection[int]) -> "Directory":
        """The directory at a later version, when the records with ``keys`` may have changed."""
        if not keys:
            return self
        rows = list(Record.objects.filter(pk__in=keys).values_list(*_READ, "publication_status"))
        # What stands under a record names it by its id.
        below = _below([row for row in rows if getattr(self.find(row[0]), "slug", "") != row[2]]) - {*keys}
        rows += Record.objects.filter(pk__in=below).values_list(*_READ, "publication_status") if below else ()
        refs = {ref.key: ref for ref in _refs([row[:-1] for row in rows if row[-1] == PublicationStatus.PUBLISHED])}
        return self._with([ref for key in (*keys, *below) if (ref := self.find(key))], refs)

    def _with(self, before: list[Ref], after: dict[int, Ref]) -> "Directory":
        """The directory with the records ``after``, by their keys, in place of those ``before``."""
        new = copy(self)
        kinds: dict[str, dict[str, Ref | None]] = {}
        for ref in before:
            kinds.setdefault(ref.kind, {})[ref.slug] = None
        for ref in after.values():
            kinds.setdefault(ref.kind, {})[ref.slug] = ref
        changed = {kind: self.refs.get(kind, _NOTHING).changed(refs) for kind, refs in kinds.items()}
        new.refs = {**self.refs, **changed}
        new._by_key = self._by_key.changed({**{ref.key: None for ref in before}, **after})
        old_ids = {_known_as(ref.kind, old): None for ref in before for old in ref.old_ids}
        came = {_known_as(ref.kind, old): ref for ref in after.values() for old in ref.old_ids}
        new._by_old_id = self._by_old_id.changed({**old_ids, **came})
        new.vocabulary = self.vocabulary.changed(dict(chain.from_iterable(map(_words, after.values()))))
        new._said = {of: said for of, said in self._said.items() if changed.keys().isdisjoint(of[0])}
        return new

    def get(self, record: Record | None) -> Ref | None:
        """``record`` as the public may see it: None when it is not published."""
        return self.of(record.record_kind).get(record.slug) if record else None

    def at(self, key: int) -> Ref:
        """The published record with the primary key ``key``; KeyError when it is none."""
        return self._by_key[key]

    def find(self, key: int | None) -> Ref | None:
        """The record with the primary key ``key`` as the public may see it: None when it is not published."""
        return self._by_key.get(key) if key else None

    def label(self, kind: str, slug: str) -> str:
        """The name of a record for a reader of the page; "" where it is not public."""
        ref = self.of(kind).get(slug)
        return ref.label if ref else ""

    def moved(self, kind: str, slug: str) -> str | None:
        """The id today of the record of a kind that once had the id ``slug``, which no other has now."""
        ref = None if slug in self.of(kind) else self._by_old_id.get(_known_as(kind, slug))
        return ref and ref.slug

    def of(self, kind: str) -> Mapping[str, Ref]:
        """All records of a kind by id."""
        return self.refs.get(kind, _NOTHING)

    def of_any(self, kinds: tuple[str, ...]) -> Mapping[str, Ref]:
        """All records of several kinds by id, one kind after the other; an id of two is the later one's."""
        return self.of(kinds[0]) if len(kinds) == 1 else ChainMap(*map(self.of, reversed(kinds)))

    def labels(self, kinds: tuple[str, ...]) -> Mapping[str, str]:
        """The labels of all records of ``kinds`` by id, in the language that is active; of few in order of label."""
        labels = Labels(self.of_any(kinds))
        are_few = sum(len(self.of(kind)) for kind in kinds) <= _FEW
        return self._kept(kinds, get_language(), lambda: _in_order(labels)) if are_few else labels

    def parents(self, kinds: tuple[str, ...]) -> dict[str, str]:
        """The id above each record of ``kinds``, which are trees, by its own; "" where there is none."""
        return self._kept(kinds, "parents", lambda: {slug: ref.parent for slug, ref in self.of_any(kinds).items()})

    def _kept(self, kinds: tuple[str, ...], of: str, say: Callable[[], dict[str, str]]) -> dict[str, str]:
        if (kinds, of) not in self._said:
            self._said[kinds, of] = say()
        return self._said[kinds, of]


def published_refs() -> Iterator[Ref]:
    """Every published record as the database has it now, in order of key; in parts, for all together take much room."""
    records, after = Record.objects.published().order_by("pk").values_list(*_READ), 0
    while rows := list(records.filter(pk__gt=after)[:_READ_AT_ONCE]):
        yield from _refs(rows)
        after = rows[-1][0]


def write_directory(file: BinaryIO, token: tuple) -> None:
    """Write every published record, as the database has it now at the data version ``token``."""
    writer, keys, slugs = Writer(file), array("q"), []
    places: dict[str, array] = {}
    old_ids: list[tuple[str, int]] = []
    words: dict[str, str] = {}

    def taken_in() -> Iterator[bytes]:
        for place, ref in enumerate(published_refs()):
            keys.append(ref.key)
            slugs.append(ref.slug)
            places.setdefault(ref.kind, array("I")).append(place)
            old_ids.extend((_known_as(ref.kind, old), place) for old in ref.old_ids)
            for folded, written in _words(ref):
                words.setdefault(folded, written)
            yield _packed(ref)

    writer.pieces("names", taken_in())
    writer.array("keys", "q", keys)
    writer.texts("ids", slugs)
    for kind, of in places.items():
        writer.array(f"by id of {kind}", "I", sorted(of, key=slugs.__getitem__))
    old_ids.sort()
    writer.texts("old ids", (known_as for known_as, _place in old_ids))
    writer.array("places of old ids", "I", (place for _known_as, place in old_ids))
    writer.texts("words", sorted(words))
    writer.texts("words as written", map(words.__getitem__, sorted(words)))
    writer.finish(token, kinds=sorted(places))


def _packed(ref: Ref) -> bytes:
    return orjson.dumps(ref.stated)


def _unpacked(packed: bytes) -> Ref:
    return Ref(*(tuple(stated) if isinstance(stated, list) else stated for stated in orjson.loads(packed)))


def _known_as(kind: str, old_id: str) -> str:
    return f"{kind}:{old_id}"


def _refs(rows: list[tuple]) -> Iterator[Ref]:
    """The records of ``rows``, with all that names them."""
    keys = [row[0] for row in rows]
    aliases = _grouped(Alias.objects.filter(record__in=keys).values_list("record_id", "name"))
    old_ids = _grouped(OldSlug.objects.filter(record__in=keys).values_list("record_id", "slug"))
    more = dict(chain.from_iterable(_more_names(kind, keys) for kind in {row[1] for row in rows}))
    for pk, kind, slug, name, native in rows:
        translations, others, parent = more.get(pk, ({}, (), ""))
        names = (*others, *aliases.get(pk, ()))
        yield Ref(kind, slug, name, native, translations, names, parent, pk, old_ids.get(pk, ()))


def _words(ref: Ref) -> Iterator[tuple[str, str]]:
    """Every word of the names of ``ref``, folded, and as it is first written: its id comes last, in small letters."""
    found: dict[str, str] = {}
    for written in WORD.findall(" ".join((*ref.names, *ref.other_names))):
        found.setdefault(fold(written), written)
    yield from found.items()


def _in_order(labels: Labels) -> dict[str, str]:
    """The same, said, in order of label."""
    return dict(sorted(labels.items(), key=lambda item: (item[1], item[0])))


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    """The texts of each key, in order."""
    return {key: tuple(text for _key, text in of) for key, of in groupby(sorted(pairs), itemgetter(0))}


def _below(rows: list[tuple]) -> set[int]:
    """The keys of what stands directly under the records of ``rows``, where their kinds are trees."""
    found: set[int] = set()
    for kind in {row[1] for row in rows}:
        model = record_models()[kind]
        if _has_parent(model):
            keys = [row[0] for row in rows if row[1] == kind]
            found.update(model._base_manager.filter(parent__in=keys).values_list("pk", flat=True))
    return found


def _has_parent(model) -> bool:
    return any(field.name == "parent" for field in model._meta.get_fields())


def _more_names(kind: str, keys: list[int]) -> Iterator[tuple[int, tuple]]:
    """Pairs of record and its translations, further names and parent, as far as its kind has them."""
    model = record_models()[kind]
    translated = [name for name in names_of(model) if name.startswith("name_")]
    extra = [name for name in names_of(model) if name not in ("name", "native_name", *translated)]
    parent = ["parent__slug"] if _has_parent(model) else []
    if translated or extra or parent:
        for row in model.objects.filter(pk__in=keys).values("pk", *translated, *extra, *parent):
            translations = {name.removeprefix("name_"): row[name] for name in translated if row[name]}
            others = tuple(row[name] for name in extra if row[name])
            yield row["pk"], (translations, others, row["parent__slug"] or "" if parent else "")

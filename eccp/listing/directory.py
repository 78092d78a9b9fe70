"""The directory: every published record by kind and id, with the names it is shown, sorted and found under."""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from django.conf import settings
from django.utils.translation import get_language

from eccp.listing.addresses import record_path
from eccp.listing.wording import said_name
from eccp.records.models import KIND_ADDRESSES, Alias, OldSlug, Record, record_models
from eccp.records.text import WORD, clean, fold, searchable, spellings
from eccp.records.vocabulary import PublicationStatus

ENGLISH = settings.LANGUAGE_CODE


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

    def __str__(self) -> str:
        return self.name

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


class Directory:
    """All published records at one data version, by kind and id, in order of id."""

    def __init__(self):
        self.refs: dict[str, dict[str, Ref]] = {}
        self._places: dict[int, tuple[str, str]] = {}
        self._put(None)

    def refreshed(self, keys: Collection[int]) -> "Directory":
        """The directory at a later version, when the records with ``keys`` may have changed."""
        if not keys:
            return self
        new = copy(self)
        new.__dict__.pop("vocabulary", None)
        new._places = dict(self._places)
        # What stands under a record names it.
        trees = [model for model in record_models().values() if _has_parent(model)]
        below = (model._base_manager.filter(parent__in=keys).values_list("pk", flat=True) for model in trees)
        keys = {*keys, *chain.from_iterable(below)}
        gone = {key: place for key in keys if (place := new._places.pop(key, None))}
        new.refs = {**self.refs, **{kind: dict(self.refs[kind]) for kind, _slug in gone.values()}}
        for kind, slug in gone.values():
            del new.refs[kind][slug]
        new._put(keys)
        return new

    def _put(self, keys: Collection[int] | None) -> None:
        """Read the records with ``keys``, or all."""
        published, aliases = PublicationStatus.PUBLISHED, {}
        only = {} if keys is None else {"pk__in": keys}
        named = {} if keys is None else {"record__in": keys}
        for pk, name in Alias.objects.filter(record__publication_status=published, **named).values_list(
            "record_id", "name"
        ):
            aliases.setdefault(pk, []).append(name)
        more = dict(chain.from_iterable(_more_names(model, only) for model in record_models().values()))
        rows = Record.objects.published().filter(**only).values_list("pk", "record_kind", "slug", "name", "native_name")
        put: dict[str, dict[str, Ref]] = {}
        for pk, kind, slug, name, native in rows:
            translations, others, parent = more.get(pk, ({}, (), ""))
            names = (*others, *sorted(aliases.get(pk, ())))
            put.setdefault(kind, {})[slug] = Ref(kind, slug, name, native, translations, names, parent, pk)
            self._places[pk] = kind, slug
        for kind, refs in put.items():
            self.refs[kind] = dict(sorted((*self.refs.get(kind, {}).items(), *refs.items())))
        self.moved: dict[str, dict[str, str]] = {}
        old = OldSlug.objects.filter(record__publication_status=published)
        for kind, slug, now in old.values_list("record_kind", "slug", "record__slug"):
            if slug not in self.of(kind):
                self.moved.setdefault(kind, {})[slug] = now

    def get(self, record: Record | None) -> Ref | None:
        """``record`` as the public may see it: None when it is not published."""
        return self.refs.get(record.record_kind, {}).get(record.slug) if record else None

    def at(self, key: int) -> Ref:
        """The published record with the primary key ``key``; KeyError when it is none."""
        kind, slug = self._places[key]
        return self.refs[kind][slug]

    def find(self, key: int) -> Ref | None:
        """The record with the primary key ``key`` as the public may see it: None when it is not published."""
        return self.at(key) if key in self._places else None

    @cached_property
    def vocabulary(self) -> dict[str, str]:
        """Every word of every name, folded, as it is first written."""
        found: dict[str, str] = {}
        for ref in chain.from_iterable(refs.values() for refs in self.refs.values()):
            for written in WORD.findall(" ".join((*ref.names, *ref.other_names))):
                found.setdefault(fold(written), written)
        return found

    def of(self, kind: str) -> dict[str, Ref]:
        """All records of a kind by id."""
        return self.refs.get(kind, {})


def _has_parent(model) -> bool:
    return any(field.name == "parent" for field in model._meta.get_fields())


def _more_names(model, only: dict):
    """Pairs of record and its translations, further names and parent, as far as ``model`` has them."""
    names = {field.name for field in model._meta.get_fields()}
    translated = [name for name in names if name.startswith("name_")]
    extra = [name for name in ("acronym",) if name in names]
    parent = ["parent__slug"] if _has_parent(model) else []
    if translated or extra or parent:
        for row in model.objects.filter(**only).values("pk", *translated, *extra, *parent):
            translations = {name.removeprefix("name_"): row[name] for name in translated if row[name]}
            others = tuple(row[name] for name in extra if row[name])
            yield row["pk"], (translations, others, row["parent__slug"] or "" if parent else "")

"""The data dictionary: what every column holds and every filter word takes, read from the lists' declarations."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.listing.addresses import list_path
from eccp.listing.belongings import BELONGINGS
from eccp.listing.columns import CodesTwin, CodeTwin, Column, Many, One
from eccp.listing.directory import Directory
from eccp.listing.fields import UNKNOWN
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.question import Controls
from eccp.listing.words import AsOfWord, BoundWord, ChoiceWord, RecordWord, SearchWord, VocabularyWord, Word
from eccp.records.models import KIND_ADDRESSES, record_models

TYPES = {
    "string": _("text"),
    "decimal": _("number"),
    "date": _("date: year, month, day or period"),
    "boolean": _("yes or no"),
    "anyURI": _("web address"),
    "reference": _("another record: id, name, address"),
}
WORD_TYPES = {
    SearchWord: _("text"),
    AsOfWord: _("day: 2018-12-01"),
    BoundWord: _("date: 2013, 2015-05, 2017-11-21 or a period, 2015/2016"),
}


@dataclass
class Vocabulary:
    """A fixed set of words, and the columns that hold them."""

    id: str
    choices: type[models.TextChoices]
    label: str | Promise
    used_in: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class ColumnEntry:
    """One column as the dictionary explains it."""

    column: Column
    twins: list[str]
    type: str
    vocabulary: str  # its id, or ""


@dataclass(frozen=True)
class WordEntry:
    """One filter word as the dictionary explains it: the values of a vocabulary, or where ids are found."""

    name: str
    word: Word
    meaning: str
    type: str
    values: list[tuple[str, str]]
    lists: list[tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """One list as the dictionary explains it."""

    listing: type[Listing]
    columns: list[ColumnEntry]
    words: list[WordEntry]


def choices_of(column: Column) -> type[models.TextChoices] | None:
    """The vocabulary of a column, if it has one."""
    return getattr(column, "choices", None)


def values_of(word: Word, directory: Directory) -> dict[str, str]:
    """The values of a word that are few enough to be named, with their labels; none for ids of records."""
    if isinstance(word, VocabularyWord):
        return word.vocabulary
    are_few = isinstance(word, ChoiceWord) and word.facet and not isinstance(word, RecordWord)
    return word.labels(directory) if are_few else {}


def entries(directory: Directory) -> Iterator[Entry]:
    """Every list."""
    for listing in LISTINGS.values():
        columns = [
            ColumnEntry(column, [twin.name for twin in column.twins], _type(column), _vocabulary_id(column))
            for column in listing.columns
        ]
        words = [_word(name, word, directory) for name, word in listing.filterset_class.base_filters.items()]
        yield Entry(listing, columns, words)


def _type(column: Column) -> str:
    if choices_of(column):
        return gettext("word of a vocabulary")
    if isinstance(column, CodeTwin | CodesTwin):
        return gettext("id of a record")
    return gettext("name of a record") if isinstance(column, One | Many) else str(TYPES[column.datatype])


def _vocabulary_id(column: Column) -> str:
    choices = choices_of(column)
    return choices.__name__ if choices else ""


def _word(name: str, word: Word, directory: Directory) -> WordEntry:
    values = [(code, str(label)) for code, label in values_of(word, directory).items()]
    kinds = word.kinds if isinstance(word, RecordWord) else ()
    names = {kind: str(model._meta.verbose_name) for kind, model in record_models().items()}
    lists = [(names[kind], list_path(KIND_ADDRESSES[kind]) if KIND_ADDRESSES[kind] else "") for kind in kinds]
    if word.is_choice:
        kind = gettext("one of the words") if values else gettext("id of a record")
        values = values and [*values, (UNKNOWN, gettext("not known"))]
    else:
        kind = next(str(said) for found, said in WORD_TYPES.items() if isinstance(word, found))
    return WordEntry(name, word, str(word.phrase) % {"values": "…"}, kind, values, lists)


def controls() -> dict[str, str]:
    """The words that choose how an answer is shown, with what they mean."""
    return {name: str(field.help_text) for name, field in Controls.base_fields.items()}


def vocabularies() -> list[Vocabulary]:
    """Every vocabulary a column or a part of a record uses, in order of first use."""
    found: dict[str, Vocabulary] = {}
    owners = [(listing.name, listing.columns) for listing in LISTINGS.values()]
    for name, columns in [*owners, *((part.name, part.columns) for part in BELONGINGS)]:
        for column in columns:
            if choices := choices_of(column):
                made = found.setdefault(choices.__name__, Vocabulary(choices.__name__, choices, column.label))
                made.used_in.append((name, column.name))
    for kind, model in record_models().items():
        if model.aspects:
            label = gettext("aspect of a statement: %(kind)s") % {"kind": model._meta.verbose_name}
            id_ = model.aspects.__name__
            found[id_] = Vocabulary(id_, model.aspects, label, [(KIND_ADDRESSES[kind] or kind, "statements.aspect")])
    return list(found.values())

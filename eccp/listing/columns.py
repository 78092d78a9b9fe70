"""Columns: declared once for a list, they make its page, its files and its JSON."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from operator import attrgetter
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.listing.addresses import absolute, record_path
from eccp.listing.directory import Directory, Ref
from eccp.listing.markup import address, escaped, items, links, number, tag, time
from eccp.listing.ways import Asked, Paths
from eccp.listing.wording import said_unit, said_word
from eccp.records.dates import PartialDate
from eccp.records.text import clean, fold

SEPARATOR = "; "
#: The columns whose words are drawn as tags.
TAGGED = frozenset({"stage", "status", "state", "rank"})

#: What a row holds in one column: None when not known, a tuple where several values may stand.
Cell = None | str | bool | int | Decimal | PartialDate | Ref | tuple
#: A cell as it is kept: what JSON can say, other records by their keys.
Packed = None | str | bool | int | list


@dataclass(frozen=True)
class Rows:
    """Rows of one part of a record, each of which gives a column one of its values.

    ``Rows("participants", "organisation", (("side", "european"),))``: the participants that say so much of themselves,
    called by their organisation.
    """

    part: str
    field: str
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a list: how it is called, what it means, how its cell is read from a record.

    ``value`` takes the record, as the list's queryset brings it, and gives the raw value.
    """

    name: str
    label: str | Promise
    value: Callable[[Any], Any]
    help: str | Promise = ""
    #: Whether the page shows it unless ``columns`` asks otherwise.
    shown: bool = True
    #: Whether its text is searched by ``q``.
    searched: bool = False
    #: What of the record an import changes through this column: a field, or rows; "" where it is worked out.
    edits: str | Rows = ""

    datatype = "string"
    many = False
    #: The ways on which its cells are read where no record brings them along.
    paths: ClassVar[Paths] = ()

    def read(self, record: Any, directory: Directory) -> Cell:
        """The cell of ``record``; text is cleaned of line breaks and control characters."""
        return clean(self.value(record))

    def read_all(self, records: list, asked: Asked, directory: Directory) -> Iterable[Cell]:
        """The cells of ``records``, of whom the database is ``asked`` in the same order."""
        return (self.read(record, directory) for record in records)

    def pack(self, cell: Cell) -> Packed:
        """The cell as it is kept."""
        return cell

    def unpack(self, packed: Packed, directory: Directory) -> Cell:
        """The cell again, what it names as ``directory`` knows it."""
        return packed

    def renamed(self, packed: Packed, directory: Directory) -> Cell:
        """The same when what it names may be called otherwise, and stand in another order, than when it was kept."""
        return self.unpack(packed, directory)

    def text(self, cell: Cell) -> str:
        """The cell as the files write it; "" when not known."""
        return "" if cell is None else str(cell)

    def json(self, cell: Cell) -> Any:
        """The cell as JSON gives it; null when not known."""
        return cell

    def display(self, cell: Cell) -> list[str]:
        """The cell in words, in the language of the page."""
        return [] if cell is None else [str(cell)]

    def html(self, cell: Cell, language: str, query: str = "") -> str:
        """A cell that is known as pages show it, escaped, in the language of the page.

        That language is active, and given all the same: to ask which it is would cost more than most cells.
        ``query`` is what follows the addresses of records: the day the page is of, where it is not today.
        """
        return items([escape(text) for text in self.display(cell)])

    def sort_key(self, cell: Cell) -> tuple:
        """Text by its folded form, then by code point."""
        text = self.text(cell)
        return fold(text), text

    @property
    def twins(self) -> list["Column"]:
        """The columns that come with this one under a name derived from its own."""
        return []


@dataclass(frozen=True)
class Reached(Column):
    """What is made of all that stands at the end of ``paths``: no record has to bring along what lies between."""

    value: Callable[[Any], Any] = lambda record: None
    paths: Paths = ()

    def read_all(self, records, asked, directory):
        found = asked.ends(self.paths)
        return (self.made(found.get(key, ()), directory) for key in asked.keys)

    def made(self, ends: Collection, directory: Directory) -> Cell:
        """The cell of a row from all ``ends`` of its ways, as the database stores them."""
        raise NotImplementedError(f"{type(self).__name__} must say what it makes of what it reaches")


class Text(Column):
    """A text: a title, a place, a note."""


class Unit(Text):
    """What numbers are counted in."""

    def display(self, cell):
        return [said_unit(cell)]


class WebAddress(Text):
    """An address on the web, which leads there."""

    def html(self, cell, language, query=""):
        return address(cell)


class Texts(Reached):
    """Several texts, such as aliases."""

    many = True

    def made(self, ends, directory):
        return tuple(sorted(filter(None, map(clean, ends)), key=lambda text: (fold(text), text)))

    def unpack(self, packed, directory):
        return tuple(packed)

    def text(self, cell):
        return SEPARATOR.join(cell)

    def json(self, cell):
        return list(cell)

    def display(self, cell):
        return list(cell)


@dataclass(frozen=True)
class Word(Column):
    """A word of a vocabulary; pages show its translated label."""

    choices: type[models.TextChoices] | None = None

    def said(self, word: str, language: str = "") -> str:
        """Its label in the language of the page."""
        return said_word(self.choices, word, language)

    def display(self, cell):
        return [] if cell is None else [self.said(cell)]

    def html(self, cell, language, query=""):
        written = escaped(self.said(cell, language))
        return tag(cell, written) if self.name in TAGGED else written


@dataclass(frozen=True)
class Words(Reached, Word):
    """Several words of a vocabulary, in its order."""

    many = True

    def made(self, ends, directory):
        return tuple(sorted(ends, key=self.choices.values.index))

    text, json, unpack = Texts.text, Texts.json, Texts.unpack

    def display(self, cell):
        return [self.said(word) for word in cell]

    def html(self, cell, language, query=""):
        return items([escaped(self.said(word, language)) for word in cell])


@dataclass(frozen=True)
class DayWord(Word):
    """A word that depends on the day asked about: nothing of it is stored with the row.

    ``on_day`` takes the list's queryset and a day and gives pairs of primary key and word.
    """

    value: Callable[[Any], Any] = lambda record: None
    on_day: Callable[[models.QuerySet, date], Iterable[tuple[int, str]]] | None = None
    #: The words that dates alone do not prove: shown “as last known on” the day of verification.
    last_known: frozenset[str] = frozenset()


class Number(Column):
    """A count or a measured value; never touched by a guard against formulas."""

    datatype = "decimal"

    def read(self, record, directory):
        value = self.value(record)
        return value.normalize() if isinstance(value, Decimal) else value

    def pack(self, cell):
        return str(cell) if isinstance(cell, Decimal) else cell

    def unpack(self, packed, directory):
        return Decimal(packed) if isinstance(packed, str) else packed

    def text(self, cell):
        return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)

    def json(self, cell):
        if isinstance(cell, Decimal):
            return int(cell) if cell == cell.to_integral_value() else float(cell)
        return cell

    def display(self, cell):
        return [] if cell is None else [self.text(cell)]

    def html(self, cell, language, query=""):
        return number(cell, language)

    def sort_key(self, cell):
        return (Decimal(cell),)


class Date(Column):
    """A date as precise as it is known: year, month, day or period."""

    datatype = "date"

    def read(self, record, directory):
        value = self.value(record)
        return PartialDate.of_day(value) if isinstance(value, date) else value

    def pack(self, cell):
        return cell and [cell.text, cell.first.toordinal(), cell.last.toordinal()]

    def unpack(self, packed, directory):
        return packed and PartialDate(packed[0], date.fromordinal(packed[1]), date.fromordinal(packed[2]))

    def json(self, cell):
        return cell.text if cell else None

    def html(self, cell, language, query=""):
        return time(cell, language)

    def sort_key(self, cell):
        return cell.first, cell.last


class Latest(Reached, Date):
    """The date that ends last, and of such the one that begins last."""

    def made(self, ends, directory):
        return max(map(PartialDate.parse, ends), key=lambda stated: (stated.last, stated.first), default=None)


class Counted(Reached, Number):
    """How many there are, each counted once."""

    def made(self, ends, directory):
        return len(ends)


class Flag(Column):
    """Yes, no, or not known."""

    datatype = "boolean"

    def read(self, record, directory):
        return self.value(record)

    def text(self, cell):
        return "" if cell is None else "true" if cell else "false"

    def html(self, cell, language, query=""):
        return escape(gettext("yes") if cell else gettext("no"))


class IsThere(Reached, Flag):
    """Whether there is any."""

    def made(self, ends, directory):
        return bool(ends)


@dataclass(frozen=True)
class One(Column):
    """The name of the record at the end of ``path``, else of that which ``value`` gives; a twin gives its id."""

    value: Callable[[Any], Any] = lambda record: None
    path: str = ""

    @property
    def paths(self):
        return ((self.path, Q()),) if self.path else ()

    def read(self, record, directory):
        return directory.get(self.value(record))

    def read_all(self, records, asked, directory):
        if not self.path:
            return super().read_all(records, asked, directory)
        if "__" in self.path:
            ends = dict(asked.pairs(self.paths))
            return (directory.find(ends.get(key)) for key in asked.keys)
        # The row holds the key itself.
        return map(directory.find, map(attrgetter(f"{self.path}_id"), records))

    def pack(self, cell):
        return cell and cell.key

    def unpack(self, packed, directory):
        return packed and directory.at(packed)

    def text(self, cell):
        return cell.written if cell else ""

    def json(self, cell):
        return cell.name if cell else None

    def display(self, cell):
        return [cell.label] if cell else []

    def html(self, cell, language, query=""):
        return links([cell], language, query)

    @property
    def twins(self):
        help_text = format_lazy(_("The id of: {column} ({help})"), column=self.label, help=self.help)
        return [CodeTwin(f"{self.name}_code", self.label, help=help_text, shown=False, edits=self.edits, of=self.name)]


class Many(Reached):
    """The names of several other records, each once, in order, with a twin that gives their ids."""

    many = True

    def made(self, ends, directory):
        refs = {ref for key in ends if (ref := directory.find(key))}
        return tuple(sorted(refs, key=lambda ref: ref.sort_key))

    def pack(self, cell):
        return [ref.key for ref in cell]

    def unpack(self, packed, directory):
        return tuple(map(directory.at, packed))

    renamed = made

    def text(self, cell):
        return SEPARATOR.join(ref.written for ref in cell)

    def json(self, cell):
        return [ref.name for ref in cell]

    def display(self, cell):
        return [ref.label for ref in cell]

    def html(self, cell, language, query=""):
        return links(cell, language, query)

    @property
    def twins(self):
        name = f"{self.name}_codes"
        help_text = format_lazy(
            _("The ids of: {column}, in the same order ({help})"), column=self.label, help=self.help
        )
        return [CodesTwin(name, self.label, help=help_text, shown=False, edits=self.edits, of=self.name)]


@dataclass(frozen=True)
class CodeTwin(One):
    """The id of the record a column names."""

    of: str = ""
    twins = ()

    def text(self, cell):
        return cell.slug if cell else ""

    def json(self, cell):
        return cell.slug if cell else None

    def display(self, cell):
        return [cell.slug] if cell else []

    def html(self, cell, language, query=""):
        return links([cell], language, query, by_id=True)


@dataclass(frozen=True)
class CodesTwin(Many):
    """The ids of the records a column names, in the order of their names."""

    of: str = ""
    twins = ()

    def text(self, cell):
        return SEPARATOR.join(ref.slug for ref in cell)

    def json(self, cell):
        return [ref.slug for ref in cell]

    def display(self, cell):
        return [ref.slug for ref in cell]

    def html(self, cell, language, query=""):
        return links(cell, language, query, by_id=True)


@dataclass(frozen=True)
class Address(Column):
    """The full public address of the record's page."""

    datatype = "anyURI"
    shown: bool = False

    def read(self, record, directory):
        return absolute(record_path(*self.value(record)))


def is_known(cell: Cell) -> bool:
    """Whether a cell holds anything: "no" and 0 are known."""
    return cell is not None and cell != ()


def with_twins(columns: Iterable[Column]) -> dict[str, Column]:
    """Every column that can be asked for, by name: the declared ones first, in order."""
    columns = list(columns)
    twins = [twin for column in columns for twin in column.twins]
    return {column.name: column for column in (*columns, *twins)}

"""Filter words: what may stand in the query string of a list, what it means, and what is said when it is wrong.

A word knows its rows as pairs of primary key and value, read from the database (``pairs``) or, where cells of the
list name all its values, from these (``columns``). The index counts and combines those pairs; ``filter`` asks the
database the same question directly, and ``manage.py verify`` holds one against the other.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from datetime import date
from itertools import chain
from typing import Self

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from eccp.listing import ways
from eccp.listing.directory import Directory
from eccp.listing.fields import NAMED_IN_ERRORS, UNKNOWN, CodesField, DayField, PartialDateFormField, TermsField
from eccp.listing.ways import Asked, Path
from eccp.listing.wording import listed
from eccp.records.models import Record, TreeModel

Pairs = Iterable[tuple[int, str]]


class Word(django_filters.Filter):
    """One filter word. ``phrase`` says a choice in words: “with %(values)s”."""

    is_choice = False
    #: The ways on which it finds its values.
    reads: Iterable[str] = ()

    def __deepcopy__(self, _memo) -> Self:
        """Itself for one more question: what was declared is never changed."""
        return copy(self)

    def __init__(self, label: str | Promise, phrase: str | Promise, **kwargs):
        self.phrase = phrase
        kwargs.setdefault("required", False)
        super().__init__(label=label, **kwargs)

    def say(self, value, labels: dict[str, str]) -> str:
        """The chosen value in words."""
        return str(self.phrase) % {"values": value}


def _either(texts: list[str]) -> str:
    """Several texts of which one holds."""
    *first, last = texts
    return gettext("%(first)s or %(last)s") % {"first": listed(first), "last": last} if first else last


class ChoiceWord(Word):
    """A word whose values are codes; each row has any number of them, and none means not known.

    ``paths`` lead from the list's model to the code, all of them valid. A path may come with a condition
    on the rows it passes through: ``("participants__organisation__countries", Q(participants__side=…))``.
    """

    field_class = CodesField
    is_choice = True
    #: Words that hold on any day, from whose rows ``rows_on`` makes those of this one, which does not.
    rests_on: Mapping[str, "ChoiceWord"] = {}
    #: What gives the values of every day, of a word whose values turn with it.
    turns: ways.Question | None = None
    #: Columns of several records whose cells name all its values: these need not be asked for once more.
    columns: tuple[str, ...] = ()

    def __init__(self, *args, paths: Iterable[str | Path] = (), facet: bool = True, **kwargs):
        self.paths: list[Path] = [(path, Q()) if isinstance(path, str) else path for path in paths]
        self.facet = facet
        super().__init__(*args, **kwargs)

    @property
    def reads(self) -> list[str]:
        return [path for path, _where in self.paths]

    def labels(self, directory: Directory) -> Mapping[str, str]:
        """Every valid code and its label, in the order of the vocabulary."""
        raise NotImplementedError(f"{type(self).__name__} must say which codes it takes")

    def moved(self, code: str, directory: Directory) -> str | None:
        """The newest id of an old one, if it is one."""
        return None

    def pairs(self, queryset: models.QuerySet, on: date) -> Iterator[tuple[int, str]]:
        """Pairs of primary key and code for every row of ``queryset`` on the day ``on``."""
        return ways.pairs(queryset, self.paths)

    def pairs_of(self, asked: Asked, directory: Directory) -> Iterator[tuple[int, str]]:
        """The same of rows known by their keys, for a word that holds on any day; only of codes that are its values."""
        known = {*self.labels(directory), UNKNOWN}
        return ((key, code) for key, code in asked.pairs(self.paths) if code in known)

    def rows_on(self, on: date, rows: dict[str, dict[str, BitMap]]) -> dict[str, BitMap]:
        """The rows of each value on the day ``on``, from the rows of what the word ``rests_on``."""
        raise NotImplementedError(f"{type(self).__name__} must say how its rows follow")

    def keys(self, queryset: models.QuerySet, code: str, on: date) -> set[int]:
        """Primary keys of the rows of ``queryset`` that have ``code`` on the day ``on``, asked one by one."""
        base = queryset.model._base_manager.filter(pk__in=queryset.order_by().values("pk"))
        found: set[int] = set()
        for path, where in self.paths:
            found.update(base.filter(where, **{path: code}).values_list("pk", flat=True))
        return found

    def filter(self, queryset, value):
        """The rows that have any of the chosen codes, as the database finds them."""
        if not value:
            return queryset
        on = self.parent.on
        wanted: set[int] = set()
        for code in value:
            if code == UNKNOWN:
                base = queryset.model._base_manager.filter(pk__in=queryset.order_by().values("pk"))
                pairs = list(self.pairs(base, on))
                known = {pk for pk, found in pairs if found != UNKNOWN}
                stated = {pk for pk, found in pairs if found == UNKNOWN}
                wanted |= (set(queryset.values_list("pk", flat=True)) - known) | stated
            else:
                wanted |= self.keys(queryset, code, on)
        return queryset.filter(pk__in=wanted)

    def say(self, value, labels):
        names = [str(labels.get(code, code)) for code in value if code != UNKNOWN]
        phrases = [str(self.phrase) % {"values": _either(names)}] if names else []
        if UNKNOWN in value:
            phrases.append(gettext("with “%(word)s” not known") % {"word": self.label})
        return _either(phrases)


class RecordWord(ChoiceWord):
    """A word whose values are ids of published records of one kind (or several)."""

    def __init__(self, *args, kinds: Iterable[type[Record]], columns: Iterable[str] = (), **kwargs):
        kinds, self.columns = tuple(kinds), tuple(columns)
        self.kinds = tuple(model._meta.model_name for model in kinds)
        self.is_tree = any(issubclass(model, TreeModel) for model in kinds)
        super().__init__(*args, **kwargs)
        self.to_records = self.paths
        self.paths = [(f"{path}__slug", where) for path, where in self.to_records]

    def pairs_of(self, asked, directory):
        ends = ((key, directory.find(end)) for key, end in asked.pairs(self.to_records))
        return ((key, ref.slug) for key, ref in ends if ref and ref.kind in self.kinds)

    def labels(self, directory):
        return directory.labels(self.kinds)

    def moved(self, code, directory):
        return next((new for kind in self.kinds if (new := directory.moved(kind, code))), None)

    def parents(self, directory: Directory) -> Mapping[str, str]:
        """The id above each value where its kind is a tree, else none."""
        return directory.parents(self.kinds) if self.is_tree else {}

    def parent_of(self, code: str, directory: Directory) -> str:
        """The id above ``code`` where the kind is a tree, else ""."""
        return self.parents(directory).get(code, "")


class VocabularyWord(ChoiceWord):
    """A word whose values are the words of a vocabulary."""

    def __init__(self, *args, choices: type[models.TextChoices], extra: dict[str, str] | None = None, **kwargs):
        self.vocabulary = {**{str(word): label for word, label in choices.choices}, **(extra or {})}
        super().__init__(*args, **kwargs)

    def labels(self, directory):
        return {code: label for code, label in self.vocabulary.items() if code != UNKNOWN}


class PathlessWord(VocabularyWord):
    """A vocabulary word to whose values no path leads; ``reads`` says on which ways its pairs are found."""

    reads: Iterable[str] = ()

    def __init__(self, *args, reads: Iterable[str] = (), **kwargs):
        self.reads = reads
        super().__init__(*args, **kwargs)

    def keys(self, queryset, code, on):
        return {pk for pk, found in self.pairs(queryset, on) if found == code}


class ComputedWord(PathlessWord):
    """A word that depends on the day: ``compute`` takes the list's queryset and a day, and gives its pairs.

    ``turns`` gives the same for every day, as ``eccp.records.turning`` says it, for the rows whose keys a field is
    among (``eccp.listing.ways.Question``).
    """

    def __init__(self, *args, compute, turns=None, **kwargs):
        self.compute, self.turns = compute, turns
        super().__init__(*args, **kwargs)

    def pairs(self, queryset, on):
        return iter(self.compute(queryset, on))


class AskedWord(PathlessWord):
    """A word whose pairs questions give, that are asked for the rows whose keys a field is among.

    They are as ``eccp.listing.ways.Question`` says. A row of which none says anything has the code ``otherwise``, if
    one is given.
    """

    def __init__(self, *args, asks: Iterable[ways.Question], otherwise: str = "", **kwargs):
        self.asks, self.otherwise = asks, otherwise
        super().__init__(*args, **kwargs)

    def pairs(self, queryset, on):
        rows = queryset.order_by()
        found = (question(lambda field: Q(**{f"{field}__in": rows.values("pk")})) for question in self.asks)
        return self._completed(chain.from_iterable(found), rows.values_list("pk", flat=True))

    def pairs_of(self, asked, directory):
        return self._completed(chain.from_iterable(map(asked.ask, self.asks)), asked.keys)

    def _completed(self, pairs: Iterable[tuple[int, str]], keys: Iterable[int]) -> Iterator[tuple[int, str]]:
        said = set()
        for key, code in pairs:
            said.add(key)
            yield key, code
        if self.otherwise:
            yield from ((key, self.otherwise) for key in keys if key not in said)


class YesNo(models.TextChoices):
    TRUE = "true", _("yes")
    FALSE = "false", _("no")


class SearchWord(Word):
    """``q``: folded words, all of which must be found in the names and texts of the row."""

    field_class = TermsField

    def __init__(self):
        super().__init__(_("Words"), _("matching “%(values)s”"))

    def filter(self, queryset, value):
        """Searching needs the names of what a row names: the index does it, the database leaves it."""
        return queryset


class BoundWord(Word):
    """``…_from`` or ``…_to``: rows whose date overlaps the time from, or up to, the given date."""

    field_class = PartialDateFormField

    def __init__(self, *args, of: str, edge: str, **kwargs):
        self.of, self.edge = of, edge
        super().__init__(*args, **kwargs)

    def filter(self, queryset, value):
        if value is None:
            return queryset
        bound = {f"{self.of}_last__gte": value.first} if self.edge == "from" else {f"{self.of}_first__lte": value.last}
        return queryset.filter(**bound)


class AsOfWord(Word):
    """``as_of``: the day on which derived values are asked for; it never takes a row away by itself."""

    field_class = DayField

    def __init__(self):
        super().__init__(_("As of"), _("as of %(values)s"))

    def filter(self, queryset, value):
        return queryset


class ListingFilterSet(django_filters.FilterSet):
    """The filter words of one list, bound to one query string and one day.

    Unlike its base it refuses words it does not know, and never answers a bad question with rows.
    """

    q = SearchWord()
    as_of = AsOfWord()

    #: Words of the address that are no filters, and are judged elsewhere.
    controls = frozenset({"sort", "page", "per_page", "columns", "bom"})

    def __init__(self, data, *, queryset, directory: Directory, today: date):
        super().__init__(data, queryset=queryset)
        self.directory, self.today = directory, today
        for name, word in self.filters.items():
            if word.is_choice:
                self.form.fields[name].labels = word.labels(directory)

    @property
    def on(self) -> date:
        """The day asked about: ``as_of``, else today."""
        return (self.form.cleaned_data.get("as_of") if self.is_valid() else None) or self.today

    @property
    def chosen(self) -> dict:
        """The words that were given a value, in the order of their declaration."""
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}

    @property
    def problems(self) -> dict[str, list[str]]:
        """What is wrong, by word; unknown words are said first, each with the nearest known one."""
        known = [*self.filters, *self.controls]
        problems = {}
        strangers = [name for name in self.data if name not in known]
        for name in strangers[:NAMED_IN_ERRORS]:
            near = difflib.get_close_matches(name, known, 1)
            said = gettext("There is no filter of this name here. There are: %(known)s.")
            hint = gettext("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
            problems[name[:40]] = [f"{hint} {said % {'known': ', '.join(self.filters)}}".strip()]
        problems |= {name: [str(text) for text in texts] for name, texts in self.form.errors.items()}
        return problems | self._turned_round()

    def _turned_round(self) -> dict[str, list[str]]:
        """What is wrong with times that end before they begin: an end that is wrong by itself is none to compare."""
        ends: dict[str, dict[str, str]] = {}
        for name, word in self.filters.items():
            if isinstance(word, BoundWord) and self.form.cleaned_data.get(name):
                ends.setdefault(word.of, {})[word.edge] = name
        pairs = [(both["from"], both["to"]) for both in ends.values() if len(both) == 2]
        wrong = {}
        for names in pairs:
            first, last = (self.form.cleaned_data[name] for name in names)
            if first.first > last.last:
                said = gettext("This time ends before it begins: from %(first)s to %(last)s. Write the earlier first.")
                wrong |= {name: [said % {"first": first, "last": last}] for name in names}
        return wrong

    @property
    def qs(self):
        """The rows the question asks for, as the database finds them; ValueError if the question is bad."""
        if self.problems:
            raise ValueError(f"a bad question has no rows: {self.problems}")
        return super().qs

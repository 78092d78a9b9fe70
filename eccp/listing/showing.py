"""Which rows show a change: from the declarations of a list, the ways on which its rows read other records.

A row shows what its list's queryset brings along, and what its columns and its filter words lead to.
Whatever lies on such a way, a change of it is noted for every row from which the way leads there: rather a row
too many than one too few. A change of names alone is noted for few rows, however many name the record: their cells
hold its key, so whoever holds them finds and says them anew.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Prefetch

from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.ways import Asked, Question
from eccp.records.models import Record
from eccp.records.version import Change

#: The name under which changed records themselves are noted, for the directory.
RECORDS = ""
#: And those of which nothing but the names has, for the rows that name them.
RENAMED = "renamed records"


def rows_showing(change: Change) -> dict[str, set[int]]:
    """For each list the keys of the rows that may show ``change`` otherwise than by a name, as the database is now."""
    model, keys = change.model, change.keys
    found = {RECORDS: set(keys)} if issubclass(model, Record) else {}
    found |= {RENAMED: set(keys)} if change.only_names else {}
    for name, listing in LISTINGS.items():
        base = listing.queryset.model
        rows = set(keys) if _are_akin(base, model) else set()
        if leading := _rows_leading_to(listing, model, change.only_names):
            rows.update(key for (key,) in Asked(base, keys).ask(leading))
        if rows:
            found[name] = rows
    return found


@cache
def _rows_leading_to(listing: type[Listing], model: type[models.Model], only_names: bool) -> Question | None:
    """The question for the rows of a list from which ways lead to some of a model; None where none does."""
    known = _ways_for_names(listing) if only_names else ways(listing)
    found = [way for way, end in known if _are_akin(end, model)]

    def rows(among):
        every = listing.queryset.model._base_manager.order_by().values_list("pk")
        asked = [every.filter(among(way), **{f"{way}__isnull": False}) for way in found]
        return asked[0].union(*asked[1:], all=True)

    return rows if found else None


def _are_akin(one: type[models.Model], other: type[models.Model]) -> bool:
    """Whether a row of one may be a row of the other: a record and its kind share their key."""
    return issubclass(one, other) or issubclass(other, one)


@cache
def ways(listing: type[Listing]) -> list[tuple[str, type[models.Model]]]:
    """Every way from a row of the list to what it shows, each with what it leads to."""
    read = [*_brought_along(listing.queryset), listing.changed]
    read += [path for column in listing.columns for path, _where in column.paths]
    for word in listing.filterset_class.base_filters.values():
        read += word.reads
    return _along(listing, read)


@cache
def _ways_for_names(listing: type[Listing]) -> list[tuple[str, type[models.Model]]]:
    """Those of them whose ends' names a row says of itself, or with which it changes."""
    return _along(listing, [*listing.reads_names, listing.changed])


def _along(listing: type[Listing], read: Iterable[str]) -> list[tuple[str, type[models.Model]]]:
    found: dict[str, type[models.Model]] = {}
    for path in read:
        model, way = listing.queryset.model, ""
        for step in path.split("__"):
            try:
                end = model._meta.get_field(step).related_model
            except FieldDoesNotExist:
                break  # a look-up or an annotation: the way has ended
            if end is None:
                break
            model, way = end, f"{way}__{step}" if way else step
            found[way] = model
    return list(found.items())


def _brought_along(queryset: models.QuerySet, start: str = "") -> Iterator[str]:
    """What ``queryset`` selects and fetches with its rows."""
    selected = queryset.query.select_related
    yield from _selected(selected if isinstance(selected, dict) else {}, start)
    for lookup in queryset._prefetch_related_lookups:
        if isinstance(lookup, Prefetch):
            yield start + lookup.prefetch_through
            if lookup.queryset is not None:
                yield from _brought_along(lookup.queryset, f"{start}{lookup.prefetch_through}__")
        else:
            yield start + lookup


def _selected(tree: dict, start: str) -> Iterator[str]:
    for name, below in tree.items():
        yield start + name
        yield from _selected(below, f"{start}{name}__")

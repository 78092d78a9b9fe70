"""Finding a record by any of its names, in any spelling, in the curators' lists and choices."""

from functools import lru_cache

from django.db import models

from eccp.records.models import DataVersion
from eccp.records.text import finds, needles, searchable


class FindsByName:
    """An admin whose search takes accents, width, umlauts and word order as people type them.

    Every word must be found in one of ``search_fields``; both databases answer alike.
    """

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        looked_for = needles(search_term)
        if not looked_for:
            return queryset.none(), False
        version = DataVersion.objects.values_list("number", "changed_at").first()
        texts = _texts(self.model, tuple(self.get_search_fields(request)), version)
        found = [pk for pk, line in texts if finds(looked_for, line)]
        return queryset.filter(pk__in=found), False


@lru_cache(maxsize=24)
def _texts(model: type[models.Model], fields: tuple[str, ...], version) -> tuple[tuple[int, str], ...]:
    """What each record is found by, at one version of the data."""
    names: dict[int, set[str]] = {}
    for pk, *values in model._default_manager.order_by().values_list("pk", *fields):
        names.setdefault(pk, set()).update(filter(None, values))
    return tuple((pk, searchable(*sorted(values))) for pk, values in names.items())

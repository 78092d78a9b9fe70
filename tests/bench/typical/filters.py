"""The words of the yardstick's list: django-filter as its manual has it, search by ``icontains``."""

import django_filters
from django.db.models import Q

from eccp.reference.models import Country, Region, Sector
from partnerships.models import AgreementType, Partnership, Side, Stage
from programmes.models import Programme

SEARCHED = (
    "name",
    "summary",
    "sectors__name",
    "participations__programme__name",
    "participants__organisation__name",
    "participants__organisation__native_name",
)
#: Each facet, with the path whose values it groups by and what must hold on the way.
FACETS = {
    "european_country": ("participants__organisation__countries__slug", Q(participants__side=Side.EUROPEAN)),
    "european_region": ("participants__organisation__regions__ancestors__slug", Q(participants__side=Side.EUROPEAN)),
    "sector": ("sectors__ancestors__slug", Q()),
    "programme": ("participations__programme__ancestors__slug", Q()),
    "target_country": ("target_countries__slug", Q()),
    "stage": ("stage", Q()),
    "agreement": ("agreements__type", Q()),
}


def codes(name: str, queryset) -> django_filters.Filter:
    """A word whose values are ids of records."""

    def having(rows, _name, chosen):
        path, condition = FACETS[name]
        return rows.filter(condition, **{f"{path}__in": [row.slug for row in chosen]}).distinct() if chosen else rows

    return django_filters.ModelMultipleChoiceFilter(queryset=queryset, to_field_name="slug", method=having)


class PartnershipFilter(django_filters.FilterSet):
    """The words that narrow the list."""

    q = django_filters.CharFilter(method="search")
    european_country = codes("european_country", Country.objects.all())
    european_region = codes("european_region", Region.objects.all())
    sector = codes("sector", Sector.objects.all())
    programme = codes("programme", Programme.objects.all())
    target_country = codes("target_country", Country.objects.all())
    stage = django_filters.MultipleChoiceFilter(choices=Stage.choices)
    agreement = django_filters.MultipleChoiceFilter(field_name="agreements__type", choices=AgreementType.choices)

    class Meta:
        model = Partnership
        fields: list[str] = []

    def search(self, rows, _name, text):
        """Rows with every word of ``text``, each anywhere in a name or summary."""
        for word in text.split():
            found = Q()
            for path in SEARCHED:
                found |= Q(**{f"{path}__icontains": word})
            rows = rows.filter(pk__in=Partnership.objects.filter(found).values("pk"))
        return rows

"""The filter words of the lists of organisations, sectors, countries and regions, and the word ``eu``."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.words import ComputedWord, ListingFilterSet, RecordWord, VocabularyWord, YesNo
from eccp.reference.models import EU, Country, OrganisationKind, Region, Sector


class EuWord(ComputedWord):
    """``eu``: whether one of the European countries of a row was a member of the EU on the day asked about."""

    def __init__(self, *, countries: RecordWord, **kwargs):
        self.countries = countries
        options = {"choices": YesNo, "compute": self._members, "depends_on_day": True}
        super().__init__(_("Member of the EU"), _("EU member: %(values)s"), **options, **kwargs)

    def _members(self, queryset, on):
        members = set(Country.objects.members_of(EU, on).values_list("slug", flat=True))
        countries: dict[int, set[str]] = {}
        for pk, code in self.countries.pairs(queryset, on):
            countries.setdefault(pk, set()).add(code)
        return ((pk, "true" if codes & members else "false") for pk, codes in countries.items())


class OrganisationFilterSet(ListingFilterSet):
    """The words of the list of organisations."""

    kind = VocabularyWord(_("Kind"), _("of kind %(values)s"), choices=OrganisationKind, paths=["kind"])
    country = RecordWord(
        _("Country"),
        _("in %(values)s"),
        kinds=[Country],
        paths=["countries", "stated_countries", "members__countries"],
    )
    sector = RecordWord(_("Sector"), _("in %(values)s"), kinds=[Sector], paths=["sectors__ancestors"])
    eu = EuWord(countries=country)
    region = RecordWord(
        _("Region"), _("in %(values)s"), kinds=[Region], paths=["regions__ancestors", "members__regions__ancestors"]
    )


class SectorFilterSet(ListingFilterSet):
    """The words of the list of sectors."""


class CountryFilterSet(ListingFilterSet):
    """The words of the list of countries."""


class RegionFilterSet(ListingFilterSet):
    """The words of the list of regions."""

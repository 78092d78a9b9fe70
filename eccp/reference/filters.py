"""The filter words of the lists of organisations, sectors, countries and regions, and the word ``eu``."""

from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from eccp.listing.fields import UNKNOWN
from eccp.listing.words import ComputedWord, ListingFilterSet, RecordWord, VocabularyWord, YesNo
from eccp.reference.models import EU, Area, Country, Ecosystem, OrganisationKind, Region, Sector
from eccp.reference.ways import COUNTRIES, REGIONS, with_all_above


class EuWord(ComputedWord):
    """``eu``: whether one of the European countries of a row was a member of the EU on the day asked about."""

    _SAID = {"true": _("in the EU"), "false": _("not in the EU")}

    def __init__(self, *, countries: RecordWord, **kwargs):
        self.countries, self.rests_on = countries, {"countries": countries}
        # The word for countries leads to their codes: with another step to their memberships.
        reads = [f"{path.removesuffix('__slug')}__memberships__area" for path in countries.reads]
        options = {"choices": YesNo, "compute": self._members, "reads": reads}
        super().__init__(_("Member of the EU"), "%(values)s", **options, **kwargs)

    def say(self, value, labels):
        return super().say(value, self._SAID)

    def rows_on(self, on, rows):
        countries, members = rows["countries"], self._members_on(on)
        are = {code: places for code, places in countries.items() if code in members}
        known = BitMap.union(BitMap(), *(places for code, places in countries.items() if code != UNKNOWN))
        in_eu = BitMap.union(BitMap(), *are.values())
        return {"true": in_eu, "false": known - in_eu}

    @staticmethod
    def _members_on(on):
        return set(Country.objects.members_of(EU, on).values_list("slug", flat=True))

    def _members(self, queryset, on):
        members = self._members_on(on)
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
        columns=("countries",),
        paths=COUNTRIES,
    )
    sector = RecordWord(
        _("Sector"), _("in %(values)s"), kinds=[Sector], columns=("sectors",), paths=["sectors__ancestors"]
    )
    eu = EuWord(countries=country)
    region = RecordWord(
        _("Region"), _("in %(values)s"), kinds=[Region], columns=("regions",), paths=with_all_above(REGIONS)
    )


class SectorFilterSet(ListingFilterSet):
    """The words of the list of sectors."""

    ecosystem = VocabularyWord(_("Industrial ecosystem"), _("in %(values)s"), choices=Ecosystem, paths=["ecosystem"])
    parent = RecordWord(_("Part of"), _("under %(values)s"), kinds=[Sector], paths=["parent__ancestors"])


class CountryFilterSet(ListingFilterSet):
    """The words of the list of countries."""

    area = RecordWord(_("Area"), _("ever part of %(values)s"), kinds=[Area], paths=["memberships__area"])
    eu = EuWord(countries=RecordWord(_("Country"), "", kinds=[Country], paths=["record"]))


class RegionFilterSet(ListingFilterSet):
    """The words of the list of regions."""

    country = RecordWord(_("Country"), _("in %(values)s"), kinds=[Country], paths=["country"])
    parent = RecordWord(_("Part of"), _("under %(values)s"), kinds=[Region], paths=["parent__ancestors"])

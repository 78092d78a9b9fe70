"""The filter words of the lists of indicators, observations and policy measures."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from eccp.listing.words import BoundWord, ComputedWord, ListingFilterSet, RecordWord, VocabularyWord
from eccp.records.models import Citation, Source
from eccp.records.vocabulary import FigureKind
from eccp.reference.models import Area, Country, Region, Sector
from markets.models import Indicator, MeasureKind, MeasureStatus, PolicyMeasure

PLACES = [Area, Country, Region]


class IndicatorFilterSet(ListingFilterSet):
    """The words of the list of indicators."""

    sector = RecordWord(_("Sector"), _("in %(values)s"), kinds=[Sector], paths=["sector__ancestors"])
    area = RecordWord(_("Area"), _("about %(values)s"), kinds=PLACES, paths=["area"])


class SourceOfObservation(RecordWord):
    """``source`` of observations: the sources that state the value."""

    reads = ("indicator__citations__source",)

    def pairs(self, queryset, on):
        rows = {(row.indicator_id, f"observations.{row.key}"): row.pk for row in queryset}
        cited = Citation.objects.public().filter(record__in={indicator for indicator, _field in rows})
        for record, field, slug in cited.values_list("record_id", "field", "source__slug"):
            if (record, field) in rows:
                yield rows[record, field], slug

    def pairs_of(self, asked, directory):
        return self.pairs(asked.queryset, date.min)

    def keys(self, queryset, code, on):
        return {pk for pk, slug in self.pairs(queryset, on) if slug == code}


class ObservationFilterSet(ListingFilterSet):
    """The words of the list of observations."""

    indicator = RecordWord(_("Indicator"), _("of %(values)s"), kinds=[Indicator], paths=["indicator"])
    sector = RecordWord(_("Sector"), _("in %(values)s"), kinds=[Sector], paths=["indicator__sector__ancestors"])
    area = RecordWord(_("Area"), _("about %(values)s"), kinds=PLACES, paths=["indicator__area"])
    kind = VocabularyWord(_("Kind"), _("of kind %(values)s"), choices=FigureKind, paths=["kind"])
    source = SourceOfObservation(_("Source"), _("stated in %(values)s"), kinds=[Source])
    period_from = BoundWord(_("From"), _("from %(values)s"), of="period", edge="from")
    period_to = BoundWord(_("Up to"), _("up to %(values)s"), of="period", edge="to")


class MeasureFilterSet(ListingFilterSet):
    """The words of the list of policy measures."""

    kind = VocabularyWord(_("Kind"), _("of kind %(values)s"), choices=MeasureKind, paths=["kind"])
    country = RecordWord(_("Country"), _("of %(values)s"), kinds=[Country], paths=["countries"])
    sector = RecordWord(_("Sector"), _("in %(values)s"), kinds=[Sector], paths=["sectors__ancestors"])
    status = ComputedWord(
        _("Status"),
        _("of status %(values)s"),
        choices=MeasureStatus,
        compute=lambda queryset, on: queryset.with_status(on).values_list("pk", "status"),
        turns=lambda among: PolicyMeasure.objects.filter(among("pk")).status_turns(),
        reads=["steps"],
    )

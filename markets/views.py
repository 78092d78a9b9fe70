"""The lists of indicators, observations and policy measures, and the pages of their records."""

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from eccp.listing.belongings import CITATIONS
from eccp.listing.details import DetailView
from eccp.listing.listings import Listing
from eccp.records.models import Citation, PublicationStatus
from markets.columns import INDICATOR_COLUMNS, MEASURE_COLUMNS, OBSERVATION_COLUMNS, citations_of, observation_id
from markets.filters import IndicatorFilterSet, MeasureFilterSet, ObservationFilterSet
from markets.models import Indicator, Observation, PolicyMeasure


class IndicatorList(Listing):
    """Every published indicator."""

    name = "indicators"
    title = _("Indicators")
    description = _("What sources measure about markets and programmes.")
    counted = ("%(count)s indicator", "%(count)s indicators")
    queryset = Indicator.objects.published().select_related("sector", "area").prefetch_related("observations")
    filterset_class = IndicatorFilterSet
    columns = INDICATOR_COLUMNS
    default_sort = "name"


class ObservationList(Listing):
    """Every observation of a published indicator."""

    name = "observations"
    title = _("Observations")
    description = _("The values of the indicators: measured, projected or aimed at.")
    counted = ("%(count)s observation", "%(count)s observations")
    queryset = (
        Observation.objects.filter(indicator__publication_status=PublicationStatus.PUBLISHED)
        .select_related("indicator__sector", "indicator__area")
        .prefetch_related(
            Prefetch(
                "indicator__citations",
                Citation.objects.public().select_related("source"),
                to_attr="public_citations",
            )
        )
    )
    filterset_class = ObservationFilterSet
    columns = OBSERVATION_COLUMNS
    changed = "indicator__changed_at"
    schema_type = "Observation"

    row_id = staticmethod(observation_id)

    @staticmethod
    def row_name(record) -> str:
        return ", ".join(map(str, filter(None, [record.indicator.name, record.period])))


class MeasureList(Listing):
    """Every published policy measure."""

    name = "measures"
    title = _("Policy measures")
    description = _("Laws, strategies, plans and schemes that shape markets.")
    counted = ("%(count)s policy measure", "%(count)s policy measures")
    queryset = PolicyMeasure.objects.published().prefetch_related("countries", "sectors", "steps")
    filterset_class = MeasureFilterSet
    columns = MEASURE_COLUMNS
    default_sort = "title"


class IndicatorDetail(DetailView):
    """One indicator with its values, drawn and listed."""

    template_name = "markets/indicator_detail.html"


class ObservationDetail(DetailView):
    """One value of an indicator and where it stands."""

    template_name = "markets/observation_detail.html"

    def lookup(self, slug):
        indicator, _dot, key = slug.partition(".")
        return {"indicator__slug": indicator, "key": key}

    def belongings(self, record, directory):
        return {"citations": CITATIONS.json(citations_of(record), directory)}

    def get_queryset(self, on):
        return self.listing.get_queryset()


class MeasureDetail(DetailView):
    """One policy measure with its dated steps."""

    template_name = "markets/measure_detail.html"

    def get_queryset(self, on):
        return super().get_queryset(on).with_status(on)


SHOWN = [(IndicatorList, IndicatorDetail), (ObservationList, ObservationDetail), (MeasureList, MeasureDetail)]

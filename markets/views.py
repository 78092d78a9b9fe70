"""The lists of indicators, observations and policy measures, and the pages of their records."""

from decimal import Decimal

from django.db.models import Prefetch
from django.http import HttpResponsePermanentRedirect
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from eccp.listing.addresses import record_path, with_query
from eccp.listing.belongings import CITATIONS
from eccp.listing.details import DetailView
from eccp.listing.drawings import chart
from eccp.listing.index import index
from eccp.listing.listings import Listing
from eccp.listing.wording import said_amount, said_date, said_number
from eccp.records.evidence import Evidence
from eccp.records.models import Citation
from eccp.records.vocabulary import PublicationStatus
from markets.columns import INDICATOR_COLUMNS, MEASURE_COLUMNS, OBSERVATION_COLUMNS, citations_of, observation_id
from markets.derived import derived_values
from markets.filters import IndicatorFilterSet, MeasureFilterSet, ObservationFilterSet
from markets.models import Indicator, MeasureStatus, Observation, PolicyMeasure


class IndicatorList(Listing):
    """Every published indicator."""

    name = "indicators"
    title = _("Indicators")
    description = _("What sources measure about markets and programmes.")
    counted = ngettext_lazy("%(count)s indicator", "%(count)s indicators", "count")
    queryset = Indicator.objects.published().prefetch_related("observations")
    filterset_class = IndicatorFilterSet
    columns = INDICATOR_COLUMNS
    schema_type = "StatisticalVariable"
    default_sort = "name"


class ObservationList(Listing):
    """Every observation of a published indicator."""

    name = "observations"
    title = _("Observations")
    description = _("The values of the indicators: measured, projected or aimed at.")
    counted = ngettext_lazy("%(count)s observation", "%(count)s observations", "count")
    queryset = (
        Observation.objects.filter(indicator__publication_status=PublicationStatus.PUBLISHED)
        .select_related("indicator")
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
    schema_type = "Observation"
    schema = {"observationDate": "period", "value": "value"}
    changed = "indicator__changed_at"

    row_id = staticmethod(observation_id)

    @staticmethod
    def row_name(record) -> str:
        return ", ".join(map(str, filter(None, [record.indicator.name, record.period])))


class MeasureList(Listing):
    """Every published policy measure."""

    name = "measures"
    title = _("Policy measures")
    description = _("Laws, strategies, plans and schemes that shape markets.")
    counted = ngettext_lazy("%(count)s policy measure", "%(count)s policy measures", "count")
    queryset = PolicyMeasure.objects.published().prefetch_related("steps")
    filterset_class = MeasureFilterSet
    columns = MEASURE_COLUMNS
    schema_type = "CreativeWork"
    schema = {"dateCreated": "dated"}
    default_sort = "title"


class IndicatorDetail(DetailView):
    """One indicator with its values, drawn and listed, and what follows from them."""

    template_name = "markets/indicator_detail.html"
    left_out = frozenset({
        "first_period", "last_period", "latest_value", "latest_value_low", "latest_value_high", "latest_period",
    })  # fmt: skip

    def get_queryset(self, on):
        return super().get_queryset(on).select_related("share_of")

    def get_parts(self):
        return ("observations", "share_of__observations", "shares__observations")

    def get_context(self, record, on):
        observations = sorted(
            record.observations.all(),
            key=lambda row: (row.period is None, row.period.first if row.period else on, row.key),
        )
        return {
            "observations": [(row, f"{record.slug}.{row.key}") for row in observations],
            "chart": chart(observations, said_amount, lambda value: said_number(Decimal(f"{value:g}"))),
            "derived": derived_values(record),
            "shares": [row for row in record.shares.all() if row.is_published],
        }


class ObservationDetail(DetailView):
    """One value of an indicator and where it stands."""

    template_name = "markets/observation_detail.html"
    left_out = frozenset({"value", "value_low", "value_high", "unit", "source", "locator", "indicator"})

    def elsewhere(self, request, slug, form):
        """An observation has moved when its indicator has."""
        indicator, dot, key = slug.partition(".")
        moved = index.directory().moved("indicator", indicator)
        if moved and dot:
            path = record_path(self.listing.name, f"{moved}.{key}")
            path = f"{path.rstrip('/')}.json" if form else path
            return HttpResponsePermanentRedirect(with_query(path, list(request.GET.items())))
        return super().elsewhere(request, slug, form)

    def lookup(self, slug):
        indicator, _dot, key = slug.partition(".")
        return {"indicator__slug": indicator, "key": key}

    def get_queryset(self, on):
        return self.listing.get_queryset()

    def called(self, record, ref):
        period = said_date(record.period) or gettext("period not known")
        return f"{record.indicator.name}, {period}"

    def belongings(self, record, directory):
        return {"citations": CITATIONS.json(citations_of(record), directory)}

    def get_context(self, record, on):
        indicator = Indicator.objects.published().with_evidence().get(pk=record.indicator_id)
        evidence = Evidence(indicator)
        return {
            "indicator": indicator,
            "evidence": evidence,
            "field": f"observations.{record.key}",
            "cited_here": evidence.about(f"observations.{record.key}"),
            "siblings": [
                (row, f"{indicator.slug}.{row.key}")
                for row in indicator.observations.order_by("period_first", "key")
                if row.pk != record.pk
            ],
        }


class MeasureDetail(DetailView):
    """One policy measure with its dated steps."""

    template_name = "markets/measure_detail.html"
    left_out = frozenset({"dated"})

    def get_queryset(self, on):
        return super().get_queryset(on).with_status(on)

    def get_parts(self):
        return ("steps", "bodies")

    def get_context(self, record, on):
        return {"status_label": MeasureStatus(record.status).label}


SHOWN = [(IndicatorList, IndicatorDetail), (ObservationList, ObservationDetail), (MeasureList, MeasureDetail)]

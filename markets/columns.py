"""The columns of the lists of indicators, observations and policy measures."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eccp.listing.columns import Address, Date, DayWord, Many, Number, One, Text, Unit, Word
from eccp.records.models import Citation
from eccp.records.vocabulary import FigureKind
from markets.models import Indicator, MeasureKind, MeasureStatus, Observation


def observation_id(observation: Observation) -> str:
    """The public id of an observation: its indicator's and its own key."""
    return f"{observation.indicator.slug}.{observation.key}"


def _periods(indicator: Indicator):
    periods = [observation.period for observation in indicator.observations.all() if observation.period]
    return sorted(periods, key=lambda period: (period.first, period.last))


def latest(indicator: Indicator) -> Observation | None:
    """The newest value that is neither projected nor aimed at; one without a date only where it is the only one."""
    stated = [row for row in indicator.observations.all() if row.kind == FigureKind.ACTUAL]
    dated = [row for row in stated if row.period] or (stated if len(stated) == 1 else [])
    return max(dated, key=lambda row: row.period and (row.period.last, row.period.first), default=None)


def _of_latest(field: str):
    """What reads a field of the latest value of an indicator."""
    return lambda indicator: getattr(latest(indicator), field, None)


def citations_of(observation: Observation) -> list[Citation]:
    """The public citations of the observation, which its indicator holds."""
    field = f"observations.{observation.key}"
    return [citation for citation in observation.indicator.public_citations if citation.field == field]


def _citation(observation: Observation):
    """The preferred public citation of the observation."""
    return min(
        citations_of(observation), key=lambda citation: (citation.rank != "preferred", citation.key), default=None
    )


INDICATOR_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The indicator’s id in addresses."), shown=False, edits="slug"),
    Text("name", _("Indicator"), lambda row: row.name, _("What is measured."), searched=True, edits="name"),
    One("sector", _("Sector"), help=_("The market it is about."), path="sector", edits="sector"),
    One("area", _("Area"), help=_("The country or area it is about."), path="area", edits="area"),
    Unit("unit", _("Unit"), lambda row: row.unit, _("With currency and scale."), edits="unit"),
    Date("first_period", _("From"), lambda row: next(iter(_periods(row)), None), _("Its first period.")),
    Date("last_period", _("To"), lambda row: next(reversed(_periods(row)), None), _("Its last period.")),
    Number(
        "latest_value",
        _("Latest value"),
        _of_latest("value"),
        _("The newest that is neither projected nor aimed at, where its source gives one number."),
    ),
    Number(
        "latest_value_low",
        _("Latest value, from"),
        _of_latest("value_low"),
        _("Its lower bound where its source gives a range, or a floor."),
        shown=False,
    ),
    Number(
        "latest_value_high",
        _("Latest value, to"),
        _of_latest("value_high"),
        _("Its upper bound where its source gives a range, or a ceiling."),
        shown=False,
    ),
    Date("latest_period", _("Period of that value"), _of_latest("period"), _("The time the latest value is about.")),
    Address("url", _("Address"), lambda row: ("indicators", row.slug), _("The page of the indicator.")),
]

OBSERVATION_COLUMNS = [
    Text("id", _("Id"), observation_id, _("The observation’s id in addresses."), shown=False, edits="key"),
    One("indicator", _("Indicator"), help=_("What is measured."), path="indicator", edits="indicator"),
    One("sector", _("Sector"), help=_("The market it is about."), path="indicator__sector"),
    One("area", _("Area"), help=_("The country or area it is about."), path="indicator__area"),
    Date(
        "period", _("Period"), lambda row: row.period, _("The time it is about, as precise as stated."), edits="period"
    ),
    Number("value", _("Value"), lambda row: row.value, _("Where the source gives one number."), edits="value"),
    Number(
        "value_low", _("From"), lambda row: row.value_low, _("Lower bound of a range, or a floor."), edits="value_low"
    ),
    Number("value_high", _("To"), lambda row: row.value_high, _("Upper bound of a range."), edits="value_high"),
    Unit("unit", _("Unit"), lambda row: row.indicator.unit, _("With currency and scale.")),
    Word(
        "kind", _("Kind"), lambda row: row.kind, _("Measured, projected or aimed at."), choices=FigureKind, edits="kind"
    ),
    One("source", _("Source"), lambda row: (found := _citation(row)) and found.source, _("The source that states it.")),
    Text(
        "locator",
        _("Place in the source"),
        lambda row: (found := _citation(row)) and found.locator,
        _("Section, line, footnote."),
        shown=False,
    ),
    Address("url", _("Address"), lambda row: ("observations", observation_id(row)), _("The page of the observation.")),
]

MEASURE_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The measure’s id in addresses."), shown=False, edits="slug"),
    Text("title", _("Measure"), lambda row: row.name, _("What the measure is called."), searched=True, edits="name"),
    Word("kind", _("Kind"), lambda row: row.kind, _("What kind of measure it is."), choices=MeasureKind, edits="kind"),
    Many("countries", _("Countries"), help=_("Whose measure it is."), paths=(("countries", Q()),), edits="countries"),
    Many("sectors", _("Sectors"), help=_("The markets it shapes."), paths=(("sectors", Q()),), edits="sectors"),
    Date("dated", _("Dated"), lambda row: row.dated, _("The first of its steps known to have happened.")),
    DayWord(
        "status",
        _("Status"),
        help=_("What is known of it on the day asked about, from its dated steps."),
        choices=MeasureStatus,
        on_day=lambda queryset, on: queryset.with_status(on).values_list("pk", "status"),
    ),
    Address("url", _("Address"), lambda row: ("measures", row.slug), _("The page of the measure.")),
]

"""Indicators: which of their values a list gives, and with what it has to be read."""

import pytest

from tests.factories import IndicatorFactory, ObservationFactory, SectorFactory
from tests.listing.reading import csv_rows

pytestmark = pytest.mark.django_db

LATEST = ("latest_value", "latest_value_low", "latest_value_high", "latest_period")


@pytest.mark.parametrize(
    ("observations", "latest"),
    [
        ([{"period": "2012", "value": 2}, {"period": "2013", "value": 3}], ("3", "", "", "2013")),
        ([{"period": "2013", "value": 3}, {"period": "2030", "kind": "projected"}], ("3", "", "", "2013")),
        ([{"period": "2013", "value": 3}, {"period": None, "value": 7}], ("3", "", "", "2013")),
        ([{"period": None, "value": 7}, {"period": "2030", "kind": "projected"}], ("7", "", "", "")),
        ([{"period": None, "value": 7}, {"period": None, "value": 8}], ("", "", "", "")),
        ([{"period": "2013", "value": None, "value_low": 22, "value_high": 24}], ("", "22", "24", "2013")),
        ([{"period": "2013", "value": None, "value_low": 12}], ("", "12", "", "2013")),
        ([{"period": "2030", "kind": "target"}], ("", "", "", "")),
    ],
    ids=["newest", "no projection", "dated first", "one undated", "two undated", "range", "floor", "no target"],
)
def test_the_latest_value_is_no_projection_and_stands_beside_its_own_time(client, observations, latest):
    indicator = IndicatorFactory(slug="measured")
    for observation in observations:
        ObservationFactory(indicator=indicator, **observation)
    (row,) = [row for row in csv_rows(client, "/indicators.csv") if row["id"] == "measured"]
    assert tuple(row[name] for name in LATEST) == latest


def test_the_page_says_of_which_time_a_value_is_and_not_that_it_was_measured(client):
    shown = {column.name: column.label for column in client.get("/indicators/").context["columns"]}
    assert "latest_period" in shown
    assert shown["latest_value"] == "Latest value"


@pytest.mark.parametrize(
    ("language", "billions"),
    [("fr", "milliards JPY"), ("de", "Milliarden JPY"), ("ja", "十億 JPY"), ("", "billion JPY")],
)
def test_pages_count_in_the_scale_of_their_language_and_files_in_english(client, language, billions):
    """A billion is 10⁹ in English and 10¹² in French and German."""
    ObservationFactory(indicator=IndicatorFactory(slug="counted", unit="billion JPY"), key="1", period="2013")
    SectorFactory(slug="counted-in").figures.create(key="1", what="Sales", value=1, unit="billion JPY")
    prefix = f"/{language}" if language else ""
    for path in (
        "/indicators/?q=counted", "/indicators/counted/", "/observations/?q=counted", "/observations/counted.1/",
        "/sectors/counted-in/",
    ):  # fmt: skip
        page = client.get(f"{prefix}{path}").content.decode()
        assert billions in page
        assert "billion JPY" not in page.replace(billions, "")
    assert [row["unit"] for row in csv_rows(client, "/indicators.csv?q=counted")] == ["billion JPY"]

"""The arithmetic of ``make bench``: nothing here is timed."""

from xml.etree import ElementTree

import pytest

from tests.bench import report
from tests.bench.checking import FACET_VALUE, nearest
from tests.bench.figures import Figure, Goal, Run, at
from tests.bench.goals import BARE, GOALS, HUNDRED_THOUSAND, MILLION, OURS, PLAIN, TYPICAL


def run(**medians) -> Run:
    """A run of lists, each contender measured three times around its median."""
    found = Run()
    for whom, value in medians.items():
        for each in (value * 0.9, value, value * 1.2):
            found.note("list", {"ours": OURS, "typical": TYPICAL, "bare": BARE}[whom], each)
    return found


def verdict(start: str, runs: dict[int, Run]) -> tuple[float | None, bool | None]:
    """What the goal that begins with ``start`` says of ``runs``."""
    [goal] = [goal for goal in GOALS if goal.what.startswith(start)]
    return goal.judge(runs)


def test_median_and_spread_ignore_the_order_of_measurements():
    figure = Figure((3.0, 1.0, 2.0))
    assert (figure.median, figure.spread) == (2.0, 0.5)


def test_one_measurement_has_no_spread_and_nothing_has_no_ratio():
    assert Figure((2.0,)).spread == 0
    assert run(ours=1).ratio("list", TYPICAL, OURS) is None
    assert run(ours=0, typical=1).ratio("list", TYPICAL, OURS) is None


@pytest.mark.parametrize(
    ("typical", "is_met"), [(0.999, False), (1.0, True), (2.0, True)], ids=["short of it", "just", "well"]
)
def test_a_goal_of_times_faster_is_met_from_its_bound_on(typical, is_met):
    _found, met = verdict("list, 100,000: times faster", {HUNDRED_THOUSAND: run(ours=0.01, typical=typical)})
    assert met is is_met


@pytest.mark.parametrize(("ours", "is_met"), [(0.008, True), (0.0081, False)], ids=["just", "beyond"])
def test_a_goal_of_a_ceiling_is_met_up_to_its_bound(ours, is_met):
    goal = Goal("list", at(HUNDRED_THOUSAND, lambda run: run.ratio("list", OURS, BARE)), 8)
    assert goal.judge({HUNDRED_THOUSAND: run(ours=ours, bare=0.001)})[1] is is_met


def test_growth_compares_two_sizes_and_is_not_judged_without_both():
    small, large = run(ours=0.01), run(ours=0.03)
    assert verdict("list: 1,000,000 against", {HUNDRED_THOUSAND: small}) == (None, None)
    assert verdict("list: 1,000,000 against", {HUNDRED_THOUSAND: small, MILLION: large}) == (pytest.approx(3), False)


def test_a_rename_is_judged_by_what_each_row_costs_more():
    found = Run()
    found.note("rename until everywhere", OURS, 0.25)
    found.note("rename until everywhere", PLAIN, 0.05)
    found.note("rows of the rename", OURS, 8000)
    assert verdict("rename until everywhere", {MILLION: found}) == (pytest.approx(25), True)


def test_a_size_that_was_not_run_meets_no_goal():
    assert {goal.judge({1000: run(ours=1, typical=1, bare=1)}) for goal in GOALS} == {(None, None)}


def test_the_question_of_a_tenth_is_the_nearest_there_is():
    assert nearest({"stage": {"active": 21, "ended": 12}, "sector": {"health": 9}}, 10) == ("sector", "health")


def test_the_tables_name_every_goal_once_for_each_database():
    results = {"sqlite": {1000: run(ours=0.01, typical=1, bare=0.001)}, "postgresql": {}}
    table = report.goals(results)
    assert len(table) == len(GOALS) + 2
    assert {line.count("|") for line in table} == {5}
    text = report.markdown(results, ["a note"])
    assert "| list | 10.0 ms ±20% | 1,000.0 ms ±20% | 1.0 ms ±20% | 100.0 | 10.0 |" in text
    assert text.endswith("- a note\n")


def test_the_drawing_says_in_words_what_it_shows():
    drawn = report.drawing({"sqlite": {1000: run(ours=0.01, typical=1), 10_000: run(ours=0.02, typical=12)}})
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    assert root.get("role") == "img"
    described = root.findtext("{http://www.w3.org/2000/svg}desc")
    assert "list, sqlite, registry: 1,000: 10.0 ms; 10,000: 20.0 ms." in described
    assert "list, sqlite, typical stack: 1,000: 1,000.0 ms; 10,000: 12,000.0 ms." in described


def test_the_harness_reads_the_facets_of_the_real_page(registry, client):
    page = client.get("/partnerships/").content.decode()
    told = {(name, code): int(rows) for name, code, rows in FACET_VALUE.findall(page)}
    assert told["stage", "active"] == client.get("/partnerships.json?stage=active").json()["count"]

"""What is asked of the registry's speed, as ratios of one run."""

from tests.bench.figures import Goal, Runs, at, divided, times

HUNDRED_THOUSAND, MILLION = 100_000, 1_000_000
OURS, TYPICAL, BARE, DATASETTE, LIMIT = "registry", "typical stack", "bare view", "Datasette", "limit"
PLAIN, JOINS = "without the index", "limit on the joins"
CHOSEN_FILE = "file, chosen columns"


def against_typical(what: str, bound: float) -> Goal:
    return Goal(
        f"{what}, 100,000: times faster than the typical stack",
        at(HUNDRED_THOUSAND, lambda run: run.ratio(what, TYPICAL, OURS)),
        bound,
        is_floor=True,
    )


def growth(what: str):
    def figure(runs: Runs) -> float | None:
        if not {HUNDRED_THOUSAND, MILLION} <= runs.keys():
            return None
        return divided(runs[MILLION].get(what, OURS), runs[HUNDRED_THOUSAND].get(what, OURS))

    return figure


def against_bare(what: str, size: int, bound: float) -> Goal:
    figure = at(size, lambda run: run.ratio(what, OURS, BARE))
    return Goal(f"{what}, {size:,}: against a bare view of the same bytes", figure, bound)


def facets(size: int, bound: float) -> Goal:
    figure = at(size, lambda run: times(run.difference("facets alone", OURS, BARE), 1000))
    return Goal(f"facets alone, {size:,}: over a bare view", figure, bound, "ms")


def seen_everywhere(run) -> float | None:
    return times(run.difference("change until everywhere", OURS, PLAIN), 1000)


def renamed(run) -> float | None:
    more = run.difference("rename until everywhere", OURS, PLAIN)
    return times(divided(more, run.get("rows of the rename", OURS)), 1e6)


LISTS = ("list", "list, two filters", "list, two words")
GOALS = [
    against_typical("list", 100),
    against_typical("list, two filters", 20),
    against_typical("list, two words", 50),
    *(Goal(f"{what}: 1,000,000 against 100,000", growth(what), 2) for what in LISTS),
    facets(HUNDRED_THOUSAND, 5),
    facets(MILLION, 15),
    *(against_bare("list", size, 8) for size in (HUNDRED_THOUSAND, MILLION)),
    *(against_bare("record", size, 5) for size in (HUNDRED_THOUSAND, MILLION)),
    *(
        Goal(f"whole file, {size:,}: against {said}", at(size, figure), bound, database=database)
        for size in (HUNDRED_THOUSAND, MILLION)
        for said, database, bound, figure in (
            ("psql \\copy of a flat table", "postgresql", 1.2, lambda run: run.ratio("file", OURS, LIMIT)),
            ("psql \\copy of the joins", "postgresql", 0.5, lambda run: run.ratio("file", OURS, JOINS)),
            ("sqlite3 -csv of a flat table", "sqlite", 2, lambda run: run.ratio("file", OURS, LIMIT)),
            ("the same, chosen columns", "sqlite", 5, lambda run: run.ratio(CHOSEN_FILE, OURS, LIMIT, "file")),
        )
    ),
    Goal(
        "whole file, 1,000,000: first byte",
        at(MILLION, lambda run: times(run.get("file, first byte", OURS), 1000)),
        100,
        "ms",
    ),
    Goal(
        "whole file, 1,000,000: growth of the server's memory",
        at(MILLION, lambda run: times(run.get("file, memory", OURS), 1e-6)),
        10,
        "MB",
    ),
    Goal("change until everywhere, 1,000,000: more than without the index", at(MILLION, seen_everywhere), 50, "ms"),
    Goal("rename until everywhere, 1,000,000: more, for each row touched", at(MILLION, renamed), 50, "µs"),
    Goal("full rebuild, 1,000,000", at(MILLION, lambda run: run.get("rebuild", OURS)), 300, "s"),
    Goal("start until the first list, 1,000,000", at(MILLION, lambda run: run.get("start", OURS)), 2, "s"),
]

"""What a run says: a Markdown table of figures, one of goals, and a drawing of cost against size."""

from html import escape
from math import log10

from tests.bench.figures import Figure, Run, Runs
from tests.bench.goals import BARE, DATASETTE, GOALS, JOINS, LIMIT, OURS, PLAIN, TYPICAL

CONTENDERS = (OURS, TYPICAL, DATASETTE, BARE, LIMIT, JOINS, PLAIN)


def said(what: str, figure: Figure) -> str:
    """A figure with its unit and spread: ``12.3 ms ±8 %``."""
    value, spread = figure.median, f" ±{figure.spread:.0%}" if len(figure.values) > 1 else ""
    if what.startswith("rows of") or what.endswith("a second"):
        return f"{value:,.0f}{spread}"
    if what.endswith("memory"):
        return f"{value / 1e6:,.1f} MB"
    return f"{value * 1000:,.1f} ms{spread}" if value < 10 else f"{value:,.1f} s{spread}"


def figures(run: Run) -> list[str]:
    """One row for each thing measured, one column for each contender, and how they compare."""
    shown = [whom for whom in CONTENDERS if any(whom in by for by in run.figures.values())]
    lines = [
        f"| | {' | '.join(shown)} | typical ÷ registry | registry ÷ bare |",
        "|---|" + "---:|" * (len(shown) + 2),
    ]
    for what, by in run.figures.items():
        cells = [said(what, by[whom]) if whom in by else "–" for whom in shown]
        ratios = (run.ratio(what, TYPICAL, OURS), run.ratio(what, OURS, BARE))
        lines.append(f"| {what} | {' | '.join(cells)} | {' | '.join(f'{r:,.1f}' if r else '–' for r in ratios)} |")
    return lines


def goals(results: dict[str, Runs]) -> list[str]:
    """Every goal, for each database: the figure and whether it is met."""
    lines = [f"| goal | bound | {' | '.join(results)} |", "|---|---:|" + "---|" * len(results)]
    for goal in GOALS:
        cells = []
        for database, runs in results.items():
            if goal.database not in ("", database):
                cells.append("–")
                continue
            found, is_met = goal.judge(runs)
            verdict = "**met**" if is_met else "**not met**"
            cells.append("not run" if found is None else f"{found:,.2f} {goal.unit}, {verdict}")
        bound = f"{'at least' if goal.is_floor else 'at most'} {goal.bound:g} {goal.unit}"
        lines.append(f"| {goal.what} | {bound} | {' | '.join(cells)} |")
    return lines


def markdown(results: dict[str, Runs], notes: list[str]) -> str:
    parts = []
    for database, runs in results.items():
        for size, run in runs.items():
            parts += [f"### {size:,} partnerships, {database}", "", *figures(run), ""]
    parts += ["### Goals", "", *goals(results), ""]
    parts += [f"- {note}" for note in notes]
    return "\n".join(parts) + "\n"


# ── the drawing ──

SCALE = ("0.1 ms", "1 ms", "10 ms", "0.1 s", "1 s", "10 s", "100 s")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 420, 300, 56, 48, 44, 24
PANELS = ("list", "list, two filters", "list, two words")
#: Colours that keep 4.5:1 on white; the shape of the mark and the line's name tell them apart without colour.
LOOKS = {OURS: ("#0b5394", "", "circle"), TYPICAL: ("#a61c00", "6 3", "square"), BARE: ("#5f6368", "2 3", "none")}


def drawing(results: dict[str, Runs]) -> str:
    """Cost against size, both on logarithmic scales: one panel for each question and database."""
    panels = [(what, database, runs) for database, runs in results.items() for what in PANELS]
    columns = len(PANELS)
    across, down = columns * (WIDTH + GAP), len(results) * (HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" role="img" aria-labelledby="t d">',
        "<style>text { font: 13px system-ui, sans-serif }</style>",
        '<title id="t">Time of a list page against the size of the registry</title>',
        f'<desc id="d">{escape(in_words(panels))}</desc>',
        f'<rect width="{across}" height="{down}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        x, y = number % columns * (WIDTH + GAP), number // columns * (HEIGHT + GAP)
        parts.append(f'<g transform="translate({x} {y})">{"".join(drawn(*panel))}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def in_words(panels) -> str:
    """The drawing for those who do not see it: every point."""
    lines = []
    for what, database, runs in panels:
        for whom in LOOKS:
            points = [f"{size:,}: {value * 1000:,.1f} ms" for size, value in series(runs, what, whom)]
            if points:
                lines.append(f"{what}, {database}, {whom}: {'; '.join(points)}.")
    return " ".join(lines)


def series(runs: Runs, what: str, whom: str) -> list[tuple[int, float]]:
    return [(size, value) for size, run in sorted(runs.items()) if (value := run.get(what, whom))]


def across_of(size: float) -> float:
    """1,000 to 1,000,000 along the panel."""
    return LEFT + (log10(size) - 3) / 3 * (WIDTH - LEFT - 100)


def down_of(seconds: float) -> float:
    """0.1 ms at the foot, 100 s at the top."""
    return TOP + (2 - log10(max(seconds, 1e-4))) / 6 * (HEIGHT - TOP - BOTTOM)


def drawn(what: str, database: str, runs: Runs):
    """The pieces of one panel."""
    yield f'<text x="{LEFT}" y="22" font-weight="600">{escape(what)} – {escape(database)}</text>'
    for power, label in enumerate(SCALE, -4):
        y = down_of(10**power)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - 100}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{label}</text>'
    for size in (1000, 10_000, 100_000, 1_000_000):
        x, y = across_of(size), HEIGHT - BOTTOM + 20
        yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="#444">{size:,}</text>'
    for whom, (colour, dashes, mark) in LOOKS.items():
        points = [(across_of(size), down_of(value)) for size, value in series(runs, what, whom)]
        if not points:
            continue
        line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        for x, y in points:
            if mark == "circle":
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
            elif mark == "square":
                yield f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
        x, y = points[-1]
        yield f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(whom)}</text>'

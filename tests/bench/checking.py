"""Before anything is timed: the registry and the yardstick must give the same answers."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlencode

from tests.bench.asking import Refused, ask
from tests.bench.servers import Server
from tests.bench.typical.words import FACETS

FACET_VALUE = re.compile(r'name="([a-z_]+)" value="([^"]+)".*?<span class="value-count">(\d+)</span>')
Query = list[tuple[str, str]]


class Differs(RuntimeError):  # noqa: N818 - it names what happened
    """The two sites give different answers to one question, so that their times mean nothing."""


def address(path: str, query: Query) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def counts(server: Server, path: str, query: Query) -> tuple[int, dict[str, dict[str, int]]]:
    """How many rows a question has, and the counts of the facets that both sites have."""
    told = json.loads(ask(server.port, address(path, query), keep=True).body)
    facets = {
        name: {code: rows for code, rows in told["facets"].get(name, {}).items() if rows and code != "unknown"}
        for name in FACETS
    }
    return told["count"], facets


def on_the_page(server: Server, query: Query) -> dict[str, dict[str, int]]:
    """The facet counts that a reader of the registry's page sees."""
    body = ask(server.port, address("/partnerships/", query), keep=True).body.decode()
    found: dict[str, dict[str, int]] = {}
    for name, code, rows in FACET_VALUE.findall(body):
        found.setdefault(name, {})[code] = int(rows)
    return found


def compare(ours: Server, typical: Server, questions: dict[str, Query], refused: Callable[[str], None]):
    """The rows of every question; Differs as soon as the two sites disagree about one.

    ``refused`` is told the questions that the typical stack could not answer, so that nothing was compared.
    """
    found: dict[str, int] = {}
    for what, query in questions.items():
        count, facets = counts(ours, "/bench/facets/", query)
        found[what] = count
        try:
            their_count, their_facets = counts(typical, "/partnerships/facets/", query)
        except Refused:
            refused(what)
            continue
        if count != their_count:
            raise Differs(f"{what} {query}: {count} rows, the typical stack has {their_count}")
        shown = on_the_page(ours, query)
        for name in FACETS:
            if facets[name] != their_facets[name]:
                odd = set(facets[name].items()) ^ set(their_facets[name].items())
                raise Differs(f"{what} {query}: the facet {name} differs: {sorted(odd)[:6]}")
            wrong = [code for code, rows in shown.get(name, {}).items() if facets[name].get(code, rows) != rows]
            if wrong:
                raise Differs(f"{what} {query}: the page counts {name} otherwise: {wrong[:6]}")
    return found


def nearest(facets: dict[str, dict[str, int]], wanted: float) -> tuple[str, str]:
    """The facet value whose rows are nearest to ``wanted``."""
    values = [(abs(rows - wanted), name, code) for name, found in facets.items() for code, rows in found.items()]
    _away, name, code = min(values)
    return name, code

"""One size on one database: who is asked what, in which order, and what is noted."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.asking import Answer, Refused, ask
from tests.bench.checking import Query, address, compare, counts, nearest
from tests.bench.figures import Run
from tests.bench.goals import BARE, CHOSEN_FILE, DATASETTE, JOINS, LIMIT, OURS, PLAIN, TYPICAL
from tests.bench.servers import STATEMENT_WITHIN, Server

RARE, COMMON, TWO_WORDS, JAPANESE = "quicksilver", "harbour", "hydrogen harbour", "神戸"
CHOSEN = "title,stage,european_countries_codes,sectors_codes,verified_on"
MOST_CALLS = 9  # of one thing, after a first that every process has answered
MOST_FOR_TYPICAL = 100_000  # partnerships, whose file takes it half an hour
_ENDED = f"a statement of the typical stack was ended after {STATEMENT_WITHIN} s"
DATASETTE_FACETS = "_facet=stage&" + "&".join(
    f"_facet_array={name}"
    for name in ("european_countries", "european_regions", "sectors", "programmes", "partner_countries",
                 "agreement_types")
)  # fmt: skip


@dataclass
class Bench:
    """The servers of one size on one database, and what has been measured of them."""

    ours: Server
    typical: Server
    size: int
    folder: Path
    said: Callable[[str], None]
    #: Seconds for one thing of one contender, after which it is asked no more.
    patience: float = 40
    datasette: Server | None = None
    run: Run = field(default_factory=Run)
    notes: list[str] = field(default_factory=list)

    # ── what is asked ──

    @property
    def asks_typical(self) -> bool:
        """Whether the typical stack can be waited for."""
        return self.size <= MOST_FOR_TYPICAL

    def prepare(self) -> None:
        """Choose the questions, see that both sites answer them alike, and put our bytes where the floor finds them."""
        total, facets = counts(self.ours, "/bench/facets/", [])
        self.tenth, self.sixth = (nearest(facets, total * share) for share in (0.10, 0.17))
        country = max(facets["european_country"], key=facets["european_country"].get)
        sector = nearest({"sector": facets["sector"]}, total * 0.1)
        self.questions: dict[str, Query] = {
            "list": [],
            "list, two filters": [("european_country", country), sector],
            "list, rare word": [("q", RARE)],
            "list, common word": [("q", COMMON)],
            "list, two words": [("q", TWO_WORDS)],
            "list, Japanese": [("q", JAPANESE)],
            "a tenth": [self.tenth],
            "a sixth": [self.sixth],
        }
        if self.asks_typical:
            self.rows = compare(
                self.ours, self.typical, self.questions,
                lambda what: self.notes.append(f"{what}: not compared, {_ENDED}"),
            )  # fmt: skip
        else:
            self.rows = {what: counts(self.ours, "/bench/facets/", asked)[0] for what, asked in self.questions.items()}
            self.notes.append("the typical stack was not asked: one question takes it minutes, a file hours")
        self.notes.append("rows: " + ", ".join(f"{what} {rows:,}" for what, rows in self.rows.items()))

    def paths(self) -> dict[str, dict[str, str]]:
        """What each contender is asked for, by what is measured."""
        lists = {what: address("/partnerships/", query) for what, query in self.questions.items() if "list" in what}
        lists["list, last page"] = f"/partnerships/?page={-(-self.size // 50)}"
        lists["record"] = "/partnerships/partnership-7/"
        found = {what: {OURS: path, TYPICAL: path} for what, path in lists.items()}
        found["facets alone"] = {
            OURS: address("/bench/facets/", [self.sixth]),
            TYPICAL: address("/partnerships/facets/", [self.sixth]),
        }
        if not self.asks_typical:
            found = {what: {OURS: by[OURS]} for what, by in found.items()}
        for number, by in enumerate(found.values()):
            name = f"{self.size}-{number}"
            (self.folder / "bytes").mkdir(exist_ok=True)
            (self.folder / "bytes" / name).write_bytes(ask(self.ours.port, by[OURS], keep=True).body)
            by[BARE] = f"/bare/{name}"
        if self.datasette:
            table = f"/flat-{self.size}/partnerships"
            asked = {
                "list": f"{table}?_size=50&{DATASETTE_FACETS}",
                "list, two filters": f"{table}?_size=50&european_countries__contains=Germany&stage=active&"
                + DATASETTE_FACETS,
                "record": f"{table}/partnership-7",
                "facets alone": f"{table}.json?_size=0&stage=active&{DATASETTE_FACETS}",
            }
            for what, path in asked.items():
                found[what][DATASETTE] = path
        return found

    # ── timing ──

    def _server(self, whom: str) -> Server:
        return {OURS: self.ours, DATASETTE: self.datasette}.get(whom, self.typical)

    def pages(self) -> None:
        """Every page, all contenders in turn, so that a slow moment of the machine falls on each of them."""
        paths = self.paths()
        spent: dict[tuple[str, str], float] = {}
        for what, by in paths.items():
            for whom, path in by.items():
                spent[what, whom] = self._warm(what, whom, path)
            for _time in range(MOST_CALLS):
                for whom, path in by.items():
                    if spent[what, whom] <= self.patience:
                        seconds = ask(self._server(whom).port, path).seconds
                        self.run.note(what, whom, seconds)
                        spent[what, whom] += seconds
            self.said(f"    {what}")

    def _warm(self, what: str, whom: str, path: str) -> float:
        """Let every process answer once. A first answer beyond all patience is the only one, noted and given."""
        server = self._server(whom)
        try:
            seconds = ask(server.port, path).seconds
        except Refused as refused:
            if whom != TYPICAL:
                raise
            seconds = refused.seconds
            self.notes.append(f"{what}: no answer, {_ENDED}; its figure is the time until then")
        if seconds > self.patience:
            self.run.note(what, whom, seconds)
            return seconds
        if whom != DATASETTE:
            server.ask_everyone(path)
        return 0.0

    def files(self) -> None:
        """The whole file, a tenth of it, and one with chosen columns: rows, first byte, memory."""
        chosen = address("/partnerships.csv", [("columns", CHOSEN)])
        both = (OURS, TYPICAL) if self.asks_typical else (OURS,)
        asked = [
            ("file", "/partnerships.csv", both, self.size),
            ("file of a tenth", address("/partnerships.csv", [self.tenth]), both, self.rows["a tenth"]),
            (CHOSEN_FILE, chosen, (OURS,), self.size),
        ]
        for what, path, whom_all, rows in asked:
            spent = dict.fromkeys(whom_all, 0.0)
            for turn in range(4):
                for whom in whom_all:
                    if spent[whom] > self.patience:
                        continue
                    answer, memory = self._weighed(whom, path)
                    spent[whom] += answer.seconds
                    if turn == 0 and answer.seconds <= self.patience:
                        continue  # the warm-up, unless it is all there will be
                    self._note_file(what, whom, answer, rows, memory)
            self.said(f"    {what}")

    def _weighed(self, whom: str, path: str) -> tuple[Answer, int]:
        """An answer, and how many bytes of memory its server took more while it came."""
        server = self._server(whom)
        weights = [server.weigh()]
        answer = ask(server.port, path, during=lambda: weights.append(server.weigh()))
        return answer, max(weights) - weights[0]

    def _note_file(self, what: str, whom: str, answer: Answer, rows: int, memory: int) -> None:
        if answer.lines != rows + 1:
            raise RuntimeError(f"{what} of the {whom}: {answer.lines - 1} rows instead of {rows}")
        self.run.note(what, whom, answer.seconds)
        self.run.note(f"{what}, rows a second", whom, rows / answer.seconds)
        self.run.note(f"{what}, first byte", whom, answer.first_byte)
        self.run.note(f"{what}, memory", whom, memory)

    def limits(self, flat: list[str], joins: list[str] | None) -> None:
        """What the database's own tool takes for the same table: commands that write it to nowhere."""
        for whom, command in ((LIMIT, flat), (JOINS, joins)):
            for turn in range(4 if command else 0):
                began = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
                if turn:
                    self.run.note("file", whom, time.perf_counter() - began)

    def completeness(self) -> None:
        """What Datasette leaves out of the same data without a word."""
        if not self.datasette:
            return
        table = f"/flat-{self.size}/partnerships"
        told = json.loads(ask(self.datasette.port, f"{table}.json?_size=0&{DATASETTE_FACETS}", keep=True).body)
        given = {name.split("__")[0] for name in told.get("facet_results", {})}
        file = ask(self.datasette.port, f"{table}.csv?_stream=on&_size=max")
        self.run.note("file", DATASETTE, file.seconds)
        late = ", ".join(told.get("facets_timed_out", [])) or "none"
        self.notes.append(
            f"Datasette: {len(given)} of 7 facets (dropped for time: {late}), "
            f"{file.lines - 1:,} of {self.size:,} rows in the file"
        )

    # ── changes ──

    def changes(self) -> None:
        """A record and a much-named organisation renamed, until every process shows it; five times each."""
        for what, kind in (("change", "partnership"), ("rename", "organisation")):
            slug = "partnership-7" if kind == "partnership" else "organisation-1"
            for turn in range(5):
                name = f"Zuvor{what}{turn}x{int(time.time())}"
                began = time.perf_counter()
                ask(self.typical.port, f"/change/{kind}/{slug}/{name}")
                rows = self._shown_everywhere(name)
                self.run.note(f"{what} until everywhere", OURS, time.perf_counter() - began)
                self.run.note(f"rows of the {what}", OURS, rows)
                # The same without an index to keep: an UPDATE, and the same page from each process.
                began = time.perf_counter()
                ask(self.typical.port, f"/change/{kind}/{slug}/{name}?plainly")
                self._shown_everywhere(name)
                self.run.note(f"{what} until everywhere", PLAIN, time.perf_counter() - began)
        self.said("    changes")

    def _shown_everywhere(self, name: str) -> int:
        """Ask until every process has shown rows under the new name; how many rows that are."""
        path = address("/partnerships.json", [("q", name), ("per_page", "1"), ("columns", "title")])
        last = self.ours.ask_everyone(path, lambda answer: b'"count": 0' not in answer.body)
        return int(last.body.partition(b'"count": ')[2].partition(b",")[0])

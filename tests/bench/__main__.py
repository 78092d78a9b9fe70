"""``python -m tests.bench``: make the registries, measure, and say which goals are met. Use ``make bench``."""

import argparse
import contextlib
import json
import os
import secrets
import subprocess
import time
from pathlib import Path

from tests.bench import databases, report
from tests.bench.asking import ask
from tests.bench.figures import Run
from tests.bench.goals import OURS
from tests.bench.measuring import Bench
from tests.bench.servers import ROOT, datasette, gunicorn

FOLDER = ROOT / "var" / "bench"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000 10000 100000", help="how many partnerships, with spaces between")
    parser.add_argument("--databases", default="sqlite postgresql")
    parser.add_argument("--patience", type=float, default=40, help="seconds for one thing of one contender")
    parser.add_argument("--datasette", type=Path, help="the program datasette, if it could be installed")
    return parser.parse_args()


def measure(
    address: str, size: int, tools, program: Path | None, patience: float, run: Run, notes: list[str], said
) -> None:
    """One size on one database, from the start of its servers to their end."""
    # One address for all, or each server would write an index of its own: its files hold the address.
    environment = {"DATABASE_URL": address, "SITE_URL": "http://127.0.0.1"}
    rebuild(environment, run)
    with contextlib.ExitStack() as stack:
        served = {
            name: stack.enter_context(
                gunicorn(f"tests.bench.{name}.settings", environment, first, FOLDER / f"{name}.log")
            )
            for name, first in (("site", "/partnerships/"), ("typical", "/partnerships/partnership-7/"))
        }
        run.note("start", OURS, served["site"].started_in)
        run.note("start", "typical stack", served["typical"].started_in)
        bench = Bench(served["site"], served["typical"], size, FOLDER, said, patience, run=run, notes=notes)
        bench.prepare()
        file = ask(bench.ours.port, "/partnerships.csv?bom=0", keep=True).body
        limits = tools(address, size, file)
        if program:
            flat = FOLDER / f"flat-{size}.sqlite3"
            bench.datasette = stack.enter_context(datasette(program, flat, FOLDER / "datasette.log"))
        bench.pages()
        bench.files()
        bench.limits(*limits)
        bench.completeness()
        bench.changes()


def rebuild(environment: dict[str, str], run: Run) -> None:
    """The index made anew by its command, where there is one."""
    if "rebuild_index" in databases.manage("help", "--commands", environment=environment).split():
        began = time.perf_counter()
        databases.manage("rebuild_index", environment=environment)
        run.note("rebuild", OURS, time.perf_counter() - began)


def sqlite_limit(address: str, size: int, file: bytes):
    """Datasette's file and the limit's are one; there is no limit on the joins."""
    path = FOLDER / f"flat-{size}.sqlite3"
    databases.flat_sqlite(path, file)
    return ["sqlite3", "-csv", path, "SELECT * FROM flat"], None


def main() -> None:
    options = arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(60))
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # no deployment compiles its code at every start
    program = options.datasette if options.datasette and options.datasette.exists() else None
    sizes = sorted({int(size) for size in options.sizes.split()})
    results, notes = {}, {}
    if not program:
        why = "it could not be installed" if options.datasette else "nobody asked for it"
        notes["Datasette"] = [f"was not measured: {why}."]
    with contextlib.ExitStack() as stack:
        for database in options.databases.split():
            if database == "postgresql":
                server, psql = stack.enter_context(databases.postgresql())

                def limit(address, _size, file, psql=psql):
                    databases.flat_postgresql(address, file)
                    copy = "\\copy ({}) TO STDOUT WITH (FORMAT csv)"
                    return tuple(
                        [psql, "-qX", address, "-c", copy.format(" ".join(sql.split()))]
                        for sql in ("SELECT * FROM bench_flat", databases.JOINS)
                    )

            for size in sizes:
                print(f"{database}, {size:,} partnerships")
                if database == "postgresql":
                    address, tools = databases.postgresql_registry(server, size), limit
                else:
                    address, tools = databases.sqlite_registry(FOLDER, size), sqlite_limit
                run = results.setdefault(database, {}).setdefault(size, Run())
                told = notes.setdefault(f"{database}, {size:,}", [])

                def said(what):
                    print(what)
                    write(results, listed(notes))

                datasette_too = program if database == "sqlite" else None
                measure(address, size, tools, datasette_too, options.patience, run, told, said)
    print(report.markdown(results, listed(notes)))


def listed(notes: dict[str, list[str]]) -> list[str]:
    return [f"{of}: {note}" for of, told in notes.items() for note in told]


def write(results, notes) -> None:
    """Keep what there is after each question, so that an interrupted run is not lost."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    figures = {name: {size: run.as_json() for size, run in runs.items()} for name, runs in results.items()}
    kept = {"commit": commit, "cores": os.cpu_count(), "figures": figures, "notes": notes}
    (FOLDER / "results.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (FOLDER / "results.md").write_text(report.markdown(results, notes), encoding="utf-8")
    (FOLDER / "speed.svg").write_text(report.drawing(results), encoding="utf-8")


if __name__ == "__main__":
    main()

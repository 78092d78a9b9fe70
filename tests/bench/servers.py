"""The processes that are measured: started, waited for, weighed and ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.asking import Answer, Refused, ask
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
ANSWERS_WITHIN = 600  # seconds, after which a change is lost
STARTS_WITHIN = 1800  # seconds; a million rows may have to be read first
STATEMENT_WITHIN = 60  # seconds, after which the database ends a statement of the typical stack


@dataclass(frozen=True)
class Server:
    """A running server, and how long it took until its first answer."""

    process: subprocess.Popen
    port: int
    started_in: float

    def processes(self) -> list[int]:
        """Its process and those it has begun."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
        return [own, *map(int, children)]

    def ask_everyone(self, path: str, is_right: Callable[[Answer], bool] = lambda answer: True) -> Answer:
        """The last of the right answers of all its processes.

        The kernel would give one of them every lonely request: who has answered is held still until all have.
        """
        waiting, deadline = set(self.processes()[1:]), time.monotonic() + ANSWERS_WITHIN
        held: list[int] = []
        try:
            while True:
                answer = ask(self.port, path, keep=True)
                worker = int(answer.worker)
                if is_right(answer) and worker in waiting:
                    waiting.discard(worker)
                    if not waiting:
                        return answer
                    os.kill(worker, signal.SIGSTOP)
                    held.append(worker)
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{path}: not answered rightly by every process in {ANSWERS_WITHIN} s")
        finally:
            for worker in held:
                os.kill(worker, signal.SIGCONT)

    def weigh(self) -> int:
        """The memory its processes hold now, in bytes: their own, not what they look at of files, which all share."""
        return sum(_kilobytes(pid, "RssAnon") for pid in self.processes()) * 1024


def _kilobytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


@contextlib.contextmanager
def serving(command: list, environment: dict[str, str], port: int, first: str, log: Path) -> Iterator[Server]:
    """Run ``command`` until the block ends, from its first answer to ``first`` on."""
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*map(str, command)], env=os.environ | environment, cwd=ROOT, stdout=output, stderr=output
        )
    try:
        _wait(process, port, first, log)
        yield Server(process, port, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen, port: int, first: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            ask(port, first)
            return
        except (ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > deadline:
                told = log.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"The server did not start:\n{told[-3000:]}") from None
            time.sleep(0.02)
        except Refused as problem:
            raise RuntimeError(f"{problem}\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}") from None


def gunicorn(settings: str, environment: dict[str, str], first: str, log: Path):
    """A Django project under the registry's own server, with the registry's own configuration.

    Some questions of the typical stack take SQLite half an hour: its statements are ended, and what that took is noted.
    """
    port = free_port()
    # A process that is held still while another answers says nothing meanwhile, and is not to be taken for dead.
    command = [sys.executable, "-m", "gunicorn", "--config", "eccp/gunicorn.py", "--timeout", "3600"]
    own = {"DJANGO_SETTINGS_MODULE": settings, "PORT": str(port)}
    own["STATEMENT_SECONDS"] = str(STATEMENT_WITHIN)
    return serving(command, environment | own, port, first, log)


def datasette(program: Path, database: Path, log: Path):
    """Datasette with its own limits on a SQLite file."""
    port = free_port()
    command = [program, "serve", database, "--port", port]
    return serving(command, {}, port, "/", log)

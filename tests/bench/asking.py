"""One request at a time over loopback, timed: first byte, whole answer, and who answered."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass

_BLOCK = 64 * 1024
_NOW_AND_THEN = 0.02  # seconds


@dataclass(frozen=True)
class Answer:
    status: int
    first_byte: float
    seconds: float
    lines: int
    worker: str
    body: bytes


class Refused(RuntimeError):  # noqa: N818 - it names what happened
    """A server answered something else than the page that was asked for, after so many seconds."""

    def __init__(self, told: str, seconds: float):
        super().__init__(told)
        self.seconds = seconds


def ask(
    port: int, path: str, *, keep: bool = False, patience: float = 900, during: Callable[[], None] | None = None
) -> Answer:
    """Get ``path`` on a connection of its own; the body is kept only where it is wanted.

    ``during`` is called now and then while the answer comes.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    began = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    kept, lines, first_byte, called = [], 0, 0.0, began
    while block := response.read1(_BLOCK):
        if during and time.perf_counter() > called + _NOW_AND_THEN:
            during()
            called = time.perf_counter()
        first_byte = first_byte or time.perf_counter() - began
        lines += block.count(b"\n")
        if keep or response.status >= 400:
            kept.append(block)
    seconds = time.perf_counter() - began
    connection.close()
    if response.status >= 400:
        raise Refused(f"{path}: {response.status} {b''.join(kept)[:300]!r}", seconds)
    worker = response.headers.get("X-Worker", "")
    return Answer(response.status, first_byte or seconds, seconds, lines, worker, b"".join(kept))

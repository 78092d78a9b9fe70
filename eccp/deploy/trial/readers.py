"""Readers of the trial: one who looks closely, and many who ask without pause and count what they get."""

import http.client
import itertools
import ssl
import threading
import time
from collections import Counter
from contextlib import contextmanager

from eccp.deploy.trial.machines import NAME, Site


class Answer:
    """What came back."""

    def __init__(self, response: http.client.HTTPResponse, seconds: float):
        self.status, self.headers, self.seconds = response.status, response.headers, seconds
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def ask(site: Site, path: str, *, web: int | None = None, host: str = NAME, **headers) -> Answer:
    """Ask the proxy, or one of the web servers past it, over a connection of its own."""
    begun = time.monotonic()
    if web is None:
        # The certificate is the trial's own and names no authority.
        context = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection("127.0.0.1", site.tls_port, timeout=60, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", site.web_ports[web], timeout=60)
        headers["X-Forwarded-Proto"] = "https"
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": host, **named})
        return Answer(connection.getresponse(), time.monotonic() - begun)
    finally:
        connection.close()


class Load:
    """Readers who ask one new question after the other, so that no answer comes from a cache."""

    def __init__(self, site: Site, readers: int = 3):
        self.site, self.over = site, threading.Event()
        self.counts: Counter = Counter()
        #: When, what, and the id that the registry gave the request, if it came so far.
        self.failed: list[tuple[float, str, str]] = []
        self.number = itertools.count()
        self.threads = [threading.Thread(target=self._read) for _ in range(readers)]

    def _read(self) -> None:
        while not self.over.is_set():
            number = next(self.number)
            name = ("partnerships", "organisations", "agreements")[number % 3]
            request_id = ""
            try:
                answer = ask(self.site, f"/{name}/?q=load{number}")
                said, request_id = str(answer.status), answer.headers.get("X-Request-Id", "")
            except (OSError, http.client.HTTPException) as problem:
                said = type(problem).__name__
            self.counts[said] += 1
            if said != "200":
                self.failed.append((time.monotonic(), said, request_id))

    @property
    def answered(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        return ", ".join(f"{count} × {said}" for said, count in sorted(self.counts.items()))


@contextmanager
def under_load(site: Site, readers: int = 3):
    """Everything inside happens while readers ask."""
    load = Load(site, readers)
    for thread in load.threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in load.threads:
            thread.join()

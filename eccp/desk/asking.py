"""Asks web addresses whether they are still there: politely, and never anything that is not on the public Internet.

The name is looked up here and the connection made to the very address that was checked, at every redirect anew, so
that no name can point inside after it was judged. Time and bytes are bounded for the whole answer, not for each read.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from django.conf import settings

from eccp.desk.models import LinkOutcome

ROBOT = "ECCPRegistryLinks"
MOST_SECONDS = 20  # to reach a server, and again for its whole answer
MOST_BYTES = 64 * 1024  # of one answer: head and, of robots.txt, body
MOST_REDIRECTS = 5
SECONDS_BETWEEN = 2  # two questions to one host
MOST_SECONDS_BETWEEN = 30  # however long robots.txt asks to wait
_NAT64 = IPv6Network("64:ff9b::/96")
_REDIRECTS, _FOR_GOOD = (301, 302, 303, 307, 308), (301, 308)
#: Answers of a server that is there and does not want to be asked by a machine.
_SHUT = (401, 402, 403, 407, 429, 451)


@dataclass(frozen=True)
class Finding:
    """What was found at an address, and where it leads if it has moved for good."""

    outcome: LinkOutcome
    detail: str = ""
    moved_to: str = ""


class _UnaskedError(Exception):
    """An address that must not be asked."""


class _UnreachedError(Exception):
    """A server from which nothing comes; says why in a few words."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public Internet, also where it carries another inside."""
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast


class Asker:
    """Asks one address after the other, and remembers what hosts want and when they were last asked."""

    def __init__(
        self,
        *,
        is_allowed: Callable[[IPv4Address | IPv6Address], bool] = is_public,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        most_seconds: float = MOST_SECONDS,
    ):
        self.is_allowed, self.clock, self.wait, self.most_seconds = is_allowed, clock, wait, most_seconds
        self._asked_at: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser] = {}

    def ask(self, url: str) -> Finding:
        """What is at ``url``, after as many redirects as are reasonable."""
        try:
            return self._ask(url)
        except _UnaskedError as why:
            return Finding(LinkOutcome.NOT_ASKED, str(why))
        except _UnreachedError as why:
            return Finding(LinkOutcome.DOWN, str(why))

    def _ask(self, url: str) -> Finding:
        here, moved_to, is_for_good = url, "", True
        for _hop in range(MOST_REDIRECTS + 1):
            parts = _parts(here)
            if parts is None:
                return Finding(LinkOutcome.BROKEN, "not a web address")
            if not self._robots_of(parts).can_fetch(ROBOT, here):
                raise _UnaskedError("robots.txt")
            status, location = self._status(parts)
            if status not in _REDIRECTS or not location:
                return _judged(status, moved_to)
            here = urljoin(here, location).partition("#")[0]
            is_for_good = is_for_good and status in _FOR_GOOD
            moved_to = here if is_for_good else moved_to
        return Finding(LinkOutcome.BROKEN, "redirects without end")

    def _status(self, parts: SplitResult) -> tuple[int, str]:
        """The answer to HEAD, or to GET where HEAD is answered with an error: many servers do not know it."""
        for method in ("HEAD", "GET"):
            with self._answer(method, parts) as answer:
                status, location = answer.status, answer.getheader("Location", "")
            if status < 400:
                break
        return status, location

    def _robots_of(self, parts: SplitResult) -> RobotFileParser:
        """What the host wants of robots: asked once."""
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._robots:
            rules = RobotFileParser()
            here = urlsplit(f"{origin}/robots.txt")
            for _hop in range(MOST_REDIRECTS + 1):
                with self._answer("GET", here) as answer:
                    status, location = answer.status, answer.getheader("Location", "")
                    text = _read(answer) if status == 200 else ""
                target = _parts(urljoin(here.geturl(), location)) if status in _REDIRECTS else None
                if target is None:
                    break
                here = target
            if status >= 500:
                raise _UnreachedError(f"robots.txt: HTTP {status}")
            # Where there is none, everything may be asked; where it is kept from us, nothing (RFC 9309).
            rules.parse(["User-agent: *", "Disallow: /"] if status in (401, 403) else text.splitlines())
            self._robots[origin] = rules
        return self._robots[origin]

    @contextmanager
    def _answer(self, method: str, parts: SplitResult) -> Iterator[http.client.HTTPResponse]:
        """The answer of a server, whose head is read; raises what ``ask`` turns into a finding."""
        connection = self._connection(parts)
        headers = {"User-Agent": _user_agent(), "Accept": "*/*", "Connection": "close"}
        try:
            connection.request(method, _path(parts), headers=headers)
            with connection.getresponse() as answer:
                yield answer
        except TimeoutError as problem:
            raise _UnreachedError("no answer in time") from problem
        except ssl.SSLError as problem:
            raise _UnreachedError(f"TLS: {problem.reason or problem}"[:200]) from problem
        except (OSError, http.client.HTTPException) as problem:
            raise _UnreachedError(f"{type(problem).__name__}: {problem}"[:200]) from problem
        finally:
            connection.close()

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        """A connection that will be made to an address that was looked up and judged here."""
        host, port = _ascii(parts), parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(host, port)
        self._be_patient(host)
        deadline = self.clock() + self.most_seconds
        kind = _TlsConnection if parts.scheme == "https" else _Connection
        connection = kind(host, port, timeout=self.most_seconds)
        connection.reach = lambda: socket.create_connection((str(address), port), self.most_seconds)
        connection.bound = lambda made: _Bounded(made, deadline, self.clock)
        return connection

    def _address(self, host: str, port: int) -> IPv4Address | IPv6Address:
        """The address behind a name; if one of several is not public, the name is not to be trusted."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as problem:
            raise _UnreachedError("no such host") from problem
        addresses = [ip_address(str(sockaddr[0]).partition("%")[0]) for *_rest, sockaddr in found]
        if not all(self.is_allowed(address) for address in addresses):
            raise _UnaskedError("not a public address")
        return addresses[0]

    def _be_patient(self, host: str) -> None:
        """Wait until the host may be asked again."""
        pauses = [rules.crawl_delay(ROBOT) for at, rules in self._robots.items() if urlsplit(at).hostname == host]
        between = min(MOST_SECONDS_BETWEEN, max([SECONDS_BETWEEN, *(float(pause) for pause in pauses if pause)]))
        now = self.clock()
        if (left := self._asked_at.get(host, now - between) + between - now) > 0:
            self.wait(left)
        self._asked_at[host] = self.clock()


def _parts(url: str) -> SplitResult | None:
    """The parts of a web address, or None where it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError when it is no number
        _ascii(parts)
    except (ValueError, UnicodeError):
        return None
    is_sound = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    return parts if is_sound else None


def _ascii(parts: SplitResult) -> str:
    """The host as the network knows it."""
    return (parts.hostname or "").encode("idna").decode("ascii")


def _path(parts: SplitResult) -> str:
    """What to ask the host for, in the characters that HTTP knows."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~[]")
    return f"{path}?{query}" if parts.query else path


def _judged(status: int, moved_to: str) -> Finding:
    """What the last answer means."""
    detail = f"HTTP {status}"
    if status < 400:
        return Finding(LinkOutcome.MOVED if moved_to else LinkOutcome.FOUND, detail, moved_to)
    if status in _SHUT:
        return Finding(LinkOutcome.NOT_ASKED, detail)
    return Finding(LinkOutcome.DOWN if status >= 500 else LinkOutcome.BROKEN, detail)


def _read(answer: http.client.HTTPResponse) -> str:
    """The beginning of a text, however long it is."""
    return answer.read(MOST_BYTES // 2).decode("utf-8", "replace")


def _user_agent() -> str:
    return f"{ROBOT}/1 (+{settings.SITE_URL}/about/)"


class _Bounded:
    """A socket of which no more is read than the bounds allow, in whatever small pieces it comes."""

    def __init__(self, made: socket.socket, deadline: float, clock: Callable[[], float]):
        self.made, self.deadline, self.clock = made, deadline, clock
        self.is_read = False

    def sendall(self, data: bytes) -> None:
        self.made.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        self.is_read = True
        return io.BufferedReader(_BoundedReader(self))

    def close(self) -> None:
        # http.client lets the connection go as soon as it has the head of the last answer; its body is still to come.
        if not self.is_read:
            self.made.close()


class _BoundedReader(io.RawIOBase):
    def __init__(self, bounded: _Bounded):
        super().__init__()
        self.bounded, self.left = bounded, MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        seconds = self.bounded.deadline - self.bounded.clock()
        if seconds <= 0:
            raise TimeoutError
        if self.left <= 0:
            raise OSError("too much to read")
        self.bounded.made.settimeout(seconds)
        count = self.bounded.made.recv_into(buffer, min(len(buffer), self.left))
        self.left -= count
        return count

    def close(self) -> None:
        super().close()
        self.bounded.made.close()


class _Connection(http.client.HTTPConnection):
    """Connects to the address it is told, and calls the server by its name."""

    reach: Callable[[], socket.socket]
    bound: Callable[[socket.socket], _Bounded]

    def connect(self) -> None:
        self.sock = self.bound(self.reach())


class _TlsConnection(_Connection):
    """The same over TLS, to a server that proves its name."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        context = ssl.create_default_context()
        self.sock = self.bound(context.wrap_socket(self.reach(), server_hostname=self.host))

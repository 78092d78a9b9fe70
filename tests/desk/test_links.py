"""Links are checked politely, within bounds, and never inside; the desk says what came of it."""

import socket
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from ipaddress import ip_address

import pytest
from django.core.management import call_command

from eccp.desk import asking, links
from eccp.desk.asking import Asker, is_public
from eccp.desk.items import ITEMS
from eccp.desk.models import LinkCheck, LinkOutcome
from eccp.records.models import Source
from tests import factories

ON = date(2026, 11, 22)


class Clock:
    """Time that passes only when somebody waits for it."""

    def __init__(self):
        self.now, self.waits = 1000.0, []

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


class Handler(BaseHTTPRequestHandler):
    """Answers as the test has laid down: ``pages`` maps a path to status, headers and body."""

    def answer(self):
        served = self.server
        served.asked.append((self.command, self.path, self.headers["Host"], self.headers["User-Agent"]))
        status, headers, body = served.pages.get(self.path, (404, {}, b""))
        if self.command == "HEAD" and self.path in served.no_head:
            status = 405
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.body(body)

    def body(self, body):
        try:
            for piece in body if isinstance(body, list) else [body]:
                self.wfile.write(piece)
                if isinstance(body, list):
                    self.server.clock.now += 15
        except OSError:
            pass  # whoever asked has had enough, which is what the test is about

    do_GET = do_HEAD = answer  # noqa: N815 - http.server calls them so

    def log_message(self, *args):
        """Nothing: the test reads ``asked``."""


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.pages, made.asked, made.no_head, made.clock = {}, [], set(), Clock()
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def asker(server):
    """An asker that is let into this machine, and whose time is the server's."""
    return Asker(is_allowed=lambda address: address.is_loopback, clock=server.clock, wait=server.clock.wait)


def asked(server, path):
    return [method for method, found, *_rest in server.asked if found == path]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, LinkOutcome.FOUND),
        (404, LinkOutcome.BROKEN),
        (410, LinkOutcome.BROKEN),
        (403, LinkOutcome.NOT_ASKED),
        (429, LinkOutcome.NOT_ASKED),
        (500, LinkOutcome.DOWN),
        (503, LinkOutcome.DOWN),
    ],
)
def test_what_an_answer_means(server, asker, status, outcome):
    server.pages["/page"] = (status, {}, b"")
    finding = asker.ask(f"{server.url}/page")
    assert (finding.outcome, finding.detail) == (outcome, f"HTTP {status}")
    assert asked(server, "/page") == (["HEAD"] if status < 400 else ["HEAD", "GET"])


def test_a_server_that_does_not_know_head_is_asked_with_get(server, asker):
    server.pages["/page"] = (200, {}, b"here")
    server.no_head.add("/page")
    assert asker.ask(f"{server.url}/page").outcome == LinkOutcome.FOUND
    assert asked(server, "/page") == ["HEAD", "GET"]


def test_what_has_moved_for_good_says_where_to(server, asker):
    server.pages |= {
        "/old": (301, {"Location": "/newer"}, b""),
        "/newer": (308, {"Location": "/newest#part"}, b""),
        "/newest": (200, {}, b""),
        "/today": (302, {"Location": "/newest"}, b""),
    }
    finding = asker.ask(f"{server.url}/old")
    assert (finding.outcome, finding.moved_to) == (LinkOutcome.MOVED, f"{server.url}/newest")
    assert asker.ask(f"{server.url}/today").outcome == LinkOutcome.FOUND


def test_redirects_come_to_an_end(server, asker):
    server.pages["/round"] = (302, {"Location": "/round"}, b"")
    assert asker.ask(f"{server.url}/round").outcome == LinkOutcome.BROKEN
    assert len(asked(server, "/round")) == asking.MOST_REDIRECTS + 1


@pytest.mark.parametrize("url", ["ftp://example.eu/", "http://", "http://example.eu:port/", "javascript:alert(1)"])
def test_what_is_no_web_address_is_not_asked(asker, url):
    assert asker.ask(url).outcome == LinkOutcome.BROKEN


def test_a_redirect_to_another_scheme_is_not_followed(server, asker):
    server.pages["/file"] = (302, {"Location": "file:///etc/passwd"}, b"")
    assert asker.ask(f"{server.url}/file").detail == "not a web address"


def test_nobody_listening_and_no_such_host_are_no_answer(server, asker, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert asker.ask(f"http://127.0.0.1:{port}/").outcome == LinkOutcome.DOWN

    def unknown(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr("eccp.desk.asking.socket.getaddrinfo", unknown)
    assert asker.ask("http://gone.example/").detail == "no such host"


def test_a_server_that_speaks_no_tls_is_no_answer(server, asker):
    finding = asker.ask(server.url.replace("http://", "https://"))
    assert finding.outcome == LinkOutcome.DOWN
    assert "TLS" in finding.detail


# ── Never inside ──


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a9fe:a9fe", "ff02::1",
    ],
)  # fmt: skip
def test_no_address_of_an_inner_network_counts_as_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["193.0.6.139", "2001:67c:2e8:22::c100:68b", "::ffff:193.0.6.139"])
def test_addresses_of_the_internet_count_as_public(address):
    assert is_public(ip_address(address))


def test_an_inner_address_is_never_asked(server):
    finding = Asker().ask(f"{server.url}/")
    assert (finding.outcome, finding.detail) == (LinkOutcome.NOT_ASKED, "not a public address")
    assert server.asked == []


def test_a_redirect_to_an_inner_address_is_not_followed(server):
    server.pages["/in"] = (302, {"Location": f"http://127.0.0.2:{server.server_port}/inside"}, b"")
    clock = server.clock
    asker = Asker(is_allowed=lambda address: str(address) == "127.0.0.1", clock=clock, wait=clock.wait)
    assert asker.ask(f"{server.url}/in").outcome == LinkOutcome.NOT_ASKED
    assert not asked(server, "/inside")


def test_a_name_with_one_inner_address_among_others_is_not_asked(server, asker, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("127.0.0.1", "10.0.0.1")]
    monkeypatch.setattr("eccp.desk.asking.socket.getaddrinfo", lambda *args, **kwargs: found)
    assert asker.ask("http://two.example/").outcome == LinkOutcome.NOT_ASKED


def test_the_connection_is_made_to_the_address_that_was_judged(server, asker, monkeypatch):
    """A name that points elsewhere the second time it is looked up finds nobody looking."""
    real, lookups = socket.getaddrinfo, []

    def lookup(host, port, *args, **kwargs):
        if host != "moving.example":
            return real(host, port, *args, **kwargs)
        lookups.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("eccp.desk.asking.socket.getaddrinfo", lookup)
    server.pages["/"] = (200, {}, b"")
    assert asker.ask(f"http://moving.example:{server.server_port}/").outcome == LinkOutcome.FOUND
    assert len(lookups) == len(server.asked) == 2  # robots.txt and the page: one look-up for each connection
    assert {host for _method, _path, host, _agent in server.asked} == {f"moving.example:{server.server_port}"}


# ── Politely, within bounds ──


def test_the_robot_says_its_name_and_obeys_robots_txt(server, asker):
    server.pages |= {
        "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private\nCrawl-delay: 7\n"),
        "/private/page": (200, {}, b""),
        "/page": (200, {}, b""),
    }
    assert asker.ask(f"{server.url}/private/page").outcome == LinkOutcome.NOT_ASKED
    assert asker.ask(f"{server.url}/page").outcome == LinkOutcome.FOUND
    assert not asked(server, "/private/page")
    assert asked(server, "/robots.txt") == ["GET"]
    assert all(agent.startswith("ECCPRegistryLinks/1 (+http") for *_rest, agent in server.asked)
    assert server.clock.waits == [7]


def test_a_host_is_not_asked_twice_within_two_seconds(server, asker):
    server.pages |= {"/1": (200, {}, b""), "/2": (200, {}, b"")}
    asker.ask(f"{server.url}/1")
    server.clock.now += 0.5
    asker.ask(f"{server.url}/2")
    assert server.clock.waits == [2, 1.5]


@pytest.mark.parametrize(("status", "outcome"), [(403, LinkOutcome.NOT_ASKED), (503, LinkOutcome.DOWN)])
def test_where_robots_txt_is_kept_back_nothing_else_is_asked(server, asker, status, outcome):
    server.pages |= {"/robots.txt": (status, {}, b""), "/page": (200, {}, b"")}
    assert asker.ask(f"{server.url}/page").outcome == outcome
    assert not asked(server, "/page")


def test_an_answer_in_drops_ends_when_its_time_is_over(server, asker):
    server.pages["/robots.txt"] = (200, {}, [b"User-agent: *\n"] * 50)
    finding = asker.ask(f"{server.url}/page")
    assert (finding.outcome, finding.detail) == (LinkOutcome.DOWN, "no answer in time")


def test_no_more_is_read_than_the_bounds_allow(server, asker):
    server.pages["/robots.txt"] = (200, {f"X-{n}": "x" * 1000 for n in range(80)}, b"")
    finding = asker.ask(f"{server.url}/page")
    assert finding.outcome == LinkOutcome.DOWN
    assert "too much to read" in finding.detail


# ── What is kept, and the desk ──


@pytest.mark.django_db
def test_an_address_has_been_failing_since_it_last_did_not_fail():
    down, found = asking.Finding(LinkOutcome.DOWN, "HTTP 500"), asking.Finding(LinkOutcome.FOUND)
    since = [
        links.keep("http://a.example/", finding, on=ON + timedelta(days=day)).failing_since
        for day, finding in enumerate([down, down, found, down])
    ]
    assert since == [ON, ON, None, ON + timedelta(days=3)]


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_only_what_public_records_name_is_asked_and_only_when_it_is_due():
    Source.objects.update(document_url="")
    every = timedelta(days=14)
    factories.SourceFactory(document_url="http://public.example/", name="Public")
    factories.SourceFactory(document_url="http://draft.example/", publication_status="draft")
    public = links.named_addresses()
    assert "http://public.example/" in public
    assert "http://draft.example/" not in public
    for outcome, days, is_due in [("found", 13, False), ("found", 14, True), ("broken", 1, True), ("broken", 0, False)]:
        LinkCheck.objects.all().delete()
        LinkCheck.objects.create(
            url="http://public.example/", outcome=outcome, checked_on=ON - timedelta(days=days),
            failing_since=ON - timedelta(days=30) if outcome == "broken" else None,
        )  # fmt: skip
        assert ("http://public.example/" in links.due(ON, every=every)) is is_due, (outcome, days)


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_hosts_take_turns(monkeypatch):
    named = {f"http://{host}.example/{n}" for host, most in (("a", 3), ("b", 1)) for n in range(most)}
    monkeypatch.setattr("eccp.desk.links.named_addresses", lambda: named)
    hosts = [url[7] for url in links.due(ON, every=timedelta(days=1))]
    assert hosts == ["a", "b", "a", "a"]


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_the_command_fills_the_desk_and_forgets_what_nobody_names(server, asker, monkeypatch):
    source = factories.SourceFactory(document_url=f"{server.url}/gone")
    monkeypatch.setattr("eccp.desk.links.named_addresses", lambda: {source.document_url})
    LinkCheck.objects.create(url="http://unnamed.example/", outcome="found", checked_on=ON)
    said = StringIO()
    call_command("check_links", asker=asker, stdout=said)
    assert f"not there (HTTP 404): {server.url}/gone" in said.getvalue()
    assert "1 asked: 1 not there; 1 no longer named" in said.getvalue()
    assert list(ITEMS["broken-links"].question(ON)) == [source.record]
    assert LinkCheck.objects.get().outcome == LinkOutcome.BROKEN


def test_no_option_of_the_command_opens_the_inner_network():
    from eccp.desk.management.commands.check_links import Command

    options = {action.dest for action in Command().create_parser("manage.py", "check_links")._actions}
    assert not {name for name in options if "allow" in name or "private" in name or "asker" in name}

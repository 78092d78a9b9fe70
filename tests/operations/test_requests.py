"""Log lines: JSON, each with the id of its request, and nothing about who asked or what for."""

import io
import json
import logging
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings

from eccp.listing.index import index
from eccp.listing.versions import StaleError
from eccp.operations import statements
from eccp.operations.log_lines import formatter
from eccp.operations.requests import server_error
from eccp.records.databases import took_too_long

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.fixture
def lines(monkeypatch):
    """What the server writes while something is done, line by line."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter("json"))
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    for name in ("eccp", "django_structlog"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_fault_is_written_with_the_id_that_its_page_names(lines, monkeypatch):
    monkeypatch.setattr("eccp.listing.views.today", lambda: 1 / 0)
    response = Client(raise_request_exception=False).get("/partnerships/?q=Grace+Hopper")
    assert response.status_code == 500
    request_id = response["X-Request-Id"]
    assert request_id in response.content.decode()
    [line] = [line for line in lines() if line["level"] == "error"]
    assert (line["request_id"], line["request"], line["code"]) == (request_id, "GET /partnerships/", 500)
    assert "ZeroDivisionError" in line["exception"]
    assert "Hopper" not in json.dumps(lines())


def _unreachable(client):
    def fail(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(fail):
        return client.get("/partnerships/")


def _bounded(client):
    cause = OperationalError()
    cause.sqlstate = "57014"

    def cancelled(execute, sql, params, many, context):
        if "dataversion" in sql.lower():
            return execute(sql, params, many, context)
        raise OperationalError("canceling statement due to statement timeout") from cause

    index.forget_everything()
    with connection.execute_wrapper(cancelled):
        return client.get("/partnerships/")


def _too_many_files(client):
    with override_settings(FILES_PER_PROCESS=0):
        return Client().get("/partnerships.csv")


def _always_changing(client):
    def stale():
        raise StaleError

    with patch("eccp.listing.middleware.one_version", stale):
        return client.get("/partnerships/")


@pytest.mark.parametrize(
    ("asked", "event"),
    [
        pytest.param(_unreachable, "The database does not answer: the server closed the connection", id="no database"),
        pytest.param(_bounded, "request_failed", id="a statement that took too long"),
        pytest.param(_too_many_files, "request_finished", id="too many files at once"),
        pytest.param(_always_changing, "request_finished", id="data that changes all the time"),
    ],
)
def test_whoever_is_asked_to_come_back_is_found_in_the_log(lines, asked, event):
    response = asked(Client(raise_request_exception=False))
    assert (response.status_code, bool(response["Retry-After"])) == (503, True)
    told = [line for line in lines() if line["level"] == "error" and line["request_id"] == response["X-Request-Id"]]
    assert event in [line["event"] for line in told]


def test_a_line_says_neither_who_asked_nor_what_for(lines, client):
    client.get(
        "/organisations/?q=Grace+Hopper",
        headers={"User-Agent": "Grace's browser", "X-Request-Id": "forged\nline"},
        REMOTE_ADDR="192.0.2.77",
    )
    said = [line for line in lines() if line.get("event") == "request_finished"]
    assert [(line["request"], line["code"]) for line in said] == [("GET /organisations/", 200)]
    everything = json.dumps(lines())
    for private in ("Grace", "Hopper", "192.0.2", "forged"):
        assert private not in everything


def test_each_request_has_an_id_of_its_own(client):
    ids = {client.get("/about/")["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_slow_statement_is_written_without_its_values(lines, settings, client):
    settings.SLOW_QUERY_MS = 0.0001
    client.get("/partnerships/?q=hopper")
    with connection.cursor() as cursor:
        statements.watch(connection)
        cursor.execute("SELECT %s", ["Grace Hopper"])
    slow = [line for line in lines() if line["event"] == "slow_query"]
    assert slow
    assert all(line["milliseconds"] >= 0 and line["sql"] for line in slow)
    assert "Grace" not in json.dumps(slow)


@pytest.fixture
def bounded(settings):
    """The connection of the test as the web server would have it, with a second for each statement."""
    settings.STATEMENT_SECONDS = 1
    connection.ensure_connection()
    statements.watch(connection)
    statements.bound(connection)
    yield connection
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    else:
        connection.connection.set_progress_handler(None, 0)


ENDLESS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(30)",
}


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_never_ends_is_ended(bounded):
    with pytest.raises(OperationalError) as caught, bounded.cursor() as cursor:
        cursor.execute(ENDLESS[bounded.vendor])
    assert took_too_long(caught.value)
    with bounded.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_whose_question_took_too_long_is_asked_to_come_back(rf):
    cause = OperationalError()
    cause.sqlstate = "57014"
    try:
        raise OperationalError from cause
    except OperationalError:
        response = server_error(rf.get("/admin/"))
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "took too long" in response.content.decode()

"""A public answer comes from one database: a replica that is up and has kept up, else the primary."""

import contextlib
import logging
from datetime import timedelta

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.test import Client
from django.utils import timezone

from eccp.records.databases import JUDGED_EVERY, Replica, ReplicaRouter, Replicas, reading_from
from eccp.records.models import DataVersion
from tests.factories import PartnershipFactory

ALIAS = "replica-1"
PAGE = "/partnerships/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


class Clock:
    """The process's clock, standing still until a test moves it."""

    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("eccp.records.databases.time", clock)
    return clock


@pytest.fixture
def replica(clock, monkeypatch):
    """A second way to the same database: what a test has not committed is what the replica lags by."""
    connections.settings[ALIAS] = connection.settings_dict | {"CONN_HEALTH_CHECKS": True}
    # Django's tests forbid what they did not declare; a database of the test's own need not be declared.
    copy = connections[ALIAS]

    def ensure_connection():
        if copy.connection is None:
            with copy.wrap_database_errors:
                copy.connect()

    copy.ensure_connection = ensure_connection
    known = Replicas([ALIAS])
    monkeypatch.setattr("eccp.listing.middleware.replicas", known)
    yield known
    copy.close()
    del connections[ALIAS], connections.settings[ALIAS]


@contextlib.contextmanager
def asked(alias):
    """The statements put to a database."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connections[alias].execute_wrapper(note):
        yield statements


def shown(client, **cookies):
    """The page, and which databases were asked for it."""
    client.cookies.load(cookies)
    with asked(DEFAULT_DB_ALIAS) as primary, asked(ALIAS) as replica:
        response = client.get(PAGE)
    assert response.status_code == 200
    names = {name for name, statements in (("primary", primary), ("replica", replica)) if statements}
    return response, names


def behind(replica_at, primary_at, changed_ago, seen=()):
    """Whether a replica at one version is held for behind, the primary being at another since so many seconds."""
    now = timezone.now()
    judged = Replica(ALIAS)
    judged.primary_had.extend((now - timedelta(seconds=ago), number) for ago, number in seen)
    earlier, changed = now - timedelta(hours=1), now - timedelta(seconds=changed_ago)
    version = (replica_at, changed if replica_at == primary_at else earlier)
    return judged.is_behind(version, (primary_at, changed), now)


def test_a_replica_that_has_kept_up_answers_public_pages_alone(client, replica):
    before = client.get(PAGE)
    with asked(DEFAULT_DB_ALIAS) as statements:  # the look that judged it is over
        after = client.get(PAGE)
    assert statements == []
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


def test_who_has_just_written_reads_the_primary(client, replica):
    assert shown(client, wrote="1")[1] == {"primary"}


def test_a_page_and_its_name_are_of_the_database_it_is_read_from(client, replica):
    replica_etag = client.get(PAGE)["ETag"]
    partnership = PartnershipFactory()
    response, _ = shown(client)
    assert response["ETag"] == replica_etag
    assert partnership.slug not in response.content.decode()
    response, _ = shown(client, wrote="1")
    assert response["ETag"] != replica_etag


def test_a_replica_that_lags_is_left_out_and_taken_in_again(client, replica, clock):
    now = DataVersion.objects.get()
    assert shown(client)[1] == {"replica", "primary"}  # it was judged first
    DataVersion.objects.bump(at=timezone.now() - timedelta(seconds=60))
    clock.now += JUDGED_EVERY
    shown(client)
    assert shown(client)[1] == {"primary"}
    DataVersion.objects.update(number=now.number, changed_at=now.changed_at)
    clock.now += 60
    shown(client)
    assert shown(client)[1] == {"replica"}


@pytest.mark.parametrize(
    ("replica_at", "primary_at", "changed_ago", "seen", "is_behind"),
    [
        pytest.param(7, 7, 3600, (), False, id="level"),
        pytest.param(7, 8, 1, (), False, id="the change is younger than the bound"),
        pytest.param(7, 8, 60, (), True, id="the change is older than the bound"),
        pytest.param(7, 90, 1, [(20, 50), (1, 89)], True, id="stuck while the primary changes all the time"),
        pytest.param(60, 90, 1, [(20, 50), (1, 89)], False, id="follows a primary that changes all the time"),
        pytest.param(9, 8, 60, (), True, id="of another history"),
    ],
)
def test_a_replica_is_behind_when_it_has_not_reached_what_the_primary_had(
    replica_at, primary_at, changed_ago, seen, is_behind
):
    assert behind(replica_at, primary_at, changed_ago, seen) is is_behind


def test_a_replica_that_is_down_is_left_out(client, replica):
    connections.settings[ALIAS] |= {"NAME": "/nowhere/registry", "HOST": "127.0.0.1", "PORT": "1"}
    assert client.get(PAGE).status_code == 200
    assert replica.all[ALIAS].is_in is False


def test_a_replica_that_goes_away_in_the_midst_of_an_answer_is_left_out(client, replica, caplog):
    def fail(execute, sql, params, many, context):
        if "dataversion" in sql.lower() and "isolation" not in sql.lower():
            return execute(sql, params, many, context)
        raise OperationalError("the server closed the connection")

    PartnershipFactory()  # so that nothing is known of the primary yet
    with connections[ALIAS].execute_wrapper(fail), caplog.at_level(logging.WARNING):
        response = client.get("/partnerships/?as_of=2017-03-04")
    assert response.status_code == 200
    assert replica.all[ALIAS].is_in is False
    assert "replica-1 is left out: the server closed the connection" in caplog.text


def test_a_question_that_takes_too_long_is_ended_and_asked_nowhere_else(client, replica):
    asked_first = client.get(PAGE)
    assert asked_first.status_code == 200
    PartnershipFactory()  # so that the page is to be made anew

    def cancelled(execute, sql, params, many, context):
        if "dataversion" in sql.lower() and "isolation" not in sql.lower():
            return execute(sql, params, many, context)
        cause = OperationalError()
        cause.sqlstate = "57014"
        raise OperationalError("canceling statement due to statement timeout") from cause

    browser = Client(raise_request_exception=False)
    with connections[ALIAS].execute_wrapper(cancelled), asked(DEFAULT_DB_ALIAS) as primary:
        response = browser.get("/partnerships/?as_of=2017-03-04")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert primary == []
    assert replica.all[ALIAS].is_in is True


@pytest.mark.parametrize("address", [PAGE, "/partnerships.csv", "/"])
def test_while_no_database_answers_a_reader_is_told_when_to_ask_again(client, address, caplog):
    def fail(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(fail):
        response = client.get(address)
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    assert int(response["Retry-After"]) > 0
    assert "The database does not answer: the server closed the connection" in caplog.text


def test_the_primary_is_written_to_and_alone_migrated_whatever_is_read(replica):
    router = ReplicaRouter()
    with reading_from(ALIAS):
        assert (router.db_for_read(DataVersion), router.db_for_write(DataVersion)) == (ALIAS, DEFAULT_DB_ALIAS)
    assert router.db_for_read(DataVersion) is None
    assert (router.allow_migrate(DEFAULT_DB_ALIAS, "records"), router.allow_migrate(ALIAS, "records")) == (True, False)


def test_only_curators_are_remembered_as_having_written(client, admin_client):
    assert "wrote" not in client.get(PAGE).cookies
    assert "wrote" not in client.post(PAGE).cookies
    saved = admin_client.post("/admin/password_change/", {}).cookies["wrote"]
    assert (saved["httponly"], saved["samesite"], saved["max-age"]) == (True, "Lax", 100)

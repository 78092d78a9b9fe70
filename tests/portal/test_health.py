"""What the operator asks of a process: whether it lives, and whether it can serve."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from eccp.listing import middleware
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.versions import StaleError
from eccp.portal import health
from eccp.records.models import Record
from tests.factories import PartnershipFactory

pytestmark = pytest.mark.django_db


def said(client, address="/readyz"):
    response = client.get(address)
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.content.decode().strip()


def test_a_process_is_ready_once_its_index_is_at_the_version_of_the_data(registry, client, django_assert_num_queries):
    index.forget_everything()
    assert said(client) == (200, "ready")
    PartnershipFactory(slug="published-since")
    assert said(client) == (200, "ready")
    with django_assert_num_queries(len(LISTINGS)):  # each looks at the data version, and nothing is read anew
        held = [index.snapshot(listing) for listing in LISTINGS.values()]
    assert "published-since" in next(one for one in held if one.listing.name == "partnerships").ids


def test_a_process_whose_index_cannot_keep_up_is_not_ready(registry, client, monkeypatch):
    asked = []

    def stale(listing):
        asked.append(listing)
        raise StaleError

    monkeypatch.setattr(index, "snapshot", stale)
    assert said(client)[0] == 503
    assert len(asked) == middleware.TRIES
    assert said(client, "/healthz") == (200, "ok")


def test_who_asks_while_the_index_is_made_does_not_wait(registry, client):
    with health._looking_at_index:
        assert said(client) == (503, "the index is being made")
    assert said(client) == (200, "ready")


def test_a_process_without_data_migrations_or_database_is_not_ready(client, registry, monkeypatch):
    with monkeypatch.context() as changed:
        applied = MigrationRecorder(connection).applied_migrations()
        changed.setattr(MigrationRecorder, "applied_migrations", lambda self: dict(list(applied.items())[:-1]))
        assert said(client) == (503, "migrations are not applied")

    def fail(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(fail):
        assert said(client)[0] == 503


def test_a_process_without_data_is_not_ready(registry, client):
    Record.objects.published().update(publication_status="draft")
    assert said(client) == (503, "no data is loaded")

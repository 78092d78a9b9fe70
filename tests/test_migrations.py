"""Every app of ours can be taken back to nothing and made again, and what the others hold is kept meanwhile."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from eccp.records.models import Record

OURS = [config.label for config in apps.get_app_configs() if config.name.partition(".")[0] in
        ("eccp", "partnerships", "markets", "programmes")]  # fmt: skip


def applied(label):
    return {name for app, name in MigrationExecutor(connection).loader.applied_migrations if app == label}


def tables():
    return set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth(registry):
    everything, before = tables(), {label: applied(label) for label in OURS}
    kept = Record.objects.count()
    assert kept
    # What stands at the very top can go alone: the rest keeps its rows.
    for label in ("guard", "desk"):
        call_command("migrate", label, "zero", verbosity=0)
        assert not applied(label)
        assert not [name for name in tables() if name.startswith(f"{label}_")]
        call_command("migrate", label, verbosity=0)
        assert applied(label) == before[label]
    assert Record.objects.count() == kept
    # And the whole of it, whatever the order in which the apps depend on each other.
    call_command("migrate", "records", "zero", verbosity=0)
    assert not applied("records")
    assert "records_record" not in tables()
    call_command("migrate", verbosity=0)
    assert tables() == everything
    assert {label: applied(label) for label in OURS} == before


@pytest.mark.django_db(transaction=True)
def test_a_migration_and_the_note_of_it_are_one(registry, monkeypatch):
    everything, before = tables(), applied("desk")

    def killed(self, app, name):
        raise InterruptedError

    with monkeypatch.context() as broken:
        broken.setattr(MigrationRecorder, "record_unapplied", killed)
        with pytest.raises(InterruptedError):
            call_command("migrate", "desk", "zero", verbosity=0)
    assert (tables(), applied("desk")) == (everything, before)
    call_command("migrate", "desk", "zero", verbosity=0)
    with monkeypatch.context() as broken:
        broken.setattr(MigrationRecorder, "record_applied", killed)
        with pytest.raises(InterruptedError):
            call_command("migrate", "desk", verbosity=0)
    assert not [name for name in tables() if name.startswith("desk_")]
    call_command("migrate", "desk", verbosity=0)
    assert (tables(), applied("desk")) == (everything, before)

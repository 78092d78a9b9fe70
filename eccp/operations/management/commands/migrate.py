"""``manage.py migrate``, of which each migration and the note that it is applied are one transaction.

Django notes a migration with foreign keys after the transaction that makes its tables: killed between the two, it
leaves tables that the next ``migrate`` refuses to make.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.commands import migrate
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor


class WholeMigrations(MigrationExecutor):
    """Applies and takes back each migration together with the note of it."""

    def apply_migration(self, state, migration, fake=False, fake_initial=False):
        with self._whole(migration):
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)

    def unapply_migration(self, state, migration, fake=False):
        with self._whole(migration):
            return super().unapply_migration(state, migration, fake=fake)

    @contextmanager
    def _whole(self, migration) -> Iterator[None]:
        if not (migration.atomic and self.connection.features.can_rollback_ddl):
            yield
            return
        # SQLite remakes tables only while it checks no foreign keys, which it can be told outside a transaction alone.
        were_checked = self.connection.vendor == "sqlite" and self.connection.disable_constraint_checking()
        try:
            with transaction.atomic(using=self.connection.alias):
                yield
        finally:
            if were_checked:
                self.connection.enable_constraint_checking()


# Django's command makes its executor itself and takes no other.
migrate.MigrationExecutor = WholeMigrations


class Command(migrate.Command):
    pass

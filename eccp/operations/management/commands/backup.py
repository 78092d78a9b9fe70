"""``manage.py backup FOLDER``: the database's own dump, the portable dump, and what both must give again."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eccp.operations import backup


class Command(BaseCommand):
    help = "Writes a backup into a new folder, of one state of the database: it can be made while curators work."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="where backups lie, each in a folder named by its instant")

    def handle(self, *args, **options):
        try:
            made = backup.make(options["folder"], at=timezone.now())
        except backup.BackupError as problem:
            raise CommandError(str(problem)) from problem
        for path in sorted(made.iterdir()):
            self.stdout.write(f"{path}: {path.stat().st_size} bytes")

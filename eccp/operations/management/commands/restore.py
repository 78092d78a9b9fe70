"""``manage.py restore FOLDER``: loads a backup into an empty database of either kind and proves what it loaded."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from eccp.operations import backup
from eccp.records.databases import gather_statistics


class Command(BaseCommand):
    help = "Loads the portable dump of a backup into the migrated, empty database, and compares it with the backup."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="the folder of one backup")
        parser.add_argument("--check", action="store_true", help="load nothing, only compare the database")

    def handle(self, *args, **options):
        folder = options["folder"]
        try:
            manifest = backup.read(folder)
            if not options["check"]:
                backup.load(folder)
                gather_statistics()
            differing = backup.differences(manifest)
        except backup.BackupError as problem:
            raise CommandError(str(problem)) from problem
        if differing:
            raise CommandError("\n".join(differing))
        self.stdout.write(
            f"equal: {len(manifest['files'])} files of lists byte by byte, {sum(manifest['rows'].values())} rows of "
            f"{len(manifest['rows'])} tables, data version {manifest['data_version']}"
        )

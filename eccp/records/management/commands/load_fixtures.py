"""``manage.py load_fixtures``: load the papers of ``fixtures/``; a second time it changes nothing."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from eccp.records import aggregate, papers
from eccp.records.databases import gather_statistics
from eccp.records.models import Record


class Command(BaseCommand):
    help = "Loads every paper of fixtures/, the reference data first. Loading twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--root", type=Path, default=settings.BASE_DIR / "fixtures", help="where the papers are")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when the registry holds data, so that no edit is lost"
        )

    def handle(self, *args, **options):
        root = options["root"]
        if options["if_empty"] and Record.objects.exists():
            self.stdout.write("The registry holds data already; nothing was loaded.")
            return
        if not root.is_dir():
            raise CommandError(f"There is no folder {root}.")
        try:
            total, changed = papers.load(root / name for name in papers.names(root))
        except aggregate.AggregateError as problem:
            raise CommandError(f"{problem} Nothing was loaded.") from problem
        gather_statistics()
        if options["verbosity"]:
            self.stdout.write(f"{', '.join(papers.names(root))}: {total} records, {changed} new or changed")

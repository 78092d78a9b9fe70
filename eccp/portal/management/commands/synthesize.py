"""``manage.py synthesize --partnerships 100000``: fill an empty registry with made-up records, always the same."""

from django.core.management.base import BaseCommand, CommandError

from eccp.portal.synthesis import synthesize
from eccp.records.databases import gather_statistics
from eccp.records.models import Record


class Command(BaseCommand):
    help = "Fills an empty registry with made-up records, the same every time: for demonstrations and measurements."

    def add_arguments(self, parser):
        parser.add_argument("--partnerships", type=int, default=1000, help="how many partnerships (default: 1000)")

    def handle(self, *args, **options):
        size = options["partnerships"]
        if size < 1:
            raise CommandError("--partnerships: give a number from 1.")
        if Record.objects.exists():
            raise CommandError("The registry holds data already. Made-up records go into an empty database only.")
        synthesize(size, self.stdout.write if options["verbosity"] else lambda line: None)
        gather_statistics()

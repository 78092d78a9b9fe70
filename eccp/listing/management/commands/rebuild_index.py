"""``manage.py rebuild_index``: write the directory and every long list anew, while the site goes on answering."""

from django.core.management.base import BaseCommand

from eccp.listing.index import rebuild, rebuild_directory
from eccp.listing.listings import LISTINGS
from eccp.records.databases import gather_statistics


class Command(BaseCommand):
    help = (
        "Writes the directory and every long list anew for the processes of this machine, which open them when they "
        "next start, or a list when they have come to carry many changed rows of it. "
        "Nobody waits for it: what is served goes on being refreshed change by change."
    )

    def add_arguments(self, parser):
        parser.add_argument("lists", nargs="*", help="which lists; all, if none is named")

    def handle(self, *args, **options):
        def said(name: str):
            return lambda number: number % 5000 or self.stdout.write(f"{name}: {number:,} rows")

        gather_statistics()
        rebuild_directory()
        for name in options["lists"] or LISTINGS:
            snapshot = rebuild(LISTINGS[name], said(name) if options["verbosity"] else None)
            kept = "kept in a file" if snapshot.segment.is_in_file else "short, read at each start"
            self.stdout.write(f"{name}: {len(snapshot):,} rows, {kept}")

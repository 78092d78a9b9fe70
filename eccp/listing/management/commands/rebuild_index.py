"""``manage.py rebuild_index``: write the directory and every long list anew, while the site goes on answering."""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import django
from django.core.management.base import BaseCommand, CommandError

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
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            help="how many lists at a time; as many as cores, if left out",
        )

    def handle(self, *args, **options):
        names = options["lists"] or list(LISTINGS)
        if unknown := set(names) - set(LISTINGS):
            raise CommandError(f"There is no list {', '.join(sorted(unknown))}. There are: {', '.join(LISTINGS)}.")
        write = partial(_rebuilt, tells=options["verbosity"] > 0)
        gather_statistics()
        rebuild_directory()
        if (processes := min(options["processes"], len(names))) < 2:
            for told in map(write, names):
                self.stdout.write(told)
            return
        # The longest first, or all would wait for one that began last.
        in_turn = sorted(names, key=lambda name: LISTINGS[name].get_queryset().count(), reverse=True)
        # A new interpreter each: what this one holds, a connection above all, must not be shared.
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=fresh, initializer=django.setup) as pool:
            written = {name: pool.submit(write, name) for name in in_turn}
            for name in names:
                self.stdout.write(written[name].result())


def _rebuilt(name: str, *, tells: bool) -> str:
    """Write one list anew; what there is to say of it in the end. Which process says how far it is does not matter."""

    def said(number: int) -> None:
        if number % 5000 == 0:
            sys.stdout.write(f"{name}: {number:,} rows\n")
            sys.stdout.flush()

    snapshot = rebuild(LISTINGS[name], said if tells else None)
    kept = "kept in a file" if snapshot.segment.is_in_file else "short, read at each start"
    return f"{name}: {len(snapshot):,} rows, {kept}"

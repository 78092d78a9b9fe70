"""``manage.py export FOLDER``: every public file of every list, as the site serves it."""

from pathlib import Path

from django.core.management.base import BaseCommand
from django.http import QueryDict

from eccp.listing import files
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.question import Question
from eccp.listing.views import today


class Command(BaseCommand):
    help = "Writes the CSV of every list into a folder: a portable copy, and what two databases are compared by."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="made when missing; files of the same name are replaced")

    def handle(self, *args, **options):
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        for name, listing in LISTINGS.items():
            question = Question(index.snapshot(listing), QueryDict(), today())
            with (folder / f"{name}.csv").open("wb") as file:
                file.writelines(files.csv_blocks(question))
            if options["verbosity"]:
                self.stdout.write(f"{name}.csv: {question.count} rows")

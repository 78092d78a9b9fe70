"""``manage.py verify``: the index counts what the database finds, or it says what differs."""

from django.core.management.base import BaseCommand, CommandError

from eccp.listing.listings import LISTINGS
from eccp.listing.verify import differences, names_differing
from eccp.listing.views import today


class Command(BaseCommand):
    help = (
        "Asks the database for every name, and for every value of every filter word of every list, and compares the "
        "answers with the index."
    )

    def handle(self, *args, **options):
        found = list(names_differing())
        self.stdout.write(f"The names of records {'differ' if found else 'are true'}.")
        for listing in LISTINGS.values():
            wrong = list(differences(listing, today()))
            self.stdout.write(f"{listing.name}: {'differs' if wrong else 'true'}")
            found += wrong
        if found:
            cure = "Run manage.py rebuild_index, then restart the web processes."
            raise CommandError("\n".join([*map(str, found), cure]))

"""``manage.py verify``: the index counts what the database finds, or it says what differs."""

from django.core.management.base import BaseCommand, CommandError

from eccp.listing.listings import LISTINGS
from eccp.listing.verify import differences
from eccp.listing.views import today


class Command(BaseCommand):
    help = (
        "Asks the database for every value of every filter word of every list and compares the answer with the index."
    )

    def handle(self, *args, **options):
        found = []
        for listing in LISTINGS.values():
            wrong = list(differences(listing, today()))
            self.stdout.write(f"{listing.name}: {'differs' if wrong else 'true'}")
            found += wrong
        if found:
            cure = "Run manage.py rebuild_index, then restart the web processes."
            raise CommandError("\n".join([*map(str, found), cure]))

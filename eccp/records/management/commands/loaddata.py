"""``manage.py loaddata``: Django's own, which raises the data version once for all that it loads."""

from django.core.management.commands import loaddata

from eccp.records.version import raised_once


class Command(loaddata.Command):
    def loaddata(self, fixture_labels):
        """Load them within the one transaction that Django has begun for it."""
        with raised_once():
            super().loaddata(fixture_labels)

"""``manage.py check_links``: asks the web addresses of public records, politely, and fills the desk."""

from collections import Counter
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from eccp.desk import links
from eccp.desk.asking import Asker
from eccp.desk.models import LinkOutcome


class Command(BaseCommand):
    help = "Asks the web addresses that public records name whether they are still there, and notes it for the desk."
    #: For tests, which ask a server of their own: no option of the command line opens the inner network.
    stealth_options = ("asker",)

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=14, help="ask again what was found this many days ago")
        parser.add_argument("--most", type=int, help="ask at most this many addresses")

    def handle(self, *args, days, most, asker=None, **options):
        on = timezone.localdate()
        ask = (asker or Asker()).ask
        urls = links.due(on, every=timedelta(days=days))[:most]
        found: Counter = Counter()
        for check in links.check(urls, ask, on=on):
            found[check.outcome] += 1
            if check.outcome != LinkOutcome.FOUND or options["verbosity"] > 1:
                self.stdout.write(f"{check.get_outcome_display()} ({check.detail}): {check.url}")
        dropped = links.forget_unnamed()
        summary = ", ".join(f"{found[outcome]} {outcome.label}" for outcome in LinkOutcome if found[outcome])
        self.stdout.write(f"{len(urls)} asked: {summary or 'nothing was due'}; {dropped} no longer named")

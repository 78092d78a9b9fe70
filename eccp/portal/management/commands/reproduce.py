"""``manage.py reproduce japan-2018``: what the paper prints, computed again from the registry."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from eccp.listing.views import today
from eccp.portal.reproduction import reproduce

VERDICTS = {True: "agree", False: "disagree", None: "–"}


class Command(BaseCommand):
    help = "Prints every count, table cell and rate of a paper as stated and as the registry computes it."

    def add_arguments(self, parser):
        parser.add_argument("paper", help="a folder of fixtures/, such as japan-2018")

    def handle(self, *args, **options):
        path = settings.BASE_DIR / "fixtures" / options["paper"] / "reproduce.yml"
        if not path.is_file():
            raise CommandError(f"The paper “{options['paper']}” has no checks: there is no {path}.")
        try:
            results = reproduce(path, today())
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        for result in results:
            computed = result.computed if result.computed is not None else "not in the source"
            self.stdout.write(f"{VERDICTS[result.agrees]:8}  {result.id} ({result.place}): “{result.says}”")
            self.stdout.write(f"          stated {result.stated} · computed {computed}")
            if result.explanation:
                self.stdout.write(f"          {result.explanation}")
        counts = [sum(result.agrees is verdict for result in results) for verdict in VERDICTS]
        agree, disagree, neither = counts
        self.stdout.write(
            f"\n{len(results)} checks: {agree} agree, {disagree} disagree, {neither} without a comparison"
        )
        unexplained = [result.id for result in results if result.agrees is not True and not result.explanation]
        if unexplained:
            raise CommandError(f"Without an explanation: {', '.join(unexplained)}.")

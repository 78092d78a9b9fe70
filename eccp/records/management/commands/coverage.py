"""``manage.py coverage japan-2018``: how much of a paper is cited, section by section."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from eccp.records.coverage import coverage


class Command(BaseCommand):
    help = "Prints how many lines of each section of a paper are cited, and why the others are not."

    def add_arguments(self, parser):
        parser.add_argument("paper", help="a folder of fixtures/, such as japan-2018")

    def handle(self, *args, **options):
        path = settings.BASE_DIR / "fixtures" / options["paper"] / "coverage.yml"
        if not path.is_file():
            raise CommandError(f"The paper “{options['paper']}” has no list of lines: there is no {path}.")
        forgotten = []
        for section in coverage(path):
            said = f"{section.number:4} {section.title}: {len(section.cited)} of {len(section.lines)} lines cited"
            self.stdout.write(said)
            for row in section.uncited:
                lines = f"line {row.first}" if row.first == row.last else f"lines {row.first}–{row.last}"
                self.stdout.write(f"       {lines}: {row.reason}")
            for line in section.forgotten:
                self.stdout.write(f"       line {line}: NO CITATION AND NO REASON")
            forgotten += section.forgotten
        if forgotten:
            raise CommandError(f"{len(forgotten)} lines carry neither a citation nor a reason.")

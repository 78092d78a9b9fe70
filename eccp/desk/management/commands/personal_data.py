"""``manage.py personal_data``: which personal data is held and what is due; erases it, from the history too."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eccp.curation.erasure import erase
from eccp.desk import privacy


class Command(BaseCommand):
    help = (
        "Lists the records that hold personal data, and which of them are due for renewed consent or erasure. "
        "Names and addresses themselves are not printed."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--erase", nargs="+", default=[], metavar="KIND/ID",
            help="erase the personal data of these records, from their history too: contactpoint/some-id",
        )  # fmt: skip
        parser.add_argument(
            "--erase-due", action="store_true",
            help="erase the e-mails of readers’ reports that are past their time (to be run every day)",
        )  # fmt: skip

    def handle(self, *args, erase, erase_due, **options):
        now = timezone.now()
        self._erase(erase, now)
        if erase_due:
            self.stdout.write(f"{privacy.erase_stale_contacts(now)} e-mails of reports erased")
        on, due = timezone.localdate(now), 0
        for one in privacy.held():
            what = f"{one.record.record_kind}/{one.record.slug}"
            since = f"basis recorded on {one.recorded_on}" if one.recorded_on else "no basis recorded"
            where = "in its history only" if one.is_in_history_only else "public" if one.is_public else "not public"
            is_due = one.is_due(on)
            due += is_due
            self.stdout.write(f"{'DUE ' if is_due else '    '}{what}: {where}, {since}")
        stale = privacy.stale_contacts(now).count()
        self.stdout.write(f"{due} due for renewed consent or erasure; {stale} e-mails of reports past their time")

    def _erase(self, names: list[str], now) -> None:
        found = {name: privacy.find(name) for name in names}
        if missing := [name for name, record in found.items() if record is None]:
            raise CommandError(f"No record that may hold personal data: {', '.join(missing)}. Nothing was erased.")
        for name, record in found.items():
            erase(record, by=None, at=now)
            self.stdout.write(f"{name}: personal data erased, from its history too")

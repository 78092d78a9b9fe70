"""Which personal data the registry holds, and for how long: what is due to be asked for again, or to be erased."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from eccp.curation.erasure import holds_personal_data, personal_models, remembered
from eccp.desk.models import ErrorReport
from eccp.records.models import RecordModel, record_models


@dataclass(frozen=True)
class Held:
    """One record with personal data, or whose history still has some; never the data themselves."""

    record: RecordModel
    recorded_on: date | None
    is_public: bool
    is_in_history_only: bool

    def is_due(self, on: date) -> bool:
        """Whether the person is to be asked again, or the data erased."""
        limit = on - timedelta(days=settings.CONSENT_DAYS)
        return self.is_in_history_only or self.recorded_on is None or self.recorded_on <= limit


def held() -> Iterator[Held]:
    """Every record with personal data, in the record itself or in its history."""
    for model in personal_models(record_models()).values():
        for record in model.objects.order_by("slug"):
            is_there = holds_personal_data(record)
            if is_there or remembered(record):
                yield Held(record, record.basis_recorded_on, record.is_person_public, not is_there)


def find(kind_and_slug: str) -> RecordModel | None:
    """The record that ``kind/slug`` names, if its kind may hold personal data."""
    kind, _slash, slug = kind_and_slug.partition("/")
    model = personal_models(record_models()).get(kind)
    return model.objects.filter(slug=slug).first() if model else None


def stale_contacts(at: datetime) -> Any:
    """The reports whose sender's e-mail is past its time."""
    return ErrorReport.objects.with_stale_contact(at - timedelta(days=settings.REPORT_CONTACT_DAYS))


def erase_stale_contacts(at: datetime) -> int:
    """Erase the e-mails of reports that are past their time; returns how many."""
    return stale_contacts(at).update(email="")

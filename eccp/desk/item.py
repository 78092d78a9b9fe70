"""What an item of the desk is: a question, its count, its list and the click that helps."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eccp.records.models import Record, record_models


@dataclass(frozen=True)
class Line:
    """One line of a list: what it is about, why it stands there, and where a click helps."""

    title: str
    kind: str
    why: str
    url: str


class Item:
    """One thing that waits for somebody: a question whose answer ought to be nothing."""

    name = ""
    title: str | Promise = ""
    explanation: str | Promise = ""
    #: What the click on a line does.
    act: str | Promise = _("Open")
    permission = "records.view_record"
    #: Where the kind of record stands, by which the list can be narrowed.
    kind_path = "record_kind"

    def question(self, on: date) -> models.QuerySet:
        """What waits on the day ``on``, in the order of the list."""
        raise NotImplementedError

    def kinds(self, question: models.QuerySet) -> dict[str, int]:
        """How much of what waits is about each kind of record."""
        counts = question.order_by(self.kind_path).values_list(self.kind_path).annotate(rows=Count("pk"))
        return {kind: rows for kind, rows in counts if kind}

    def lines(self, rows: list[Any], on: date) -> list[Line]:
        """The lines of one page, read in a fixed number of queries."""
        whys = self.whys(rows, on)
        return [Line(row.name, row.kind_label, whys.get(row.pk, ""), self.url(row)) for row in rows]

    def whys(self, rows: list[Any], on: date) -> dict[int, str]:
        """Why each of the rows waits, by its key."""
        return {}

    def url(self, row: Record) -> str:
        """Where a click on the line leads."""
        return change_url(row)


def change_url(record: Record, anchor: str = "") -> str:
    """The form of a record, at the place that ``anchor`` names."""
    opts = record_models()[record.record_kind]._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])
    return f"{address}#{anchor}" if anchor else address

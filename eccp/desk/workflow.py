"""What is on its way to the public and waits for somebody: drafts, changes, readers’ reports."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.curation.models import Proposal, ProposalStatus, Revision
from eccp.desk.item import Item, Line
from eccp.desk.models import ErrorReport
from eccp.records.models import Record
from eccp.records.vocabulary import PublicationStatus


class InReview(Item):
    name = "in-review"
    title = _("Waiting for review")
    explanation = _("Records that a curator has handed over; a publisher publishes them or gives them back.")
    act = _("Review")

    def question(self, on):
        return Record.objects.filter(publication_status=PublicationStatus.IN_REVIEW).order_by("changed_at", "pk")

    def whys(self, rows, on):
        return {row.pk: _said(row.changed_at) for row in rows}


class AboutRecord(Item):
    """What waits is no record itself but something about one, read in a form of its own."""

    kind_path = "record__record_kind"

    def why(self, row: Any) -> str:
        """Why the row waits."""
        raise NotImplementedError

    def lines(self, rows, on):
        return [
            Line(
                row.record.name if row.record else gettext("The registry as a whole"),
                row.record.kind_label if row.record else "",
                self.why(row),
                reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]),
            )
            for row in rows
        ]


class ChangesInReview(AboutRecord):
    name = "changes-in-review"
    title = _("Changes waiting for approval")
    explanation = _("Changes of public records. The public sees none of them before a publisher approves it.")
    act = _("Read and decide")
    permission = "curation.view_proposal"

    def question(self, on):
        return Proposal.objects.submitted().select_related("record", "author").order_by("changed_at", "pk")

    def why(self, row):
        return f"{_said(row.changed_at)}, {row.author}: {row.reason}"


class Drafts(Item):
    name = "drafts"
    title = _("Drafts not handed over")
    explanation = _("Records that somebody has begun. Nobody but curators sees them before they are submitted.")
    act = _("Go on with it")

    def question(self, on):
        return Record.objects.filter(publication_status=PublicationStatus.DRAFT).order_by("changed_at", "pk")

    def whys(self, rows, on):
        newest = Revision.objects.filter(record__in=[row.pk for row in rows]).order_by("record", "number")
        told = {revision.record_id: revision for revision in newest.select_related("by").defer("state")}
        return {row.pk: _last_touched(row.changed_at, told.get(row.pk)) for row in rows}


def _said(at: datetime) -> str:
    """An instant as the clock at the desk shows it."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _last_touched(at: datetime, revision: Revision | None) -> str:
    """When a draft last changed, by whom, and what was said about it."""
    words = [_said(at)]
    if revision is not None:
        words += [f"{revision.get_act_display()}: {revision.by}"] if revision.by else []
        words += [revision.reason] if revision.reason else []
    return ", ".join(words)


class OpenChanges(AboutRecord):
    name = "changes-open"
    title = _("Changes not handed over")
    explanation = _("Changes of public records that their authors still write, or were given back to them.")
    act = _("Go on with it")
    permission = "curation.view_proposal"

    def question(self, on):
        open_ones = Proposal.objects.filter(status__in=(ProposalStatus.OPEN, ProposalStatus.RETURNED))
        return open_ones.select_related("record", "author").order_by("changed_at", "pk")

    def why(self, row):
        return ", ".join(filter(None, [f"{row.get_status_display()}: {row.author}", row.comment or row.reason]))


class Reports(AboutRecord):
    name = "error-reports"
    title = _("Error reports open")
    explanation = _("What readers say is wrong. Nothing of it is public; each report is closed with what came of it.")
    act = _("Answer it")
    permission = "desk.view_errorreport"

    def question(self, on):
        return ErrorReport.objects.open().select_related("record").order_by("received_at", "pk")

    def why(self, row):
        return f"{_said(row.received_at)}: {row}"

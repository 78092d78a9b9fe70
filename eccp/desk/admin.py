"""The curators' side of readers' reports and of checked links."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.desk.item import change_url
from eccp.desk.models import ErrorReport, LinkCheck
from eccp.records.admin import OnlyRead, WrittenElsewhere


class AnswerForm(forms.ModelForm):
    """What came of a report, said by somebody who has read what stands there already."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["seen"] = _token(self.instance)

    def clean(self):
        now = ErrorReport.objects.select_for_update(of=("self",)).select_related("closed_by").get(pk=self.instance.pk)
        if self.cleaned_data.get("seen") != _token(now):
            self.data = self.data.copy()
            self.data["seen"] = _token(now)  # what the page shows now
            raise ValidationError(_overtaken(now))
        return super().clean()


def _token(report: ErrorReport) -> str:
    """Which answer of a report somebody has seen: none, or that of an instant."""
    return report.closed_at.isoformat() if report.closed_at else ""


def _overtaken(report: ErrorReport) -> str:
    """Who said what since the form was opened."""
    if not report.closed_at:
        return gettext("This was opened again since you opened it. Save once more if what you wrote still holds.")
    return gettext(
        "%(by)s has answered this since you opened it: “%(outcome)s” Nothing of yours is stored yet. Save once more to "
        "put it in place of that."
    ) % {"by": report.closed_by or "–", "outcome": report.outcome}


@admin.register(ErrorReport)
class ErrorReportAdmin(WrittenElsewhere):
    """A report is read as it came, and closed with what came of it."""

    list_display = ("__str__", "record", "received_at", "closed_at", "closed_by")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("record", "closed_by")
    search_fields = ("message", "evidence", "record__name")
    date_hierarchy = "received_at"
    form = AnswerForm
    fields = (
        "seen",
        "about",
        "page",
        "received_at",
        "message",
        "evidence",
        "email",
        "outcome",
        "closed_at",
        "closed_by",
    )
    readonly_fields = ("about", "page", "received_at", "message", "evidence", "email", "closed_at", "closed_by")

    @admin.display(description=_("about"))
    def about(self, report):
        """The record, where it can be corrected."""
        if report.record is None:
            return gettext("The registry as a whole")
        return format_html(
            '<a href="{}">{}</a> ({})', change_url(report.record), report.record, report.record.kind_label
        )

    def save_model(self, request, obj, form, change):
        if "outcome" not in form.changed_data:
            return  # who answered it stays who did
        if obj.outcome:
            obj.closed_at, obj.closed_by = timezone.now(), request.user
        else:
            obj.closed_at = obj.closed_by = None
            said = _("The report is open again. Who had answered it, and what, stays in its history.")
            self.message_user(request, said, messages.WARNING)
        super().save_model(request, obj, form, change)

    def construct_change_message(self, request, form, formsets, add=False):
        """Every answer is kept in its own words: the report has room for the last one alone."""
        if "outcome" not in form.changed_data:
            return super().construct_change_message(request, form, formsets, add)
        return gettext("What came of it: %s") % (form.instance.outcome or gettext("open again"))


@admin.register(LinkCheck)
class LinkCheckAdmin(OnlyRead):
    """What ``check_links`` found."""

    list_display = ("url", "outcome", "detail", "checked_on", "failing_since")
    list_filter = ("outcome",)
    search_fields = ("url",)

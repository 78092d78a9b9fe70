"""The curators' side of readers' reports and of checked links."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from eccp.desk.item import change_url
from eccp.desk.models import ErrorReport, LinkCheck
from eccp.records.admin import OnlyRead, WrittenElsewhere


@admin.register(ErrorReport)
class ErrorReportAdmin(WrittenElsewhere):
    """A report is read as it came, and closed with what came of it."""

    list_display = ("__str__", "record", "received_at", "closed_at", "closed_by")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("record", "closed_by")
    search_fields = ("message", "evidence", "record__name")
    date_hierarchy = "received_at"
    fields = ("about", "page", "received_at", "message", "evidence", "email", "outcome", "closed_at", "closed_by")
    readonly_fields = ("about", "page", "received_at", "message", "evidence", "email", "closed_at", "closed_by")

    @admin.display(description=_("about"))
    def about(self, report):
        """The record, where it can be corrected."""
        if report.record is None:
            return _now("The registry as a whole")
        return format_html(
            '<a href="{}">{}</a> ({})', change_url(report.record), report.record, report.record.kind_label
        )

    def save_model(self, request, obj, form, change):
        if obj.outcome:
            obj.closed_at, obj.closed_by = timezone.now(), request.user
        else:
            obj.closed_at = obj.closed_by = None
        super().save_model(request, obj, form, change)


@admin.register(LinkCheck)
class LinkCheckAdmin(OnlyRead):
    """What ``check_links`` found."""

    list_display = ("url", "outcome", "detail", "checked_on", "failing_since")
    list_filter = ("outcome",)
    search_fields = ("url",)

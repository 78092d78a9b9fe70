"""Every version of a record with who, when and why, what it changed, and the way back to it."""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.curation.differences import Difference, differences
from eccp.curation.models import Revision
from eccp.curation.publishing import reason_field
from eccp.curation.reviewing import lines
from eccp.curation.revisions import put
from eccp.curation.wording import SaysWhatToDo
from eccp.records import aggregate
from eccp.records.models import RecordModel

PER_PAGE = 20


@dataclass(frozen=True)
class Version:
    """One line of the history: a version, and what it changed of the one before."""

    revision: Revision
    differences: list[Difference]
    is_current: bool


class RevertForm(SaysWhatToDo, forms.Form):
    """Why a record goes back to what it was."""

    reason = reason_field(_("It stays in the record’s history; once the record is public, the public reads it."))
    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class KeepsHistory(admin.ModelAdmin):
    """An admin that shows the history of its records, and leads back to any version."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_revert"
        view = self.admin_site.admin_view(self.revert_view)
        return [path("<int:pk>/history/<int:number>/", view, name=name), *super().get_urls()]

    def history_view(self, request, object_id, extra_context=None):
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        page = Paginator(record.revisions.select_related("by", "approved_by"), PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **self._told(request, record, gettext("History")),
            "page": page,
            "versions": self._versions(record, list(page)),
            "can_revert": self.has_change_permission(request, record),
            **(extra_context or {}),
        }
        return render(request, "admin/curation/history.html", context)

    def revert_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Show what would change if the record became that version again; with a reason, hand it over."""
        record = self.get_object(request, str(pk))
        revision = record and record.revisions.filter(number=number).select_related("by").first()
        if not revision:
            raise Http404
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        form = RevertForm(request.POST if request.method == "POST" else None, initial={"seen_version": record.version})
        if request.method == "POST" and form.is_valid() and self._revert(request, form, record, revision):
            page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[record.pk])
            return HttpResponseRedirect(page)
        if "__all__" in form.errors:
            form.data = form.data.copy()
            form.data["seen_version"] = record.version  # what the page shows now
        model = self.model._meta.concrete_model
        now = aggregate.dump(model.objects.get(pk=record.pk))
        context = {
            **self._told(request, record, gettext("Back to version %d") % number),
            "form": form,
            "revision": revision,
            "lines": lines(model, now, revision.state),
        }
        return render(request, "admin/curation/revert.html", context)

    def _told(self, request: HttpRequest, record: RecordModel, title: str) -> dict:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": title,
            "subtitle": record.name,
        }

    def _versions(self, record: RecordModel, revisions: list[Revision]) -> list[Version]:
        """The versions of one page, newest first, each beside the one before it."""
        model = self.model._meta.concrete_model
        if not revisions:
            return []
        earlier = [*revisions[1:], record.revisions.filter(number__lt=revisions[-1].number).first()]
        return [
            Version(
                revision,
                differences(model, old.state, revision.state) if old else [],
                revision.number == record.version,
            )
            for revision, old in zip(revisions, earlier, strict=True)
        ]

    def _revert(self, request: HttpRequest, form: RevertForm, record: RecordModel, revision: Revision) -> bool:
        """Hand the state of then over like any other change; whether that was done."""
        try:
            outcome = put(
                self.model._meta.concrete_model,
                revision.state,
                by=request.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
                record=record,
                seen=form.cleaned_data["seen_version"],
            )
        except aggregate.AggregateError as problem:
            form.add_error(None, str(problem))
            return False
        said = {
            "unchanged": gettext("The record is what it was at that version already."),
            "stored": gettext("The record is again what it was at version %d."),
            "proposed": gettext("Going back to version %d is kept as a change; submit it for review in the form."),
        }[outcome.what]
        self.message_user(request, said % revision.number if "%d" in said else said, messages.SUCCESS)
        return True

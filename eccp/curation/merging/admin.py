"""The pages on which a publisher makes one of two records, and two again of one."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.curation.actions import RefusedError
from eccp.curation.merging import acts, distinctions
from eccp.curation.merging.fields import disagreements
from eccp.curation.merging.forms import MergeForm, ReasonForm
from eccp.curation.models import Merger
from eccp.curation.publishing import PublishesAlone
from eccp.records.admin import OnlyRead
from eccp.records.models import Record, RecordModel

LISTED = 20  # records that would change, by name


class MergesRecords(PublishesAlone):
    """An admin in which two records of its kind are made one; ``?with=`` says the id of the other."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<int:pk>/merge/", view, name=name), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["can_merge"] = obj is not None and self._may_merge(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _may_merge(self, request: HttpRequest, record: Record) -> bool:
        return self.has_publish_permission(request) and self.has_change_permission(request, record)

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the other record, show both side by side with what would change, and merge them."""
        winner = self.get_object(request, str(pk))
        if winner is None:
            raise Http404
        may_merge = self._may_merge(request, winner)
        if not (may_merge or (request.method == "GET" and self.has_view_permission(request, winner))):
            raise PermissionDenied
        asked = request.GET.get("with", "").replace("\0", "").strip()
        loser = self.model._base_manager.filter(slug=asked).exclude(pk=winner.pk).first() if asked else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": winner,
            "title": gettext("Merge with a duplicate"),
            "subtitle": str(winner),
            "asked": asked,
            "loser": loser,
            "may_merge": may_merge,
            "may_distinguish": request.user.has_perm("curation.add_distinction"),
        }
        if loser is not None:
            context |= self._question(request, winner, loser)
            form = context["form"]
            if request.method == "POST" and form.is_valid() and self._merge(request, winner, loser, form):
                return HttpResponseRedirect(_change(winner))
        return render(request, "admin/curation/merge.html", context)

    def _question(self, request: HttpRequest, winner: RecordModel, loser: RecordModel) -> dict:
        """What the page shows of two records: the choices, what would change, and what stands in the way."""
        refusal = None
        try:
            acts.refuse_unmergeable(winner, loser)
        except RefusedError as problem:
            refusal = problem
        found = disagreements(winner, loser)
        data = request.POST if request.method == "POST" else None
        return {
            "said": distinctions.of(winner, loser),
            "form": MergeForm(data, winner=winner, loser=loser, found=found),
            "plan": acts.plan(loser, winner, LISTED),
            "most": acts.MOST_TOUCHED,
            "refusal": refusal,
            "loser_url": _change(loser),
            "turned_url": f"{reverse(self._merge_address(), args=[loser.pk])}?with={winner.slug}",
        }

    def _merge_address(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_merge"

    def _merge(self, request: HttpRequest, winner: RecordModel, loser: RecordModel, form: MergeForm) -> bool:
        """Merge two records, and say where that can be undone; whether it was done."""
        try:
            merger = acts.merge(
                winner=winner, loser=loser, choices=form.choices, by=request.user, at=timezone.now(),
                reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"],
            )  # fmt: skip
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
            return False
        self.log_change(request, winner, gettext("Merged with “%s”.") % loser.name)
        said = format_html(
            '{} <a href="{}">{}</a>',
            gettext("“%(loser)s” is now part of “%(winner)s”.") % {"loser": loser.name, "winner": winner.name},
            reverse("admin:curation_merger_undo", args=[merger.pk]),
            gettext("Undo"),
        )
        self.message_user(request, said, messages.SUCCESS)
        return True


class MergerAdmin(PublishesAlone, OnlyRead):
    """All mergers there were, each with the way back."""

    list_display = ("__str__", "kind", "by", "at", "reason", "undone_at", "way_back")
    list_select_related = ("winner", "loser", "by")
    list_display_links = None
    search_fields = ("winner__name", "loser__name", "reason")
    date_hierarchy = "at"
    list_per_page = 50

    def get_queryset(self, request):
        return super().get_queryset(request).defer("changes", "touched")

    def get_fields(self, request, obj=None):
        return ("winner", "loser", "by", "at", "reason", "undone_by", "undone_at", "undo_reason")

    def get_urls(self):
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="curation_merger_undo"), *super().get_urls()]

    @admin.display(description=_("kind"))
    def kind(self, merger):
        return merger.winner.kind_label

    @admin.display(description=_("way back"))
    def way_back(self, merger):
        """Where the merger can be undone."""
        if merger.undone_at:
            return merger.undo_reason
        address = reverse("admin:curation_merger_undo", args=[merger.pk])
        return format_html('<a href="{}">{}<span class="visually-hidden">: {}</span></a>', address, _("Undo"), merger)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, and make two records of one again."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        merger = get_object_or_404(Merger.objects.select_related("winner", "loser"), pk=pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                acts.undo(merger=merger, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
            except RefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, gettext("The two records are apart again."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:curation_merger_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Undo a merger"),
            "merger": merger,
            "records": len(merger.touched),
            "form": form,
        }
        return render(request, "admin/curation/unmerge.html", context)


def _change(record: Record) -> str:
    return reverse("admin:records_record_change", args=[record.pk])

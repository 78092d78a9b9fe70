"""The pages on which a curator says that two records which look alike are two, and takes that back."""

from django import forms
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
from eccp.curation.merging import distinctions
from eccp.curation.models import Distinction
from eccp.curation.publishing import reason_field
from eccp.curation.wording import SaysWhatToDo
from eccp.records.admin import OnlyRead
from eccp.records.models import Record

#: The right to say so: whoever edits records has it.
MARK = "curation.add_distinction"


class DistinctionForm(SaysWhatToDo, forms.Form):
    """Why two records are two."""

    reason = reason_field(_("It stays with the pair, for whoever wonders about it next; the public does not see it."))


class DistinguishesRecords(admin.ModelAdmin):
    """An admin in which two records of its kind are said to be two; ``?with=`` says the id of the other."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_distinguish"
        view = self.admin_site.admin_view(self.distinguish_view)
        return [path("<int:pk>/two/", view, name=name), *super().get_urls()]

    def distinguish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show two records, ask why they are two, and keep that."""
        one = self.get_object(request, str(pk))
        asked = request.GET.get("with", "").replace("\0", "").strip()
        other = self.model._base_manager.filter(slug=asked).exclude(pk=pk).first()
        if not (request.user.has_perm(MARK) and self.has_view_permission(request, one)):
            raise PermissionDenied
        if one is None or other is None:
            raise Http404
        form = DistinctionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                said = distinctions.mark(
                    one=one, other=other, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
                )
            except RefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                self._tell(request, said, one, other)
                return HttpResponseRedirect(reverse("admin:curation_distinction_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": one,
            "other": other,
            "title": gettext("Not duplicates"),
            "subtitle": str(one),
            "form": form,
            "said": distinctions.of(one, other),
            "back": f"{_address(one, 'merge')}?with={other.slug}",
        }
        return render(request, "admin/curation/distinguish.html", context)

    def _tell(self, request: HttpRequest, said: Distinction, one: Record, other: Record) -> None:
        self.log_change(request, one, gettext("Not a duplicate of “%s”.") % other.name)
        told = format_html(
            '{} <a href="{}">{}</a>',
            gettext("“%(one)s” and “%(other)s” are off the desk until a name of either changes.")
            % {"one": one.name, "other": other.name},
            reverse("admin:curation_distinction_undo", args=[said.pk]),
            gettext("Undo"),
        )
        self.message_user(request, told, messages.SUCCESS)


class DistinctionAdmin(OnlyRead):
    """All pairs of which it was said that they are two, each with the way back."""

    list_display = ("__str__", "kind", "by", "at", "reason", "undone_at", "way_back")
    list_select_related = ("one", "other", "by")
    list_display_links = None
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    search_fields = ("one__name", "other__name", "reason")
    list_per_page = 50

    def get_fields(self, request, obj=None):
        return ("one", "other", "by", "at", "reason", "undone_by", "undone_at", "undo_reason")

    def get_urls(self):
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="curation_distinction_undo"), *super().get_urls()]

    @admin.display(description=_("kind"))
    def kind(self, distinction):
        return distinction.one.kind_label

    @admin.display(description=_("way back"))
    def way_back(self, distinction):
        """Where it can be taken back, or why it was."""
        if distinction.undone_at:
            return distinction.undo_reason
        address = reverse("admin:curation_distinction_undo", args=[distinction.pk])
        said = '<a href="{}">{}<span class="visually-hidden">: {}</span></a>'
        return format_html(said, address, _("Undo"), distinction)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, and let the pair wait on the desk again."""
        if not request.user.has_perm(MARK):
            raise PermissionDenied
        found = get_object_or_404(Distinction.objects.select_related("one", "other", "by"), pk=pk)
        form = DistinctionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                distinctions.undo(
                    distinction=found, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
                )
            except RefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_change(request, found, gettext("Taken back."))
                self.message_user(
                    request, gettext("“%s” may wait on the desk again.") % found.one.name, messages.SUCCESS
                )
                return HttpResponseRedirect(reverse("admin:curation_distinction_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Perhaps duplicates after all"),
            "original": found.one,
            "other": found.other,
            "said": found,
            "form": form,
            "back": reverse("admin:curation_distinction_changelist"),
            "is_undo": True,
        }
        return render(request, "admin/curation/distinguish.html", context)


def _address(record: Record, page: str) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk])

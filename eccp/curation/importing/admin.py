"""The pages of an import: give the file, read what it would change or what is wrong, say the word."""

from collections.abc import Iterator

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from eccp.curation.importing import running
from eccp.curation.importing.bindings import importable
from eccp.curation.importing.faults import faulty_rows
from eccp.curation.importing.forms import UploadForm, choices
from eccp.curation.importing.models import Import, ImportState
from eccp.curation.importing.refusals import RefusedError

#: From so many rows on the page comes at once and says how far it is.
LONG = 200
_PER_PAGE = 50


class ImportAdmin(admin.ModelAdmin):
    """All imports there were: who, what, when and why; each is a page of its own while it waits for a decision."""

    list_display = ("file_name", "list_title", "state", "by", "uploaded_at", "rows", "created", "changed", "reason")
    list_filter = ("state", "listing")
    search_fields = ("file_name", "reason")
    list_select_related = ("by",)
    date_hierarchy = "uploaded_at"
    list_per_page = 50

    @admin.display(description=Import._meta.get_field("listing").verbose_name)
    def list_title(self, wanted: Import) -> str:
        """The list as readers know it."""
        found = importable().get(wanted.listing)
        return str(found.title) if found else wanted.listing

    def has_add_permission(self, request):
        return super().has_add_permission(request) and bool(choices(request.user))

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content", "report")

    def get_urls(self):
        acts = [("check", self.check_act), ("apply", self.apply_act), ("discard", self.discard_act)]
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"curation_import_{name}")
            for name, view in [*acts, ("faults", self.faults_file)]
        ]
        return [*own, *super().get_urls()]

    # ── give the file ──

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(
            *([request.POST, request.FILES] if request.method == "POST" else []),
            user=request.user, initial={"listing": request.GET.get("listing", "")},
        )  # fmt: skip
        if request.method == "POST" and form.is_valid():
            now = timezone.now()
            Import.objects.forget(now)
            said = form.cleaned_data
            wanted = Import.objects.create(
                listing=said["listing"], file_name=said["file"].name[-200:], encoding=said["encoding"],
                content=form.content, reason=said["reason"], by=request.user, uploaded_at=now, rows=form.rows,
            )  # fmt: skip
            self.log_addition(request, wanted, [{"added": {}}])
            return self._check(request, wanted)
        context = self._context(request, title=_("Import a file"), form=form)
        return render(request, "admin/importing/upload.html", context, status=422 if form.errors else 200)

    # ── read and decide ──

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not object_id.isdecimal():
            raise Http404
        wanted = self._wanted(request, int(object_id))
        page = Paginator(wanted.report, _PER_PAGE).get_page(request.GET.get("p"))
        context = self._context(
            request, title=str(wanted), original=wanted, list_title=self.list_title(wanted), page=page,
            is_own=self._is_own(request, wanted), unchanged=wanted.rows - len(wanted.report),
        )  # fmt: skip
        return render(request, "admin/importing/import.html", context)

    def check_act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check once more: the registry may have changed, or the first check was cut off."""
        return self._check(request, self._decided_by(request, pk))

    def apply_act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import it."""
        wanted = self._decided_by(request, pk)
        if not wanted.is_open:
            self.message_user(request, _("This import is decided on already."), messages.ERROR)
            return HttpResponseRedirect(_page(wanted))
        now = timezone.now()
        progress = running.apply(wanted, at=now, on=timezone.localdate(now))
        return self._work(request, wanted, progress, _("Importing"), self._say_applied)

    def discard_act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let it go."""
        wanted = self._decided_by(request, pk)
        try:
            running.discard(wanted, at=timezone.now())
        except RefusedError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.log_change(request, wanted, str(wanted.get_state_display()))
            self.message_user(request, _("The import is discarded, and its file is gone."), messages.SUCCESS)
        return HttpResponseRedirect(_page(wanted))

    def faults_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The faulty rows, to be put right."""
        wanted = self._wanted(request, pk)
        if wanted.content is None or not wanted.faults:
            raise Http404
        answer = HttpResponse(faulty_rows(wanted), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{wanted.listing}-errors.csv"'
        return answer

    # ── what the pages share ──

    def _context(self, request: HttpRequest, **more) -> dict:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": "", **more}

    def _wanted(self, request: HttpRequest, pk: int) -> Import:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Import.objects.select_related("by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _is_own(self, request: HttpRequest, wanted: Import) -> bool:
        """Whether it is for this curator to decide: the history will say that it was the one who gave the file."""
        return self.has_change_permission(request) and wanted.by_id == request.user.pk

    def _decided_by(self, request: HttpRequest, pk: int) -> Import:
        wanted = self._wanted(request, pk)
        if request.method != "POST" or not self._is_own(request, wanted):
            raise PermissionDenied
        return wanted

    def _check(self, request: HttpRequest, wanted: Import) -> HttpResponse:
        if not wanted.is_open:
            self.message_user(request, _("This import is decided on already."), messages.ERROR)
            return HttpResponseRedirect(_page(wanted))
        now = timezone.now()
        progress = running.check(wanted, at=now, on=timezone.localdate(now))
        return self._work(request, wanted, progress, _("Checking"), lambda request, wanted: None)

    def _say_applied(self, request: HttpRequest, wanted: Import) -> None:
        self.log_change(request, wanted, str(wanted.get_state_display()))
        said = _(
            "Imported: %(created)d new, %(changed)d changed. What is new is a draft; changes of public records are in "
            "review, where a publisher decides on them."
        )
        self.message_user(request, said % {"created": wanted.created, "changed": wanted.changed}, messages.SUCCESS)

    def _work(self, request, wanted: Import, progress: running.Progress, title: str, done) -> HttpResponse:
        """Do the work: of a short file at once, of a long one while the page says how far it is."""
        if wanted.rows < LONG:
            refusal = next(_refusals(progress), None)
            if refusal:
                self.message_user(request, refusal, messages.ERROR)
            else:
                done(request, wanted)
            return HttpResponseRedirect(_page(wanted))
        context = self._context(request, title=title, original=wanted, marker=_MARKER)
        head, foot = render_to_string("admin/importing/progress.html", context, request).split(_MARKER)
        language = get_language()

        def told() -> Iterator[str]:
            yield head
            with override(language):
                yield from _said(progress, wanted)
                if wanted.state == ImportState.APPLIED:
                    self.log_change(request, wanted, str(wanted.get_state_display()))
            yield foot

        answer = StreamingHttpResponse(told())
        answer["X-Accel-Buffering"] = "no"  # a proxy that waits for the end would hide the progress
        return answer


_MARKER = "<!-- progress -->"


def _page(wanted: Import) -> str:
    return reverse("admin:curation_import_change", args=[wanted.pk])


def _refusals(progress: running.Progress) -> Iterator[str]:
    """Do the work to its end; why it was refused, if it was."""
    try:
        for _step in progress:
            pass
    except RefusedError as refusal:
        yield str(refusal)


def _said(progress: running.Progress, wanted: Import) -> Iterator[str]:
    """How far the work is, line by line, and what came of it."""
    try:
        for done, rows in progress:
            yield format_html("<li>{}</li>\n", _("%(done)d of %(rows)d rows") % {"done": done, "rows": rows})
    except RefusedError as refusal:
        yield format_html("<li><strong>{}</strong></li>\n", str(refusal))
    else:
        yield format_html("<li><strong>{}: {}</strong></li>\n", _("Done"), wanted.get_state_display())

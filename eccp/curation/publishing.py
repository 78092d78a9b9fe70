"""The buttons by which a record is submitted, returned, published and withdrawn, and what they ask first."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eccp.curation import actions, choosing
from eccp.curation.reasons import LONGEST, check_reason
from eccp.curation.reviewing import lines_of_record
from eccp.curation.roles import PUBLISH
from eccp.curation.wording import SaysWhatToDo
from eccp.records import version
from eccp.records.dates import not_to_come
from eccp.records.models import Record
from eccp.records.references import as_its_kind, named_records, naming_records
from eccp.records.vocabulary import PublicationStatus

DRAFT, IN_REVIEW, PUBLISHED, WITHDRAWN = PublicationStatus


class NothingToSay(forms.Form):
    """For an act that needs no more than a click."""


def reason_field(help_text) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), max_length=LONGEST, validators=[check_reason], help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class SubmissionForm(forms.Form):
    """What a record names is handed over with it, unless its curator says otherwise."""

    together = forms.BooleanField(
        label=_("Submit these drafts as well"), required=False, initial=True,
        help_text=_("The record cannot be public before they are."),
    )  # fmt: skip


class CommentForm(SaysWhatToDo, forms.Form):
    """What a curator reads to whom a record is returned."""

    reason = reason_field(_("Its curator reads it: say what is missing."))


class RestorationForm(SaysWhatToDo, forms.Form):
    """What the public reads of a withdrawal that is taken back."""

    reason = reason_field(_("The public reads it in the history of the record."))


class WithdrawalForm(SaysWhatToDo, forms.Form):
    """What the public reads at the address of a withdrawn record."""

    on = forms.DateField(label=_("Withdrawn on"), validators=[not_to_come])
    reason = reason_field(_("The public reads it at the address of the record."))


def _submit(*, record: Record, together: bool = False, **said) -> None:
    """Hand a draft over for review, alone or with the drafts that it names; or those alone, if it is in review."""
    (actions.submit_together if together else actions.submit)(record=record, **said)


@dataclass(frozen=True)
class RecordAct:
    """One way in which a record changes its status, as a button offers it."""

    name: str
    label: str
    done: str
    explanation: str
    allowed: frozenset[PublicationStatus]
    do: Callable[..., None]
    form: type[forms.Form] = NothingToSay
    #: Whether it decides what the public sees.
    is_publishers: bool = True


ACTS = {
    act.name: act
    for act in (
        RecordAct(
            "submit", _("Submit for review"), _("“%(name)s” is in review."),
            _("The record is handed over for review. It is not public yet."),
            frozenset({DRAFT}), _submit, SubmissionForm, is_publishers=False,
        ),
        RecordAct(
            "return", _("Return to draft"), _("“%(name)s” is a draft again."),
            _("The record goes back to its curator."),
            frozenset({IN_REVIEW}), actions.return_to_draft, CommentForm,
        ),
        RecordAct(
            "publish", _("Publish"), _("“%(name)s” is public."),
            _("The record and all that is cited for it become public at once, on every page and in every file."),
            frozenset({DRAFT, IN_REVIEW}), actions.publish,
        ),
        RecordAct(
            "withdraw", _("Withdraw"), _("“%(name)s” is withdrawn."),
            _("The record leaves every page and file. Its address says when and why."),
            frozenset({PUBLISHED}), actions.withdraw, WithdrawalForm,
        ),
        RecordAct(
            "restore", _("Publish again"), _("“%(name)s” is public again."),
            _("For a withdrawal that was a mistake. The public reads of both in the history of the record."),
            frozenset({WITHDRAWN}), actions.restore, RestorationForm,
        ),
    )
}  # fmt: skip


class PublishesAlone:
    """An admin in which publishers alone decide what the public sees."""

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether this curator decides what the public sees."""
        return request.user.has_perm(PUBLISH)


class PublishingAdmin(PublishesAlone, admin.ModelAdmin):
    """An admin whose records change their status by acts, never by a field; nothing once public is deleted."""

    actions = ["submit_chosen", "publish_chosen"]
    change_form_template = "admin/curation/change_form.html"

    def has_change_permission(self, request, obj=None):
        is_stub = obj is not None and obj.publication_status == WITHDRAWN
        return not is_stub and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or self._may_delete(request, obj))

    def _may_delete(self, request: HttpRequest, record: Record) -> bool:
        """What was never public is deleted by publishers; a draft by those who wrote it as well."""
        if self.has_publish_permission(request):
            return record.publication_status in (DRAFT, IN_REVIEW)
        return record.publication_status == DRAFT and request.user.pk in actions.authors(record)

    def delete_model(self, request, obj):
        # Asked again of the row itself, held: it may have been published or handed over since it was read.
        version.wait_turn()
        if not self._may_delete(request, Record.objects.select_for_update().get(pk=obj.pk)):
            raise PermissionDenied
        super().delete_model(request, obj)

    def has_act_permission(self, request: HttpRequest, act: RecordAct, record: Record) -> bool:
        """Whether this curator may do ``act``: what the public sees is for publishers."""
        return super().has_change_permission(request, record) and (
            not act.is_publishers or self.has_publish_permission(request)
        )

    def acts_for(self, request: HttpRequest, record: Record) -> list[RecordAct]:
        """The acts that the record's status and the curator's rights allow."""
        return [
            act
            for act in ACTS.values()
            if record.publication_status in act.allowed and self.has_act_permission(request, act, record)
        ]

    def get_actions(self, request):
        # Drafts are deleted one by one, each after a look at what goes with it.
        return {name: found for name, found in super().get_actions(request).items() if name != "delete_selected"}

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act_view)
        return [path("<int:pk>/act/<slug:act>/", view, name=name), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["acts"] = [] if obj is None else self.acts_for(request, obj)
        context["offers_submission"] = obj is None or obj.publication_status in (DRAFT, PUBLISHED)
        context["has_public_page"] = bool(self.model.address)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Ask before an act, and do it."""
        record = self.get_object(request, str(pk))
        if record is None or act not in ACTS:
            raise Http404
        act = ACTS[act]
        if not self.has_act_permission(request, act, record):
            raise PermissionDenied
        form = act.form(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
        drafts = named_records(record).filter(publication_status=DRAFT)
        if act.name == "submit" and not drafts:
            del form.fields["together"]
        is_sent = request.method == "POST" and self._was_read(request, record) and form.is_valid()
        if is_sent and self._do(request, act, record, **form.cleaned_data):
            change = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk])
            return HttpResponseRedirect(change)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": act.label,
            "subtitle": str(record),
            "act": act,
            "form": form,
            "is_possible": record.publication_status in act.allowed,
            "in_the_way": self._in_the_way(act, record),
            "drafts": drafts if record.publication_status in (DRAFT, IN_REVIEW) else [],
            "lines": lines_of_record(as_its_kind(record)) if act.name in ("publish", "return") else [],
        }
        return render(request, "admin/curation/act.html", context)

    def _was_read(self, request: HttpRequest, record: Record) -> bool:
        """Whether the record is still what the page showed: nobody publishes what was typed after they read it.

        The act asks it once more of the row itself, held: see ``actions.held``.
        """
        if request.POST.get("seen_version", "") == str(record.version):
            return True
        self.message_user(
            request, _("The record has changed since you opened this page. Read it again."), messages.ERROR
        )
        return False

    def _in_the_way(self, act: RecordAct, record: Record) -> list[tuple[Record, str]]:
        """The records that make an act impossible, each with the address at which a curator can see to it."""
        if act.name in ("publish", "restore"):
            found = actions.in_the_way(record)
        elif act.name == "withdraw":
            found = naming_records(record)
        else:
            return []
        return [(other, reverse("admin:records_record_change", args=[other.pk])) for other in found]

    def _do(self, request: HttpRequest, act: RecordAct, record: Record, **said) -> bool:
        """Do an act, tell the curator and the log; whether it was done."""
        try:
            act.do(record=record, by=request.user, at=timezone.now(), **said)
        except actions.RefusedError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False
        self.log_change(request, record, str(act.label))
        self.message_user(request, act.done % {"name": record.name}, messages.SUCCESS)
        return True

    @admin.action(description=ACTS["submit"].label, permissions=["change"])
    def submit_chosen(self, request, queryset):
        for record in queryset:
            self._do(request, ACTS["submit"], as_its_kind(record))

    @admin.action(description=ACTS["publish"].label, permissions=["publish"])
    def publish_chosen(self, request, queryset):
        """Publish what can be, as the page that asks has shown it; one that names another of them waits for it."""
        act, seen = ACTS["publish"], choosing.seen(request)
        if seen is None:
            found = choosing.chosen(self, request, queryset)
            return choosing.ask(self, request, act.label, map(self._line, found))
        waiting = []
        for record in map(as_its_kind, self.get_queryset(request).filter(pk__in=seen)):
            record.version = seen[record.pk]
            if self.has_act_permission(request, act, record):
                waiting.append(record)
        while waiting:
            ready = [record for record in waiting if not self._in_the_way(act, record)]
            for record in ready or waiting:
                self._do(request, act, record)
            waiting = [record for record in waiting if record not in ready] if ready else []
        return None

    def _line(self, record: Record) -> choosing.Line:
        """A record among those that are to be published at once."""
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_act", args=[record.pk, "publish"])
        status = record.get_publication_status_display()
        return choosing.Line(record.pk, record.version, record.name, record.kind_label, status, record.changed_at, page)

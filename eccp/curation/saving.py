"""Saving the form of a record: rehearsed as the database would store it, handed over as a whole, answered in words.

Nothing that a form does to the tables stays. What the record would then be is read off and given to ``revisions.put``,
so that a form, an import and a merge change records in one way. Who has a change waiting goes on with that change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eccp.curation import proposals
from eccp.curation.comparing import Overtaken, overtaken
from eccp.curation.models import Act, Proposal, ProposalStatus, Revision
from eccp.curation.preview import public_page
from eccp.curation.reasons import check_reason
from eccp.curation.revisions import Outcome, pending, put
from eccp.records import aggregate, version
from eccp.records.models import Record, RecordModel
from eccp.records.vocabulary import PublicationStatus

#: The button that asks for the public page instead of storing anything.
PREVIEW = "_preview"
#: Where the keys of rows begin that a waiting change adds: the same each time its form is opened, and no real row's.
_FIRST_REHEARSED_KEY = 1 << 40


@dataclass
class Opening:
    """What a form shows and what becomes of it: the record at one version, or its curator's waiting change."""

    record: RecordModel | None = None
    proposal: Proposal | None = None
    #: What is stored, or waits: what the form shows before anything is typed.
    before: aggregate.Aggregate = field(default_factory=dict)
    #: What the record would be, once the form has been saved in the rehearsal.
    wanted: aggregate.Aggregate | None = None
    #: Why nothing was stored, by the field it stands beside ("" for the form as a whole).
    refusal: dict[str, list[str]] = field(default_factory=dict)
    overtaken: Overtaken | None = None

    @property
    def was_submitted(self) -> bool:
        """Whether the waiting change had been handed over."""
        return self.proposal is not None and self.proposal.status == ProposalStatus.SUBMITTED

    @property
    def current(self) -> str:
        """What is there now: the version of the record, and how often the waiting change has been saved."""
        return _token(self.record.version if self.record else 0, self.proposal)

    @property
    def token(self) -> str:
        """What the form is opened at; a change made from an older version is still at that."""
        if self.proposal:
            return _token(self.proposal.base_version, self.proposal)
        return self.current


def _token(version: int, proposal: Proposal | None) -> str:
    return f"{version}.{proposal.saves if proposal else 0}"


class SavesRevisions(admin.ModelAdmin):
    """An admin whose forms change records by ``revisions.put`` alone."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        shown = (object_id, form_url, extra_context)
        if request.method != "POST":
            return self._page(request, self._open(request, object_id), *shown)
        with transaction.atomic():
            opening = self._open(request, object_id)
            response = self._page(request, opening, *shown)
            if opening.wanted is None or PREVIEW in request.POST:
                return response
            outcome = self._put(request, opening)
            if outcome is None:
                return self._page(request, opening, *shown)
            return self._answer(request, opening, outcome)

    def _open(self, request: HttpRequest, object_id: str | None) -> Opening:
        """The record with the curator's waiting change of it; on the way to be saved, its row is held."""
        record = self.get_object(request, unquote(object_id)) if object_id else None
        if record is None:
            return Opening()
        if request.method == "POST":
            version.wait_turn()
            Record.objects.select_for_update().get(pk=record.pk)
            record = self.get_object(request, unquote(object_id))
        waiting = pending(record) if record.is_published else None
        mine = waiting if waiting and waiting.author_id == request.user.pk else None
        return Opening(record, mine)

    def _page(self, request: HttpRequest, opening: Opening, object_id, form_url, extra_context) -> HttpResponse:
        """Django's own page of the form, of which nothing stays stored."""
        request.opening = opening
        extra_context = {**(extra_context or {}), "opening": opening}
        if opening.record and opening.record.is_published and opening.proposal is None:
            extra_context["waiting"] = pending(opening.record)
        elif opening.record and opening.record.publication_status == PublicationStatus.DRAFT:
            extra_context["returned"] = _returned(opening.record)
        with self._in_place(request, opening):
            if request.method == "POST" and opening.record:
                opening.before = aggregate.dump(self._concrete().objects.get(pk=opening.record.pk))
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if hasattr(response, "render"):
                response.render()
        return response

    @contextmanager
    def _in_place(self, request: HttpRequest, opening: Opening) -> Iterator[None]:
        """The waiting change stands where the public record is, and whatever is stored inside is undone."""
        if request.method != "POST" and opening.proposal is None:
            yield
            return
        with aggregate.rehearsal():
            if opening.proposal:
                try:
                    aggregate.store(
                        self._concrete(),
                        opening.proposal.state,
                        record=opening.record,
                        new_keys=count(_FIRST_REHEARSED_KEY),
                    )
                except aggregate.AggregateError as problem:
                    said = _("Your waiting change can no longer be made, so this is what is public: %s") % problem
                    self.message_user(request, said, messages.WARNING)
            yield

    def get_form(self, request, obj=None, change=False, **kwargs):
        made = super().get_form(request, obj, change, **kwargs)
        made.opening = getattr(request, "opening", Opening())
        return made

    def save_model(self, request, obj, form, change):
        """Left to ``save_related``, where the rows are known as well."""

    def save_related(self, request, form, formsets, change):
        form.instance.save()
        super().save_related(request, form, formsets, change)
        stored = self._concrete().objects.get(pk=form.instance.pk)
        request.opening.wanted = aggregate.dump(stored)

    def response_add(self, request, obj, post_url_continue=None):
        if request.opening.wanted:
            return self._of_rehearsal(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._of_rehearsal(request, obj) if request.opening.wanted else super().response_change(request, obj)

    def _of_rehearsal(self, request: HttpRequest, record: RecordModel) -> HttpResponse:
        """The public page, if that was asked for; whatever else Django would say is thrown away with the rehearsal."""
        if PREVIEW in request.POST and record.get_absolute_url():
            return public_page(request, record)
        return HttpResponse()

    def _concrete(self) -> type[RecordModel]:
        """The kind of record, where this admin shows some of its records."""
        return self.model._meta.concrete_model

    def _put(self, request: HttpRequest, opening: Opening) -> Outcome | None:
        """Hand over what the record would be; None, with the reason in ``opening``, where that is refused."""
        wanted, opening.wanted = opening.wanted, None
        record, proposal, reason = opening.record, opening.proposal, request.POST.get("reason", "")
        if record:
            if wanted == opening.before and opening.token == opening.current and _is_said(proposal, reason):
                return Outcome("unchanged", record, wanted, wanted, proposal)
            seen = request.POST.get("seen_version", "")
            if opening.current not in (seen, request.POST.get("save_over")):
                opening.overtaken = overtaken(opening.record, opening.proposal, seen, opening.before, wanted)
                opening.refusal = {"": [str(OVERTAKEN)]}
                return None
            try:
                _check_said(record, reason)
            except ValidationError as problem:
                opening.refusal = {"reason": problem.messages}
                return None
        try:
            return put(
                self._concrete(), wanted, by=request.user, at=timezone.now(), reason=reason, record=record
            )  # fmt: skip
        except aggregate.AggregateError as problem:
            opening.refusal = {"": [str(problem)]}
            return None

    def _answer(self, request: HttpRequest, opening: Opening, outcome: Outcome) -> HttpResponse:
        """Say what became of the change, and lead to where its curator goes on."""
        is_new = opening.record is None
        record, opts = self.model._default_manager.get(pk=outcome.record.pk), self.opts
        if is_new:
            self.log_addition(request, record, [{"added": {}}])
        elif outcome.what != "unchanged":
            self.log_change(request, record, [{"changed": {"fields": [one.label for one in outcome.differences]}}])
        if IS_POPUP_VAR in request.POST:
            return self.response_add(request, record) if is_new else self.response_change(request, record)
        self.message_user(request, self._said(outcome, record, is_new), messages.SUCCESS)
        if "_submit" in request.POST:
            return self._submit(request, outcome, record)
        if opening.was_submitted and outcome.what == "proposed":
            said = _("It was in review and no longer is: a publisher sees it once you have submitted it again.")
            self.message_user(request, said, messages.WARNING)
        page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])
        if "_addanother" in request.POST:
            page = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
        elif "_continue" not in request.POST:
            return self.response_post_save_change(request, record)
        kept = {"preserved_filters": self.get_preserved_filters(request), "opts": opts}
        return HttpResponseRedirect(add_preserved_filters(kept, page))

    def _said(self, outcome: Outcome, record: RecordModel, is_new: bool) -> str:
        """What became of the change, in words."""
        if is_new:
            return _("“%(name)s” is stored as a draft. Nobody but curators sees it.") % {"name": record.name}
        if outcome.what == "unchanged":
            return _("Nothing differs from what was there, so nothing was stored.")
        if outcome.what == "stored":
            return _("“%(name)s” is stored.") % {"name": record.name}
        review = reverse("admin:curation_proposal_change", args=[outcome.proposal.pk])
        return format_html(
            '{} <a href="{}">{}</a>',
            _("Your change of “%(name)s” is kept. The public sees it once a publisher has approved it.")
            % {"name": outcome.proposal.state["name"]},
            review,
            _("See what changes, and submit it."),
        )

    def _submit(self, request: HttpRequest, outcome: Outcome, record: RecordModel) -> HttpResponse:
        """Hand over what was just saved; where it names drafts, its curator is asked about those first."""
        waiting = outcome.proposal
        if waiting is None:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
            return HttpResponseRedirect(reverse(name, args=[record.pk, "submit"]))
        review = HttpResponseRedirect(reverse("admin:curation_proposal_change", args=[waiting.pk]))
        if waiting.status in (ProposalStatus.OPEN, ProposalStatus.RETURNED):
            proposals.submit(proposal=waiting, at=timezone.now())
            self.message_user(request, _("The change is submitted. A publisher decides on it."), messages.SUCCESS)
        return review


OVERTAKEN = gettext_lazy(
    "Somebody has saved this since you opened it, so nothing of yours was stored yet. All that you typed still stands "
    "below: compare it with what is stored now."
)


def _returned(draft: Record) -> Revision | None:
    """How a draft was given back, while it has not been handed over once more."""
    told = draft.revisions.filter(act__in=(Act.SUBMITTED, Act.RETURNED)).defer("state").first()
    return told if told and told.act == Act.RETURNED else None


def _is_said(proposal: Proposal | None, reason: str) -> bool:
    """Whether the reason is the one that was given for the waiting change already."""
    return proposal is None or " ".join(reason.split()) == proposal.reason


def _check_said(record: Record, reason: str) -> None:
    """Whoever changes a record says why: the public reads it once the record is public."""
    if record.is_published:
        check_reason(reason)
    elif not reason.strip():
        raise ValidationError(_("Say in a few words why: the reason stays in the record’s history."))

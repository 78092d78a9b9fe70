"""The changes that wait for a publisher: their list, the page on which one is read, and the buttons that decide."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eccp.curation import actions, choosing, proposals
from eccp.curation.models import Proposal, ProposalStatus
from eccp.curation.publishing import PublishesAlone
from eccp.curation.reviewing import hidden_names, lines_of_change
from eccp.records.admin import OnlyRead
from eccp.records.models import record_models
from eccp.records.vocabulary import PublicationStatus

DRAFT = PublicationStatus.DRAFT
OPEN, SUBMITTED, RETURNED, APPROVED, DISCARDED = ProposalStatus


@dataclass(frozen=True)
class Decision:
    """One way in which a change goes on, as a button offers it."""

    name: str
    label: str
    done: str
    allowed: frozenset[ProposalStatus]
    do: Callable[..., object]
    #: Whose it is: the author's, a publisher's, or either's.
    for_author: bool = False
    for_publisher: bool = False


def _submit(*, proposal: Proposal, at, **said) -> None:
    """Its author hands it over; who that is stands in the change already."""
    proposals.submit(proposal=proposal, at=at)


#: The button that stands beside the drafts which a change names.
TOGETHER = "submit-together"


DECISIONS = {
    decision.name: decision
    for decision in (
        Decision(
            "submit", _("Submit for review"), _("The change of “%(name)s” is submitted."),
            frozenset({OPEN, RETURNED}), _submit, for_author=True,
        ),
        Decision(
            TOGETHER, _("Submit them together"), _("What the change of “%(name)s” names is in review as well."),
            frozenset({OPEN, SUBMITTED, RETURNED}), proposals.submit_together, for_author=True, for_publisher=True,
        ),
        Decision(
            "approve", _("Approve"), _("The change of “%(name)s” is public."),
            frozenset({SUBMITTED}), proposals.approve, for_publisher=True,
        ),
        Decision(
            "return", _("Return with this comment"), _("The change of “%(name)s” is returned to its author."),
            frozenset({SUBMITTED}), proposals.give_back, for_publisher=True,
        ),
        Decision(
            "discard", _("Discard"), _("The change of “%(name)s” is discarded. The record stays what it is."),
            frozenset({OPEN, SUBMITTED, RETURNED}), proposals.discard, for_author=True, for_publisher=True,
        ),
    )
}  # fmt: skip


class WaitingFilter(admin.SimpleListFilter):
    """What waits for a publisher, unless somebody asks for more."""

    title = _("status")
    parameter_name = "which"

    def lookups(self, request, model_admin):
        return [("pending", _("not decided yet")), ("all", _("all"))]

    def choices(self, changelist):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("waiting for a publisher"),
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request, queryset):
        if self.value() is None and request.resolver_match.url_name.endswith("_changelist"):
            return queryset.submitted()
        return queryset.pending() if self.value() == "pending" else queryset


class ProposalAdmin(PublishesAlone, OnlyRead):
    """Changes of public records: read here, decided here, and never edited but in the form of their record."""

    list_display = ("name", "kind", "reason", "author", "status", "changed_at")
    list_display_links = ("name",)
    list_filter = (WaitingFilter,)
    list_select_related = ("record", "author")
    search_fields = ("record__name", "record__slug", "reason")
    list_per_page = 50
    actions = ["approve_chosen"]

    @admin.display(description=_("record"))
    def name(self, proposal):
        return proposal.record.name

    @admin.display(description=_("kind"))
    def kind(self, proposal):
        return proposal.record.kind_label

    def get_urls(self):
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/<slug:name>/", decide, name="curation_proposal_decide"), *super().get_urls()]

    def decisions_for(self, request: HttpRequest, proposal: Proposal) -> list[Decision]:
        """The buttons that the change's status and the reader's rights allow."""
        return [
            decision
            for decision in DECISIONS.values()
            if proposal.status in decision.allowed and self.has_decision_permission(request, decision, proposal)
        ]

    def has_decision_permission(self, request: HttpRequest, decision: Decision, proposal: Proposal) -> bool:
        """Whether this reader may decide so: authors about their own change, publishers about any."""
        is_author = proposal.author_id == request.user.pk
        return (decision.for_author and is_author) or (
            decision.for_publisher and self.has_publish_permission(request)
        )  # fmt: skip

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page on which a change is read."""
        if request.method != "GET":
            raise PermissionDenied
        return self._page(request, self._found(request, object_id))

    def decide_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Do what a button says, or say why not on the page it stands on."""
        if name not in DECISIONS or request.method != "POST":
            raise Http404
        proposal, decision = self._found(request, str(pk)), DECISIONS[name]
        if not self.has_decision_permission(request, decision, proposal):
            raise PermissionDenied
        said = {"proposal": proposal, "by": request.user, "at": timezone.now()}
        if name in ("return", "discard"):
            said["comment"] = request.POST.get("comment", "")
        if not self._was_read(request, proposal) or not self._do(request, decision, **said):
            return self._page(request, proposal, comment=request.POST.get("comment", ""))
        page = reverse("admin:curation_proposal_change", args=[proposal.pk])
        return HttpResponseRedirect(page)

    def _found(self, request: HttpRequest, object_id: str) -> Proposal:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = Proposal.objects.select_related("record", "author", "decided_by")
        found = asked.filter(pk=object_id).first() if object_id.isascii() and object_id.isdecimal() else None
        if found is None:
            raise Http404
        return found

    def _page(self, request: HttpRequest, proposal: Proposal, comment: str = "") -> HttpResponse:
        record = proposal.record
        opts = record_models()[record.record_kind]._meta
        decisions = {decision.name: decision for decision in self.decisions_for(request, proposal)}
        together = decisions.pop(TOGETHER, None)
        hidden = hidden_names(proposal) if proposal.is_pending else []
        is_own = proposal.author_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Change of a public record"),
            "subtitle": record.name,
            "proposal": proposal,
            "record": record,
            "record_url": reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk]),
            "lines": lines_of_change(proposal),
            "decisions": list(decisions.values()),
            "asks_comment": "return" in decisions or ("discard" in decisions and not is_own),
            "comment": comment,
            "is_outdated": proposal.is_pending and proposal.base_version != record.version,
            "is_own": is_own,
            "hidden": hidden,
            "together": together if any(record.publication_status == DRAFT for record in hidden) else None,
        }
        return render(request, "admin/curation/proposal.html", context)

    def _was_read(self, request: HttpRequest, proposal: Proposal) -> bool:
        """Whether the change is still what the page showed; the act asks it once more of the row itself, held."""
        if request.POST.get("saves", "") == str(proposal.saves):
            return True
        said = _("This change has been saved again since you read it. Read it again.")
        self.message_user(request, said, messages.ERROR)
        return False

    def _do(self, request: HttpRequest, decision: Decision, **said) -> bool:
        """Do it and tell the reader; whether it was done."""
        name = said["proposal"].record.name
        try:
            decision.do(**said)
        except actions.RefusedError as refusal:
            self.message_user(request, f"{name}: {refusal}", messages.ERROR)
            return False
        self.message_user(request, decision.done % {"name": name}, messages.SUCCESS)
        return True

    @admin.action(description=_("Approve the chosen changes"), permissions=["publish"])
    def approve_chosen(self, request, queryset):
        """Each for itself, as the page that asks has shown it: one that is refused keeps no other from the public."""
        seen = choosing.seen(request)
        if seen is None:
            found = choosing.chosen(self, request, queryset).select_related("record", "author")
            return choosing.ask(self, request, DECISIONS["approve"].label, map(_line, found))
        found = self.get_queryset(request).filter(pk__in=seen).select_related("record").order_by("changed_at", "pk")
        for proposal in found:
            proposal.saves = seen[proposal.pk]
            self._do(request, DECISIONS["approve"], proposal=proposal, by=request.user, at=timezone.now())
        return None


def _line(proposal: Proposal) -> choosing.Line:
    """A change among those that are to be approved at once."""
    record, page = proposal.record, reverse("admin:curation_proposal_change", args=[proposal.pk])
    said = f"{proposal.author}: {proposal.reason}"
    status = proposal.get_status_display()
    return choosing.Line(
        proposal.pk, proposal.saves, record.name, record.kind_label, status, proposal.changed_at, page, said
    )

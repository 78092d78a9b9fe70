"""“Report an error”: what a reader without an account tells the desk; nothing of it becomes public.

The address of the form says what it is about. There is no CSRF token, since that takes a cookie and readers get none;
it would also guard nothing, for whoever sends the form has no rights here that a stranger could misuse. What is left to
refuse are machines that have never seen the form: it carries a signature of its own address and day. Of the day and not
of the second, because a public page depends on its address, the data and the day alone, and shared caches keep it.
"""

import time
from datetime import date, datetime, timedelta

from django import forms
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from eccp.curation.wording import SaysWhatToDo
from eccp.desk.models import EVIDENCE_LIMIT, MESSAGE_LIMIT, ErrorReport
from eccp.guard import client, limits
from eccp.listing.addresses import record_path, with_query
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.records.models import Record
from eccp.records.version import owner_of

PER_CLIENT, PER_CLIENT_SECONDS = 5, 3600  # reports of one client
PER_SITE, PER_SITE_SECONDS = 200, 24 * 3600  # reports of everybody: what a desk can read, and a table can hold
DAYS_OPEN = 2  # a form may be sent on the day it was opened and on the next
_signer = signing.Signer(salt="eccp.desk.reports")


class ReportForm(SaysWhatToDo, forms.Form):
    """What a reader says: bounded, and of no consequence until somebody at the desk has read it."""

    message = forms.CharField(
        label=_("What is wrong?"), max_length=MESSAGE_LIMIT, min_length=10,
        help_text=_("Say what stands here and what should. Please name no private persons."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    evidence = forms.CharField(
        label=_("Where is it stated? (optional)"), max_length=EVIDENCE_LIMIT, required=False,
        help_text=_("A web address, or a document and page: what is not cited is not corrected."),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("Your e-mail (optional)"), required=False, max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    #: No person sees this field, so whoever fills it is none.
    website = forms.CharField(
        label=_("Leave this empty"), required=False, max_length=2000,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip
    opened = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args, address: str, on: date, **kwargs):
        self.address, self.on = address, on
        super().__init__(*args, **kwargs)
        self.initial["opened"] = signature(address, on)
        for name, field in self.fields.items():
            if self.is_bound and name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def clean_opened(self):
        days = [self.on - timedelta(days=days) for days in range(DAYS_OPEN)]
        if self.cleaned_data["opened"] not in [signature(self.address, day) for day in days]:
            raise forms.ValidationError(_("This form was opened too long ago. Please send it again."))
        return self.cleaned_data["opened"]


def signature(address: str, on: date) -> str:
    """That a form was opened here, at an address and on a day."""
    return _signer.signature(f"{address} {on.isoformat()}")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, about a record or the registry as a whole, and what is sent with it."""
    name, public_id = request.GET.get("list", ""), request.GET.get("record", "")
    if bool(name) != bool(public_id):
        raise Http404
    record, title, page = _about(name, public_id) if name else (None, "", "")
    pairs = [("list", name), ("record", public_id)] if name else []
    # The same in every language: who turns to another before sending has opened the form all the same.
    address, now = with_query("/report/", pairs), timezone.localtime()
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, address=address, on=now.date())
    context = {
        "form": form, "record": record, "title": title, "page": page, "contact_days": settings.REPORT_CONTACT_DAYS,
    }  # fmt: skip
    if data is None:
        return render(request, "desk/report.html", context)
    if not form.is_valid():
        # What is wrong with the signature is put right by sending the form again, as it is now.
        form.data = form.data.copy()
        form.data["opened"] = form.initial["opened"]
        return render(request, "desk/report.html", context, status=400)
    if wait := _seconds_to_wait(request):
        response = render(request, "desk/report.html", context | {"is_too_much": True}, status=429)
        response["Retry-After"] = str(wait)
        return response
    if not form.cleaned_data["website"]:
        keep(record, at=now, page=page, **form.cleaned_data)
    return HttpResponseRedirect(reverse("report-thanks"))


def thanks(request: HttpRequest) -> HttpResponse:
    """What a reader sees who has sent a report."""
    return render(request, "desk/report_thanks.html")


def keep(record: Record | None, *, at: datetime, page: str, message: str, evidence: str, email: str, **_rest) -> None:
    """Put what a reader said on the desk."""
    ErrorReport.objects.create(
        record=record, received_at=at, page=page, message=message, evidence=evidence, email=email
    )


def _about(name: str, public_id: str) -> tuple[Record, str, str]:
    """The public record behind an address, what its page is called, and the page: of a part, the record it is of."""
    if name not in LISTINGS:
        raise Http404
    snapshot = index.snapshot(LISTINGS[name])
    at = snapshot.find(public_id)
    if at is None:
        raise Http404
    key = snapshot.key(at)
    if not LISTINGS[name].kind():
        key = owner_of(snapshot.queryset.get(pk=key))
    return Record.objects.get(pk=key), snapshot.row(at).ref.label, record_path(name, public_id)


def _seconds_to_wait(request: HttpRequest) -> int:
    """0 while neither this client nor everybody together has reported too much."""
    bounds = ((client.key(request), PER_CLIENT, PER_CLIENT_SECONDS), ("all", PER_SITE, PER_SITE_SECONDS))
    for who, most, seconds in bounds:
        if wait := limits.seconds_to_wait("report", who, most=most, seconds=seconds, now=time.time()):
            return wait
    return 0

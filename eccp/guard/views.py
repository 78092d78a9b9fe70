"""The pages of the second factor: set it up, show it, look after it."""

from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from eccp.guard import second_factor
from eccp.guard.forms import CodeForm
from eccp.guard.memory import remember
from eccp.guard.models import Outcome

#: Marks a session whose recovery codes are new: they are shown once.
FRESH = "recovery_codes_are_new"


def _page(request: HttpRequest, template: str, title: str, **context) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})


def _onwards(request: HttpRequest) -> str:
    """Where somebody wanted to go before the second factor was asked for; never to another site."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("admin:index")


@sensitive_post_parameters("code")
def of_mine(request: HttpRequest) -> HttpResponse:
    """Sets up, asks for or shows the second factor of who is logged in: whichever is due."""
    if request.user.is_verified():
        codes = second_factor.codes_left(request.user)
        return _page(
            request,
            "guard/second_factor.html",
            _("Your second factor"),
            codes=codes if request.session.pop(FRESH, False) else [],
            left=len(codes),
            is_required=second_factor.is_required(request.user),
        )
    form = CodeForm(request.POST or None)
    if second_factor.device_of(request.user):
        return _ask(request, form)
    return _set_up(request, form)


def _ask(request: HttpRequest, form: CodeForm) -> HttpResponse:
    if form.is_valid():
        device = second_factor.shown(request.user, form.cleaned_data["code"])
        if device:
            is_recovery = hasattr(device, "token_set")
            remember(Outcome.RECOVERED if is_recovery else Outcome.CONFIRMED, request.user, request)
            second_factor.admit(request, device)
            if is_recovery:
                _tell_codes_left(request)
            return HttpResponseRedirect(_onwards(request))
        _refuse(request, form)
    return _page(request, "guard/ask.html", _("Second factor"), form=form, next=_onwards(request))


def _set_up(request: HttpRequest, form: CodeForm) -> HttpResponse:
    if form.is_valid():
        if second_factor.set_up(request.user, form.cleaned_data["code"]):
            remember(Outcome.ENROLLED, request.user, request)
            second_factor.admit(request, second_factor.device_of(request.user))
            request.session[FRESH] = True
            messages.success(request, _("Your second factor is set up."))
            return redirect("guard:second-factor")
        _refuse(request, form)
    device = second_factor.device_to_set_up(request.user)
    size, path = second_factor.drawing(device.config_url)
    key = device.config_url.partition("secret=")[2].partition("&")[0]
    return _page(
        request,
        "guard/set_up.html",
        _("Set up a second factor"),
        form=form,
        size=size,
        path=path,
        key=" ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        is_required=second_factor.is_required(request.user),
    )


def _refuse(request: HttpRequest, form: CodeForm) -> None:
    remember(Outcome.CODE_REFUSED, request.user, request)
    wait = second_factor.seconds_to_wait(request.user)
    form.add_error("code", _("This code is not the right one, or it has been used."))
    if wait > 1:
        said = ngettext("Wait %(count)d second before the next.", "Wait %(count)d seconds before the next.", wait)
        form.add_error("code", said % {"count": wait})


def _tell_codes_left(request: HttpRequest) -> None:
    left = len(second_factor.codes_left(request.user))
    said = ngettext("You have %(count)d recovery code left.", "You have %(count)d recovery codes left.", left)
    messages.warning(request, said % {"count": left})


@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """Gives new recovery codes; the earlier ones no longer open anything."""
    if request.user.is_verified():
        second_factor.renew_codes(request.user)
        remember(Outcome.CODES_RENEWED, request.user, request)
        request.session[FRESH] = True
        messages.success(request, _("Your earlier recovery codes no longer count."))
    return redirect("guard:second-factor")


@require_POST
def removed(request: HttpRequest) -> HttpResponse:
    """Forgets the second factor; who must have one is asked to set up another at once."""
    if request.user.is_verified():
        second_factor.remove(request.user)
        remember(Outcome.REMOVED, request.user, request)
        messages.success(request, _("Your second factor is removed."))
    return redirect("admin:index")


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Says that too many tried to enter, and when to come back."""
    minutes = max(1, -(-seconds // 60))
    response = render(request, "guard/too_many.html", {"minutes": minutes, "title": _("Too many attempts")}, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def locked_out(request: HttpRequest, credentials=None, *args) -> HttpResponse:
    """What axes answers while somebody is shut out."""
    from axes.helpers import get_cool_off

    return too_many(request, int(get_cool_off(request).total_seconds()))

"""The door of the curators' side: who owes a second factor is led to it from every page behind."""

import time

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from eccp.guard import client, limits, second_factor
from eccp.guard.views import too_many

OPEN = {"admin:login", "admin:logout", "admin:jsi18n", "admin-language"}


class SecondFactorMiddleware:
    """Leads who owes a second factor to the page that asks for it, whatever else was asked for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path == resolve_url("admin:login"):
            wait = limits.seconds_to_wait(
                "login", client.key(request), most=settings.LOGINS_PER_QUARTER, seconds=900, now=time.time()
            )
            if wait:
                return too_many(request, wait)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs):
        match = request.resolver_match
        if not request.path.startswith(settings.STAFF_PATH) or match.view_name in OPEN or match.namespace == "guard":
            return None
        if request.user.is_authenticated and second_factor.is_missing(request.user):
            address = request.get_full_path() if request.method == "GET" else resolve_url("admin:index")
            return redirect_to_login(address, resolve_url("guard:second-factor"))
        return None

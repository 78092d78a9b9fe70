"""The curators' site with the desk for its front page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from eccp.curation.site import RegistrySite
from eccp.desk import views


class DeskSite(RegistrySite):
    """The curators' site: what waits stands on its front page, each item with a list of its own."""

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        desk = views.counts(request, timezone.localdate())
        return super().index(request, {"desk": desk, **(extra_context or {})})

    def get_urls(self):
        def own(view):
            return self.admin_view(lambda request, **kwargs: view(request, self, **kwargs))

        return [
            path("desk/coverage/", own(views.coverage_of_fields), name="desk-coverage"),
            path("desk/<slug:name>/", own(views.item_list), name="desk-list"),
            *super().get_urls(),
        ]

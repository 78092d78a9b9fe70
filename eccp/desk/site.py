"""The curators' site with the desk for its front page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils import timezone

from eccp.curation.site import RegistrySite
from eccp.desk import views
from eccp.desk.items import ITEMS


class DeskSite(RegistrySite):
    """The curators' site: what waits stands on its front page, each item with a list of its own."""

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        desk = views.counts(request, timezone.localdate())
        return super().index(request, {"desk": desk, **(extra_context or {})})

    def get_urls(self):
        def own(view):
            return self.admin_view(lambda request, **kwargs: view(request, self, **kwargs))

        # The items by name, not any word: the models of the desk have their lists under the same address.
        names = "|".join(ITEMS)
        return [
            path("desk/coverage/", own(views.coverage_of_fields), name="desk-coverage"),
            re_path(rf"^desk/(?P<name>{names})/$", own(views.item_list), name="desk-list"),
            *super().get_urls(),
        ]

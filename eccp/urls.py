"""The roof: every address of the site."""

from itertools import chain

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

import eccp.portal.sources
import eccp.reference.views
import markets.views
import partnerships.views
import programmes.views
from eccp.desk import reports
from eccp.listing.refusing import takes
from eccp.listing.urls import downloads, in_other_languages, pages
from eccp.operations import contact, metrics
from eccp.portal import api, health, search, sitemap, views

handler500 = "eccp.operations.requests.server_error"

SHOWN = [
    *partnerships.views.SHOWN,
    *eccp.reference.views.SHOWN,
    *programmes.views.SHOWN,
    *markets.views.SHOWN,
    *eccp.portal.sources.SHOWN,
]

ENGLISH_ONLY = [
    *chain.from_iterable(downloads(listing, detail) for listing, detail in SHOWN),
    path("search.json", search.json),
    path("api/schema/", takes(api.schema, is_data=True), name="api-schema"),
]

urlpatterns = [
    path("robots.txt", sitemap.robots),
    path("sitemap.xml", sitemap.sitemap_index),
    path("sitemap-<slug:name>-<int:page>.xml", sitemap.sitemap_of_list, name="sitemap-of-list"),
    path(".well-known/security.txt", contact.security_txt),
    path("metrics", metrics.metrics, name="metrics"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/second-factor/", include("eccp.guard.urls")),
    path("admin/language/", set_language, name="admin-language"),
    path(settings.STAFF_PATH.removeprefix("/"), admin.site.urls),
    *ENGLISH_ONLY,
    in_other_languages(ENGLISH_ONLY),
    *i18n_patterns(
        path("", takes(views.front), name="front"),
        path("about/", takes(views.about), name="about"),
        path("about/accessibility/", takes(views.accessibility), name="accessibility"),
        path("search/", search.page, name="search"),
        path("data-dictionary/", takes(api.data_dictionary), name="data-dictionary"),
        path("api/", takes(api.api), name="api"),
        path("report/", takes(reports.report, "list", "record"), name="report"),
        path("report/thanks/", takes(reports.thanks), name="report-thanks"),
        *(pages(listing, detail) for listing, detail in SHOWN),
        prefix_default_language=False,
    ),
]

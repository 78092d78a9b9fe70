"""The headers of every kind of answer, and where a hole is reported."""

import datetime

import pytest
from django.core.signals import request_finished, request_started
from django.test import Client
from django.utils import timezone

from tests.listing.reading import body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

ANSWERS = {
    "page": "/partnerships/",
    "record": "/partnerships/life-science-nord-kobe/",
    "csv": "/partnerships.csv",
    "xlsx": "/partnerships.xlsx",
    "json": "/partnerships.json",
    "feed": "/partnerships.atom",
    "schema": "/api/schema/",
    "redirect": "/regions/FR24/",
    "bad question": "/partnerships/?stage=nonsense",
    "bad file": "/partnerships.csv?stage=nonsense",
    "too many values": "/partnerships/?" + "&".join(["stage=active"] * 300),
    "not found": "/nowhere/",
    "admin login": "/admin/login/",
    "admin": "/admin/",
    "health": "/healthz",
    "static": "/static/favicon.svg",
    "robots": "/robots.txt",
    "security.txt": "/.well-known/security.txt",
    "other host": "/partnerships/",
    "fault": "/about/",
    "not modified": "/about/",
}
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def answer(monkeypatch, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True  # nothing is collected for the tests

    def ask(kind, **extra):
        browser = Client(raise_request_exception=False)
        headers = {}
        if kind == "other host":
            headers["Host"] = "evil.example"
        if kind == "not modified":
            headers["If-None-Match"] = browser.get(ANSWERS[kind], **extra)["ETag"]
        if kind == "fault":
            monkeypatch.setattr("eccp.portal.views.today", lambda: 1 / 0)
        response = browser.get(ANSWERS[kind], headers=headers, **extra)
        body(response)  # read to its end, which closes a static file
        return response

    return ask


STATUS = {
    "redirect": 301, "bad question": 400, "bad file": 400, "too many values": 400, "not found": 404, "admin": 302,
    "other host": 400, "fault": 500, "not modified": 304,
}  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_carries_them_all(answer, kind):
    response = answer(kind)
    assert response.status_code == STATUS.get(kind, 200)
    assert {name: response.get(name) for name in EXPECTED} == EXPECTED
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Request-Id"]
    assert "Strict-Transport-Security" not in response
    assert "Server" not in response


@pytest.mark.parametrize("kind", ["page", "csv", "static", "admin login", "not found", "fault"])
def test_behind_tls_browsers_are_told_to_stay_there(answer, settings, kind):
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert answer(kind, secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_who_found_a_hole_is_told_where_to_write(client, settings):
    settings.SECURITY_CONTACT, settings.SITE_URL = "security@example.eu", "https://registry.example.eu"
    response = client.get("/.well-known/security.txt")
    said = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert said["Contact"] == "mailto:security@example.eu"
    assert said["Canonical"] == "https://registry.example.eu/.well-known/security.txt"
    expires = datetime.datetime.fromisoformat(said["Expires"])
    left = expires - timezone.now()
    assert datetime.timedelta(days=170) < left < datetime.timedelta(days=366)


def test_without_an_address_the_page_about_the_registry_is_named(client):
    assert "Contact: http://127.0.0.1:8000/about/\n" in client.get("/.well-known/security.txt").content.decode()


@pytest.mark.parametrize("address", ["/partnerships/", "/partnerships.csv", "/healthz", "/sitemap-partnerships-1.xml"])
def test_who_asks_for_headers_alone_gets_no_body_from_the_application_itself(rf, monkeypatch, address):
    """The client of the tests would drop it, and so hide what a web server is given."""
    from eccp.wsgi import application  # once the test's own folder for static files is there

    monkeypatch.setattr(request_started, "send", lambda **kwargs: [])  # which close the connection of the tests
    monkeypatch.setattr(request_finished, "send", lambda **kwargs: [])
    answered = []
    environ = rf.head(address).environ
    assert list(application(environ, lambda status, headers: answered.append((status, dict(headers))))) == []
    [(status, headers)] = answered
    assert status == "200 OK"
    if address == "/healthz":
        assert headers["Content-Length"] == str(len("ok\n"))

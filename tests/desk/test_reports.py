"""“Report an error”: without account, script or cookie, from every record page, bounded, and public nowhere."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from eccp.desk import reports
from eccp.desk.models import ErrorReport
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.records.models import DataVersion, Record
from tests.staff import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
PAGE = "/report/?list=partnerships&record=life-science-nord-kobe"
SAID = {"message": "The year of the agreement is 2014, not 2013.", "evidence": "https://example.eu/p. 3", "email": ""}


@pytest.fixture(autouse=True)
def _nobody_has_reported_yet():
    cache.clear()


@pytest.fixture
def reader():
    """A browser without cookies, whose requests are checked as those of any other."""
    return Client(enforce_csrf_checks=True)


def fields(reader, page=PAGE):
    """What the form holds when it is opened."""
    html = reader.get(page).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def send(reader, page=PAGE, **said):
    return reader.post(page, fields(reader, page) | SAID | said)


@pytest.mark.parametrize("language", ["", "/ja", "/fr", "/de"])
def test_a_report_reaches_the_desk_and_the_reader_is_thanked(reader, language):
    before = DataVersion.objects.get().number
    page = f"{language}{PAGE}"
    assert "LIFE SCIENCE NORD" in reader.get(page).content.decode().upper()
    response = send(reader, page, email="reader@example.eu")
    assert (response.status_code, response["Location"]) == (302, f"{language}/report/thanks/")
    report = ErrorReport.objects.get()
    assert report.record == Record.objects.get(record_kind="partnership", slug="life-science-nord-kobe")
    assert (report.message, report.evidence, report.email) == (*list(SAID.values())[:2], "reader@example.eu")
    assert report.page == f"{language}/partnerships/life-science-nord-kobe/"
    assert DataVersion.objects.get().number == before
    thanked = reader.get(response["Location"])
    assert thanked.status_code == 200
    assert not reader.cookies


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_every_record_page_leads_to_its_form(reader, name):
    rows = index.snapshot(LISTINGS[name])
    public_id = rows.ids[0]
    html = reader.get(f"/{name}/{public_id}/").content.decode()
    [link] = re.findall(r'href="(/report/\?list=[^"]+)"', html)
    page = link.replace("&amp;", "&")
    assert escape(rows.row(rows.find(public_id)).ref.label) in reader.get(page).content.decode()
    assert send(reader, page).status_code == 302
    assert ErrorReport.objects.get().record is not None


def test_a_report_about_the_registry_as_a_whole(reader):
    assert send(reader, "/report/").status_code == 302
    assert ErrorReport.objects.get().record is None


@pytest.mark.parametrize(
    "page",
    [
        "/report/?list=partnerships&record=no-such-thing",
        "/report/?list=nonsense&record=x",
        "/report/?list=partnerships",
        "/report/?record=x",
    ],
)
def test_there_is_no_form_about_what_is_not_public(reader, page):
    assert reader.get(page).status_code == 404
    assert reader.post(page, SAID).status_code == 404


def test_a_draft_has_no_form(reader):
    Record.objects.filter(slug="life-science-nord-kobe").update(publication_status="draft")
    assert reader.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"message": ""}, "empty"),
        ({"message": "short"}, "short"),
        ({"message": "x" * 2001}, "long"),
        ({"evidence": "x" * 501}, "long"),
        ({"email": "not an address"}, "address"),
        ({"opened": "made up"}, "unsigned"),
        ({"opened": ""}, "unsigned"),
    ],
)
def test_what_is_not_understood_is_asked_again_with_nothing_lost(reader, said, why):
    response = send(reader, **said)
    html = response.content.decode()
    assert response.status_code == 400, why
    assert 'role="alert"' in html
    assert f"\n{escape((SAID | said)['message'])}</textarea>" in html
    assert not ErrorReport.objects.exists()
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert reader.post(PAGE, SAID | again).status_code == 302


def test_the_form_of_another_record_or_of_last_week_is_not_taken(reader):
    other = fields(reader, "/report/")
    assert reader.post(PAGE, SAID | other).status_code == 400
    today = timezone.localdate()
    for days, status in [(0, 302), (1, 302), (2, 400), (-1, 400)]:
        opened = reports.signature(PAGE, today - timedelta(days=days))
        assert reader.post(PAGE, SAID | {"opened": opened}).status_code == status, days


def test_a_machine_that_fills_every_field_is_thanked_and_ignored(reader):
    assert send(reader, website="https://spam.example").status_code == 302
    assert not ErrorReport.objects.exists()
    assert "<div hidden>" in reader.get(PAGE).content.decode()


def test_one_client_reports_so_often_and_another_still_can(reader):
    for _number in range(reports.PER_CLIENT):
        assert send(reader).status_code == 302
    response = send(reader)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert SAID["message"] in response.content.decode()
    other = reader.post(PAGE, fields(reader) | SAID, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 302
    assert ErrorReport.objects.count() == reports.PER_CLIENT + 1


def test_all_together_report_no_more_than_a_desk_can_read(reader, monkeypatch):
    monkeypatch.setattr(reports, "PER_SITE", 2)
    found = [
        reader.post(PAGE, fields(reader) | SAID, REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(3)
    ]
    assert found == [302, 302, 429]


def test_the_form_depends_on_its_address_and_the_day_alone(reader):
    first, second = reader.get(PAGE), Client().get(PAGE)
    assert first.content == second.content
    assert first["ETag"] == second["ETag"]
    assert "Cookie" not in first.get("Vary", "")
    assert "noindex" in first.content.decode()


@pytest.fixture
def desk(team):
    """The admin as one more curator sees it, by name."""

    def opened(name):
        browser = StaffClient()
        browser.force_login(team("curator", name))
        return browser

    return opened


def answer(browser, report, outcome, page=None):
    """Write what came of a report, on the page as it was opened before or is now."""
    url = f"/admin/desk/errorreport/{report.pk}/change/"
    form = (page or browser.get(url)).context["adminform"].form
    return browser.post(url, {"seen": form["seen"].value(), "outcome": outcome}, follow=True)


def test_the_second_of_two_answers_is_stored_by_who_has_read_the_first(desk):
    report = ErrorReport.objects.create(received_at=timezone.now(), message="Something is wrong.")
    anna, ben = desk("anna"), desk("ben")
    page = ben.get(f"/admin/desk/errorreport/{report.pk}/change/")
    answer(anna, report, "The year is corrected.")
    refused = answer(ben, report, "Nothing is wrong.", page)
    told = refused.content.decode()
    assert "anna has answered this since you opened it: “The year is corrected.”" in told
    assert "Nothing is wrong.</textarea>" in told
    report.refresh_from_db()
    assert (report.outcome, report.closed_by.username) == ("The year is corrected.", "anna")
    answer(ben, report, "Nothing is wrong.", refused)
    report.refresh_from_db()
    assert (report.outcome, report.closed_by.username) == ("Nothing is wrong.", "ben")


def test_who_answered_a_report_is_kept_and_opening_it_again_is_said(desk):
    report = ErrorReport.objects.create(received_at=timezone.now(), message="Something is wrong.")
    anna, ben = desk("anna"), desk("ben")
    answer(anna, report, "The year is corrected.")
    answer(ben, report, "The year is corrected.")
    report.refresh_from_db()
    assert report.closed_by.username == "anna"  # ben has changed nothing
    assert "is open again" in answer(ben, report, "").content.decode()
    report.refresh_from_db()
    assert (report.closed_at, report.closed_by) == (None, None)
    history = ben.get(f"/admin/desk/errorreport/{report.pk}/history/").content.decode()
    assert "The year is corrected." in history
    assert "anna" in history


def test_a_report_is_seen_at_the_desk_and_nowhere_in_public(reader, admin_page):
    send(reader, message="Quux is not the name of this.", evidence="Quux page", email="quux@example.eu")
    report = ErrorReport.objects.get()
    assert "Quux" in admin_page.get("/admin/desk/error-reports/").content.decode()
    form = admin_page.get(f"/admin/desk/errorreport/{report.pk}/change/").content.decode()
    assert "/partnerships/life-science-nord-kobe/" in form
    for address in (
        "/partnerships/life-science-nord-kobe/", "/partnerships/life-science-nord-kobe.json", "/partnerships.csv",
        "/partnerships.atom", "/search/?q=quux",
    ):  # fmt: skip
        response = reader.get(address)
        said = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"Quux" not in said, address

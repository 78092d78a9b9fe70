"""Curators read their side in their language; the choice is theirs alone and no public page hears of it."""

import re

import pytest
from django.test import Client
from django.utils import translation

pytestmark = pytest.mark.usefixtures("registry")


def choose(client, language, **more):
    return client.post("/admin/language/", {"language": language, "next": "/admin/"} | more)


def test_a_curator_chooses_japanese_and_keeps_it(admin_page):
    response = choose(admin_page, "ja", next="/admin/partnerships/partnership/?q=kobe")
    assert response["Location"] == "/admin/partnerships/partnership/?q=kobe"
    page = admin_page.get("/admin/")
    assert (page["Content-Language"], page.status_code) == ("ja", 200)
    html = page.content.decode()
    assert '<html lang="ja"' in html
    assert "ログアウト" in html
    assert "/ja/admin" not in html
    choose(admin_page, "en")
    assert admin_page.get("/admin/")["Content-Language"] == "en"


def test_the_labels_of_a_form_are_in_the_curators_language(admin_page):
    """Also those that Django would make of a field’s name in code."""
    page = "/admin/partnerships/partnership/add/"
    fields = ("name", "native_name", "stage", "sectors", "summary", "started", "target_countries")
    shown = {}
    for language in ("en", "ja"):
        choose(admin_page, language)
        context = admin_page.get(page).context
        rows = {inline.formset.prefix: inline.formset.empty_form for inline in context["inline_admin_formsets"]}
        labels = [
            *(context["adminform"].form[name].label for name in fields),
            rows["participants"]["organisation"].label,
        ]
        with translation.override(language):
            shown[language] = [str(label) for label in labels]
    assert shown["en"] == [
        "Name", "Native name", "Stage", "Sectors", "Summary", "Started", "Target countries", "Organisation",
    ]  # fmt: skip
    assert shown["ja"] == ["名称", "現地語名", "段階", "分野", "概要", "開始", "対象国", "組織"]


def test_what_a_file_may_be_is_said_in_the_curators_language(admin_page):
    choose(admin_page, "de")
    html = admin_page.get("/admin/curation/import/add/").content.decode()
    assert "CSV oder XLSX, wie aus der Liste exportiert" in html


def test_each_language_is_offered_under_its_own_name_in_every_language(admin_page):
    for language in ("en", "ja", "fr", "de"):
        choose(admin_page, language)
        html = admin_page.get("/admin/").content.decode()
        assert re.findall(r'<button name="language"[^>]*>([^<]+)<', html) == [
            "English",
            "日本語",
            "Français",
            "Deutsch",
        ]


def test_the_choice_stands_on_the_login_page_and_is_sent_with_its_token(db):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/admin/login/")
    assert 'value="ja"' in page.content.decode()
    assert choose(browser, "ja").status_code == 403
    token = browser.cookies["csrftoken"].value
    assert choose(browser, "ja", csrfmiddlewaretoken=token).status_code == 302
    assert browser.get("/admin/login/")["Content-Language"] == "ja"


def test_the_cookie_is_for_the_curators_side_alone(client):
    cookie = choose(client, "ja").cookies["language"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")


@pytest.mark.parametrize("path", ["/", "/partnerships/", "/fr/partnerships/"])
def test_a_public_page_is_the_same_whatever_was_chosen(client, path):
    plain = Client().get(path)
    choose(client, "ja")
    page = client.get(path)  # a browser would not even send the cookie
    assert page.content == plain.content
    assert page["Content-Language"] == plain["Content-Language"]
    assert "Cookie" not in page.get("Vary", "")


@pytest.mark.parametrize("language", ["es", "xx", "", "../ja"])
def test_a_language_the_site_does_not_have_changes_nothing(client, language):
    choose(client, language)
    assert client.get("/admin/login/")["Content-Language"] == "en"


def test_the_choice_leads_nowhere_else(client):
    assert choose(client, "ja", next="https://elsewhere.example/")["Location"] == "/ja/"

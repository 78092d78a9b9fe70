"""Every page of the admin opens, reads what it shows in a fixed number of queries, and obeys the site's policy."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eccp.records.models import Record, record_models
from eccp.records.references import is_made_of_parts
from tests.admin.pages import RECORD_ADMINS, address, richest

CEILING = 12
REGISTERED = list(admin.site._registry)
names = [model.__name__ for model in RECORD_ADMINS]


def test_every_kind_of_record_is_registered():
    assert set(record_models().values()) <= set(REGISTERED)


@pytest.mark.parametrize("path", ["/admin/", *(f"/admin/{app}/" for app in ("records", "reference", "partnerships"))])
def test_the_front_pages_answer(admin_page, path):
    assert admin_page.get(path).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_the_change_list_answers_within_its_ceiling(admin_page, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(CEILING):
        response = admin_page.get(address(model, "changelist"))
    assert response.status_code == 200


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_more_rows_take_no_more_queries(admin_page, model, monkeypatch):
    taken = []
    for rows in (1, 40):
        monkeypatch.setattr(type(admin.site.get_model_admin(model)), "list_per_page", rows)
        with CaptureQueriesContext(connection) as queries:
            admin_page.get(address(model, "changelist"))
        taken.append([query["sql"] for query in queries])
    assert len(taken[1]) <= len(taken[0]) + 1, "\n".join(taken[1])  # the second page needs counting


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_a_search_in_the_list_answers(admin_page, model):
    assert admin_page.get(address(model, "changelist"), {"q": "Ōsaka 大阪 'x%"}).status_code == 200


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_each_filter_of_the_list_answers(admin_page, model):
    page = admin_page.get(address(model, "changelist"))
    for spec in page.context["cl"].filter_specs:
        for choice in spec.choices(page.context["cl"]):
            assert admin_page.get(address(model, "changelist") + choice["query_string"]).status_code == 200


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_the_add_form_answers(admin_page, model):
    assert admin_page.get(address(model, "add")).status_code == 200


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_the_form_of_a_record_answers_without_a_query_for_each_row(admin_page, model, django_assert_max_num_queries):
    record = richest(model)
    with django_assert_max_num_queries(40):
        response = admin_page.get(address(model, "change", record.pk))
    assert response.status_code == 200
    assert admin_page.get(address(model, "history", record.pk)).status_code == 200


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
def test_every_field_and_every_part_of_a_record_can_be_edited(admin_page, model):
    response = admin_page.get(address(model, "add"))
    given = set(admin.site.get_model_admin(model).given)
    unfit = {"stated_countries", "memberships"} if model._meta.proxy else set()
    expected = {
        field.name
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if field.editable and not field.primary_key and not is_made_of_parts(field) and field.name != "id"
    }
    # The link to the common table is no fact.
    assert expected - {"record"} - given - unfit <= set(response.context["adminform"].form.fields)
    parts = {inline.opts.part for inline in response.context["inline_admin_formsets"]}
    missing = set(model.parts) - parts - unfit
    assert missing <= ({"statements"} if model.aspects is None else set())


@pytest.mark.parametrize("model", RECORD_ADMINS, ids=names)
@pytest.mark.parametrize("which", ["changelist", "add", "change"])
def test_a_page_holds_no_script_or_style_of_its_own(admin_page, model, which):
    args = [richest(model).pk] if which == "change" else []
    response = admin_page.get(address(model, which, *args))
    html = response.content.decode()
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|<style|<[a-z][^>]*\s(?:style|on[a-z]+)=", html)


def test_any_record_is_found_in_one_list_and_edited_as_its_kind(admin_page):
    record = Record.objects.get(record_kind="organisation", slug="techtera")
    listed = admin_page.get(address(Record, "changelist"), {"q": "techtera", "kind": "organisation"})
    assert record in listed.context["cl"].result_list
    answer = admin_page.get(address(Record, "change", record.pk))
    assert answer.url == f"/admin/reference/organisation/{record.pk}/change/"
    assert admin_page.get(address(Record, "add")).status_code == 403


@pytest.mark.parametrize("path", ["{}/change/", "{}/history/", "{}/act/publish/"])
def test_a_number_beyond_what_the_database_holds_is_no_record(admin_page, path):
    assert admin_page.get(f"/admin/partnerships/agreement/{path.format('9' * 30)}").status_code in (302, 404)


@pytest.mark.parametrize("path", ["?partnership={}", "add/?partnership={}", "?id__exact={}"])
def test_a_list_or_a_form_may_be_asked_for_it_all_the_same(admin_page, path):
    # PostgreSQL finds nothing, SQLite cannot be asked.
    assert admin_page.get(f"/admin/partnerships/agreement/{path.format('9' * 30)}").status_code in (200, 302, 404)

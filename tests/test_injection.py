"""What is typed into a record stays text in every answer, and what is asked reaches the database as a value."""

import json
import re
import time
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from eccp.curation.importing import cells
from eccp.desk import duplicates
from eccp.listing.listings import LISTINGS
from eccp.records import dates
from eccp.records.models import Citation, record_models
from eccp.records.text import needles
from tests.factories import FACTORIES, CitationFactory
from tests.listing.reading import body, csv_rows, xlsx_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

HOSTILE = (
    "</title></script></textarea><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>{{7*7}}"
)
BY_KIND = {LISTINGS[name].kind(): name for name in LISTINGS if LISTINGS[name].kind()}


def text_fields(model):
    """Every field of a kind of record into which a person types freely."""
    return [
        field
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.URLField | models.SlugField | models.EmailField)
        and not field.choices
        and field.editable
        and field.name != "slug"  # letters, digits and hyphens: an id is an address
        and type(field).__module__.startswith("django.")
    ]


class Dangers(HTMLParser):
    """Finds what a hostile text would have become: an element or a handler of ours that nobody wrote."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.found += [name for name in names if name.startswith("on")]
        self.found += [value for value in names.values() if (value or "").strip().lower().startswith("javascript:")]
        if (
            tag == "script"
            and "src" not in names
            and names.get("type") not in ("application/ld+json", "application/json")
        ):
            self.found.append("inline script")

    def handle_data(self, data):
        if self.rawdata and self.cdata_elem == "script" and "<script" in data.lower():
            self.found.append("script in script")


def dangers(html):
    parser = Dangers()
    parser.feed(html)
    return parser.found


@pytest.fixture
def hostile(request):
    """A published record with the hostile text in every text field that takes it, and in every row beside it."""
    kind = request.param
    model = record_models()[kind]
    short = "<script>alert(1)</script>"
    texts = {
        field.name: HOSTILE if (field.max_length or 999) >= len(HOSTILE) else short[: field.max_length]
        for field in text_fields(model)
    }
    made = FACTORIES[kind](slug=f"hostile-{kind}", publication_status="published")
    for name, text in texts.items():
        before = getattr(made, name)
        setattr(made, name, text)
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError:  # a CHECK keeps the text out: it can never be shown
            setattr(made, name, before)
    assert made.name == HOSTILE
    made.aliases.create(name=HOSTILE[:150])
    made.statements.create(key="s", aspect="context", text=HOSTILE)
    said = {field.name: HOSTILE[: field.max_length or 999] for field in text_fields(Citation) if field.name != "field"}
    CitationFactory(record=made, **said | {"rank": "rejected"})
    return type(made).objects.get(pk=made.pk)


@pytest.mark.parametrize("hostile", sorted(set(BY_KIND) & set(FACTORIES)), indirect=True)
def test_hostile_text_stays_text_in_every_answer(hostile, client, admin_client_of_ours):
    name = BY_KIND[hostile.record_kind]
    pages = [f"/{name}/{hostile.slug}/", f"/{name}/?q=alert", f"/ja/{name}/{hostile.slug}/", "/search/?q=alert"]
    pages += [f"/citations/{hostile.citations.get().key}/", f"/citations/?record={hostile.slug}"]
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        html = response.content.decode()
        assert not dangers(html), address
        assert "<script>alert" not in html, address
        assert "49" not in re.findall(r"svg onload=alert\(3\)&gt;(\S{2})", html)
    record = client.get(f"/{name}/{hostile.slug}.json")
    assert record["Content-Type"].startswith("application/json")
    assert "alert(1)" in json.dumps(record.json(), ensure_ascii=False)
    assert client.get(f"/{name}.json?q=alert")["Content-Type"].startswith("application/json")
    feed = body(client.get(f"/{name}.atom")).decode()
    assert "<script" not in feed
    for rows in (csv_rows(client, f"/{name}.csv?q=alert"), xlsx_rows(client, f"/{name}.xlsx?q=alert")):
        assert rows
    for page in ("change", "history"):
        opts = hostile._meta
        response = admin_client_of_ours.get(f"/admin/{opts.app_label}/{opts.model_name}/{hostile.pk}/{page}/")
        assert response.status_code == 200, page
        assert not dangers(response.content.decode()), page


@pytest.fixture
def admin_client_of_ours(django_user_model):
    from tests.staff import StaffClient

    browser = StaffClient()
    browser.force_login(django_user_model.objects.create_superuser("watcher", "w@example.eu", "correct horse battery"))
    return browser


SQL = ["' OR '1'='1", "1; DROP TABLE records_record--", "x') UNION SELECT 1,2,3--", "%' AND sleep(5)--", "\\", "\x1a'"]


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_no_filter_word_reaches_the_database_as_anything_but_a_value(name, client):
    words = [*LISTINGS[name].filterset_class.base_filters, "sort", "columns", "page", "per_page", "bom", "unheard-of"]
    for word in words:
        for text in SQL:
            with CaptureQueriesContext(connection) as asked:
                response = client.get(f"/{name}.json", {word: text})
            assert response.status_code in (200, 400, 404), (word, text)
            assert response["Content-Type"] in ("application/json", "application/problem+json")
            assert not [each["sql"] for each in asked if "DROP" in each["sql"] or "UNION SELECT 1" in each["sql"]]
            if word != "q" and response.status_code == 200:
                assert response.json()["count"] == 0 or word in ("bom",), (word, text)


@pytest.mark.parametrize("address", ["/partnerships/", "/partnerships.csv", "/organisations/?q=a"])
def test_no_header_of_the_client_changes_a_public_answer(client, address):
    plain = client.get(address)
    headers = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Original-URL": "/admin/",
        "X-Rewrite-URL": "/admin/", "X-Forwarded-Scheme": "http", "Accept-Language": "ja", "Cookie": "a=b",
        "Origin": "https://evil.example", "X-HTTP-Method-Override": "DELETE",
    }  # fmt: skip
    changed = client.get(address, headers=headers)
    assert changed.status_code == 200
    assert changed["ETag"] == plain["ETag"]
    assert body(changed) == body(plain)
    assert "evil" not in str(changed.headers)


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x=1", "a%0d%0aSet-Cookie:%20x=1", "é\n"])
def test_a_line_break_in_a_question_makes_no_header(client, text):
    for address in ("/partnerships.csv", "/organisations.json", "/regions/FR24/", "/search/"):
        response = client.get(address, {"q": text})
        assert "x" not in response.cookies
        assert not [value for value in response.headers.values() if "\n" in value or "\r" in value]


READERS = {
    "a date typed in a form": dates.understand,
    "a date": dates.PartialDate.parse,
    "what is searched for": needles,
    "a name held beside others": duplicates.name_key,
    "a cell of text": lambda typed: cells.text(typed, "1"),
    "a cell of a number": lambda typed: cells.number(typed, "."),
    "a cell of a date": lambda typed: cells.partial_date(typed, ""),
}


@pytest.mark.parametrize("name", READERS)
def test_no_text_keeps_its_reader_busy(name):
    """Patterns that go back and forth over a text take a time that grows with the square of its length, or worse."""
    for repeated in ("a", "1", " ", "–", " – ", "a.", "1 ", "1/", "2015-", "年", "ß", "[", "E1", "ou"):
        typed = (repeated * 20_000)[:20_000] + "!"
        begun = time.thread_time()  # of the processor, whatever else the machine does
        with suppress(ValueError):
            READERS[name](typed)
        assert time.thread_time() - begun < 1, repeated


TRICKS = [
    "/static/../manage.py", "/static/..%2f..%2fmanage.py", "/static/%2e%2e/%2e%2e/manage.py",
    "/static/..%5c..%5cmanage.py",
    "/static//etc/passwd", "/static/%00", "/partnerships/%2e%2e%2f%2e%2e%2fetc%2fpasswd/", "/partnerships/%00/",
    "/partnerships/../../etc/passwd", "/partnerships.csv/../../manage.py", "/.env", "/.git/config",
    "/var/registry.sqlite3", "/eccp/settings.py", "/ja/..%2f..%2fmanage.py",
]  # fmt: skip


@pytest.mark.parametrize("address", TRICKS)
def test_no_address_leads_out_of_the_site_into_the_files_of_the_machine(client, address):
    response = client.get(address)
    assert response.status_code in (400, 404)
    said = body(response)
    assert b"DJANGO_SETTINGS_MODULE" not in said
    assert b"root:" not in said


def test_nothing_a_curator_can_do_is_done_for_another_site():
    def views(patterns):
        for each in patterns:
            yield from views(each.url_patterns) if hasattr(each, "url_patterns") else [each]

    staff = [each for each in get_resolver().url_patterns if str(each.pattern).startswith("admin/")]
    exempt = [str(each.pattern) for each in views(staff) if getattr(each.callback, "csrf_exempt", False)]
    assert len(list(views(staff))) > 100
    assert not exempt


EVIL = ["//evil.example/", "/\\evil.example/", "/https://evil.example", "/admin/login/?next=//evil.example/"]


@pytest.mark.parametrize("address", EVIL)
def test_nobody_is_sent_to_another_site(client, address):
    location = client.get(address).get("Location", "")
    assert not re.match(r"(https?:)?[/\\]{2}", location.replace("\t", ""))

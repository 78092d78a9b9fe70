"""The curators' side in a real browser: nothing breaks the site's policy, axe finds nothing, rows can be added."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from eccp.curation.importing.models import Import
from eccp.reference.models import Organisation
from partnerships.models import Agreement, Partnership
from tests.admin.pages import address, richest
from tests.listing.reading import body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(live_server, curator, client, page):
    """A browser in which the curator is logged in; what the policy or a script complains of is collected."""
    client.force_login(curator)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda problem: page.complaints.append(str(problem)))
    page.address = live_server.url
    return page


def judged(page):
    """What axe has to complain of, in a line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{problem['id']} ({problem['impact']}): {node['html'][:200]}"
        for problem in found
        for node in problem["nodes"][:5]
    ]


def an_import(by):
    """An import with all that its page can show."""
    return Import.objects.create(
        listing="organisations", file_name="edited.csv", content=b"id", by=by, reason="The list of members says so.",
        uploaded_at=timezone.now(), state="faulty", rows=2, faults=1, created=1,
        report=[
            {"row": 2, "id": "one", "what": "new", "problems": [], "differences": [["Name", "", "One"]]},
            {"row": 3, "id": "two", "what": "faulty", "problems": [["kind", "Wrong"]], "differences": []},
        ],
    )  # fmt: skip


def test_the_pages_obey_the_policy_and_axe(desk, curator):
    record, organisation = richest(Partnership), richest(Organisation)
    draft = Organisation.objects.create(slug="a-draft", name="A draft", kind="cluster")
    waiting = Partnership.objects.create(slug="names-a-draft", name="Names a draft", stage="contact")
    waiting.participants.create(organisation=draft, side="partner", role="partner")
    wanted = an_import(curator)
    found = {}
    for path in (
        "/admin/",
        address(Import, "add"),
        address(Import, "changelist"),
        address(Import, "change", wanted.pk),
        address(Partnership, "changelist"),
        address(Partnership, "add"),
        address(record, "change"),
        address(organisation, "change"),
        address(record, "history"),
        address(draft, "act", "publish"),
        address(organisation, "act", "withdraw"),
        address(draft, "delete"),
        address(waiting, "act", "publish"),
        f"{address(draft, 'distinguish')}?with={organisation.slug}",
        "/admin/desk/drafts/",
    ):
        desk.goto(desk.address + path)
        desk.wait_for_load_state("networkidle")
        for summary in desk.locator("details.cited-group > summary").all()[:3]:
            summary.click()
        said = list(desk.complaints)  # before axe, whose own styles the policy refuses
        found |= {path: complaints} if (complaints := said + judged(desk)) else {}
        desk.complaints.clear()
    assert not found, "\n".join(line for path, lines in found.items() for line in (path, *lines))


def choose(page, field, term):
    """Choose a record by the keyboard alone."""
    page.locator(f"#id_{field} + .select2 .select2-selection").focus()
    page.keyboard.press("Enter")
    page.keyboard.type(term)
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text(term)
    page.keyboard.press("Enter")


def log_in(page, client, user):
    """Another curator sits down at the same browser."""
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": page.address}])


def found_by_the_public(client, slug):
    """What the public finds of a partnership: its page, the file, the feed, the search, and how many there are."""
    return {
        "page": client.get(f"/partnerships/{slug}/").status_code == 200,
        "file": slug in body(client.get("/partnerships.csv")).decode(),
        "feed": slug in body(client.get("/partnerships.atom")).decode(),
        "search": slug in client.get("/search/", {"q": "Zephyr"}).content.decode(),
        "count": client.get("/partnerships.json").json()["count"],
    }


def test_what_is_wrong_is_said_at_the_top_with_a_way_to_each_field(desk):
    desk.goto(desk.address + address(Agreement, "add"))
    desk.get_by_label("Name:", exact=True).fill("Zephyr MoU")
    desk.locator("#id_signed").fill("21.13.2017")
    desk.locator("input[name=_save]").first.click()
    told = desk.locator("#to-correct")
    expect(told).to_contain_text("There is no such date as “21.13.2017”")
    expect(told).to_contain_text("“Type” is missing: choose it.")
    expect(desk).to_have_title(re.compile("^Error: "))
    expect(desk.locator("#agreement_form")).not_to_contain_text("Please correct")
    told.get_by_role("link", name="Type").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#id_type")).to_be_in_viewport()
    assert judged(desk) == []


def test_a_preview_says_so_in_words_and_obeys_the_policy(desk):
    record = richest(Partnership)
    desk.goto(desk.address + address(record, "change"))
    with desk.context.expect_page() as opened:
        desk.locator("input[name=_preview]").first.click()
    preview = opened.value
    told = preview.get_by_role("complementary", name="Preview")
    expect(told).to_contain_text("This page is not public.")
    assert judged(preview) == []
    told.get_by_role("link", name="Open the form as it is stored").click()
    expect(preview.locator("#id_name")).to_have_value(record.name)
    expect(desk.locator("#id_name")).to_have_value(record.name)  # the form is where it was
    desk.goto(f"{desk.address}{record.get_absolute_url()}")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(record.name)
    expect(desk.get_by_role("complementary", name="Preview")).to_have_count(0)


def test_a_curator_adds_a_partnership_and_a_publisher_makes_exactly_that_public(desk, team, client):
    log_in(desk, client, team("curator", "anna"))
    slug, visitor = "zephyr-techtera-osaka-bio", Client()
    before = found_by_the_public(visitor, slug)
    desk.goto(desk.address + address(Partnership, "add"))
    desk.get_by_label("Name:", exact=True).fill("Zephyr: Techtera – Osaka Bio")
    desk.keyboard.press("Tab")
    expect(desk.locator("#id_slug")).to_have_value(slug)
    desk.locator("#id_stage").select_option("contact")
    desk.locator("#id_started").fill("May 2015")
    for number, (name, side) in enumerate([("Techtera", "european"), ("Osaka Bio", "partner")]):
        desk.locator("#participants-group .add-row a").click()
        choose(desk, f"participants-{number}-organisation", name)
        desk.locator(f"#id_participants-{number}-side").select_option(side)
    for number, (field, stated) in enumerate([("started", "May 2015"), ("stage", "first contact"), ("name", "Zephyr")]):
        desk.locator("#citations-group .add-row a").click()
        if number == 0:  # the others are of the same source
            choose(desk, "citations-0-source", "Discussion paper on Japan")
        desk.locator(f"#id_citations-{number}-field").select_option(field)
        desk.locator(f"#id_citations-{number}-stated_value").fill(stated)
        expect(desk.locator(f"#citations-{number} .inline_label")).to_have_text(f"#{number + 1}")
    desk.locator("input[name=_submit]").first.click()
    expect(desk.locator(".messagelist")).to_contain_text("is stored as a draft")
    desk.get_by_role("button", name="Submit for review").click()
    expect(desk.locator(".messagelist")).to_contain_text("is in review")

    made = Partnership.objects.get(slug=slug)
    desk.goto(desk.address + address(Agreement, "add"))
    desk.get_by_label("Name:", exact=True).fill("Zephyr MoU")
    desk.keyboard.press("Tab")
    desk.locator("#id_type").select_option("mou")
    desk.locator("#id_level").select_option("cluster")
    choose(desk, "partnership", "Zephyr")
    desk.locator("#id_signed").fill("21/11/2017")
    choose(desk, "evidence", "Discussion paper on Japan")
    desk.locator("input[name=_submit]").first.click()
    desk.get_by_role("button", name="Submit for review").click()
    expect(desk.locator(".messagelist")).to_contain_text("is in review")
    agreement = Agreement.objects.get(slug="zephyr-mou")
    assert found_by_the_public(visitor, slug) == before

    log_in(desk, client, team("publisher", "paul"))
    for record in (made, agreement):
        desk.goto(desk.address + address(record, "act", "publish"))
        if record is made:
            said = desk.locator("table.compared")
            for text in ("May 2015", "first contact", "Techtera", "Osaka Bio", "Discussion paper on Japan"):
                expect(said).to_contain_text(text)
            assert found_by_the_public(visitor, slug) == before
        desk.get_by_role("button", name="Publish").click()
        expect(desk.locator(".messagelist")).to_contain_text("is public")
    after = found_by_the_public(visitor, slug)
    assert after == {"page": True, "file": True, "feed": True, "search": True, "count": before["count"] + 1}
    assert "Zephyr MoU" in visitor.get(f"/partnerships/{slug}/").content.decode()
    assert desk.complaints == []


def test_a_correction_goes_from_a_form_through_a_publishers_hands(desk, team, client):
    log_in(desk, client, team("curator", "anna"))
    record = Organisation.objects.get(slug="techtera")
    visitor = Client()
    desk.goto(desk.address + address(record, "change"))
    desk.locator("#id_summary").fill("Corrected by hand.")
    # Leaving what was typed asks first.
    asked = []
    desk.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.get_by_role("link", name="Home").click()
    expect(desk.locator("#id_summary")).to_have_value("Corrected by hand.")
    assert asked == ["beforeunload"]
    desk.locator("#id_reason").fill("Too short")
    desk.locator("input[name=_submit]").first.click()
    expect(desk.locator(".field-reason .errorlist")).to_contain_text("Say why in at least 15")
    expect(desk.locator("#id_summary")).to_have_value("Corrected by hand.")
    desk.locator("#id_reason").fill("The list of members says so since June.")
    desk.locator("input[name=_submit]").first.click()
    expect(desk.locator(".messagelist")).to_contain_text("A publisher decides on it.")
    assert "Corrected by hand." not in visitor.get("/organisations/techtera/").content.decode()
    found = {"the change": judged(desk)}

    log_in(desk, client, team("publisher", "paul"))
    desk.goto(f"{desk.address}/admin/curation/proposal/")
    found["the list"] = judged(desk)
    desk.get_by_role("link", name=record.name).click()
    expect(desk.locator("table.compared .come")).to_have_text("Corrected by hand.")
    desk.get_by_role("button", name="Approve").click()
    expect(desk.locator(".messagelist")).to_contain_text("is public")
    assert "Corrected by hand." in visitor.get("/organisations/techtera/").content.decode()
    for name, page in (("history", address(record, "history")), ("revert", address(record, "revert", 1))):
        desk.goto(desk.address + page)
        found[name] = judged(desk)
    assert {page: lines for page, lines in found.items() if lines} == {}


def test_what_was_understood_of_a_date_is_said_as_it_is_typed(desk):
    desk.goto(desk.address + address(Partnership, "add"))
    started, echo = desk.locator("#id_started"), desk.locator("#id_started_understood")
    started.press_sequentially("5/2015")
    expect(echo).to_have_text("Understood: May 2015 (2015-05)")
    expect(echo).to_have_attribute("role", "status")
    started.fill("3/4/2015")
    expect(echo).to_contain_text("could be two days")
    assert not desk.complaints

"""The curators' side in a real browser: nothing breaks the site's policy, axe finds nothing, rows can be added."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from eccp.reference.models import Organisation
from partnerships.models import Partnership
from tests.admin.pages import address, richest

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


def test_the_pages_obey_the_policy_and_axe(desk):
    record, organisation = richest(Partnership), richest(Organisation)
    draft = Organisation.objects.create(slug="a-draft", name="A draft", kind="cluster")
    found = {}
    for path in (
        "/admin/",
        address(Partnership, "changelist"),
        address(Partnership, "add"),
        address(record, "change"),
        address(organisation, "change"),
        address(record, "history"),
        address(draft, "act", "publish"),
        address(organisation, "act", "withdraw"),
        address(draft, "delete"),
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


def test_a_partnership_is_added_by_hand(desk):
    desk.goto(desk.address + address(Partnership, "add"))
    desk.get_by_label("Name:", exact=True).fill("Techtera – Osaka Bio")
    desk.keyboard.press("Tab")
    expect(desk.locator("#id_slug")).to_have_value("techtera-osaka-bio")
    desk.locator("#id_stage").select_option("contact")
    desk.locator("#id_started").fill("May 2015")
    for number, (name, side) in enumerate([("Techtera", "european"), ("Osaka Bio", "partner")]):
        desk.locator("#participants-group .add-row a").click()
        choose(desk, f"participants-{number}-organisation", name)
        desk.locator(f"#id_participants-{number}-side").select_option(side)
    desk.locator("#citations-group .add-row a").click()
    choose(desk, "citations-0-source", "Discussion paper on Japan")
    desk.locator("#id_citations-0-field").select_option("started")
    desk.locator("#id_citations-0-stated_value").fill("since May 2015")
    desk.locator("input[name=_continue]").first.click()
    expect(desk.locator(".messagelist")).to_contain_text("was added successfully")
    expect(desk.locator("#id_started")).to_have_value("2015-05")
    expect(desk.locator("#id_participants-1-organisation")).to_contain_text("Osaka, JP")

    desk.get_by_role("link", name="1 citation").click()
    expect(desk.locator("#id_citations-0-stated_value")).to_be_visible()
    desk.get_by_role("link", name="Publish…").click()
    desk.get_by_role("button", name="Publish").click()
    expect(desk.locator(".messagelist")).to_contain_text("is public")
    assert desk.complaints == []
    made = Partnership.objects.get(slug="techtera-osaka-bio")
    assert made.is_published
    assert made.participants.count() == 2


def test_what_was_understood_of_a_date_is_said_as_it_is_typed(desk):
    desk.goto(desk.address + address(Partnership, "add"))
    started, echo = desk.locator("#id_started"), desk.locator("#id_started_understood")
    started.press_sequentially("5/2015")
    expect(echo).to_have_text("Understood: May 2015 (2015-05)")
    expect(echo).to_have_attribute("role", "status")
    started.fill("3/4/2015")
    expect(echo).to_contain_text("could be two days")
    assert not desk.complaints

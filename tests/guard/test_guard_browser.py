"""The door in a real browser: from the password over the square and its code to the desk, by policy and by axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.guard.conftest import PASSWORD, code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_superuser_sets_up_a_second_factor_at_the_first_login(live_server, registry, person, page):
    user = person("superuser", "first")
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)

    def judge():
        said = list(complaints)  # before axe, whose own styles the policy refuses
        found = Axe().run(page).response["violations"]
        assert not said + [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
        complaints.clear()

    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    judge()
    page.get_by_label("Code:").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("not the right one")).to_be_visible()
    judge()
    page.wait_for_function("begun => Date.now() > begun + 1500", arg=page.evaluate("Date.now()"))
    page.get_by_label("Code:").fill(code(user))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    judge()
    page.get_by_role("link", name="go on").click()
    expect(page.get_by_role("link", name="Second factor")).to_be_visible()

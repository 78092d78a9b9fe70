"""The pages that look across, in a real browser: no complaint from policy or axe, and the key that leads to search."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PAGES = [
    "/search/",
    "/search/?q=japan",
    "/search/?q=Hyogp",
    "/search/?q=a&q=b",
    "/ja/search/?q=兵庫",
    "/partnerships/crosstab/?rows=sector&columns=european_country",
    "/partnerships/crosstab/?rows=nonsense&columns=stage",
    "/de/organisations/crosstab/",
    "/data-dictionary/",
    "/fr/api/",
    "/organisations/jetro/",
]
COLOURED = ["/search/?q=japan", "/partnerships/crosstab/?rows=sector&columns=european_country", "/fr/api/"]
LOOKS = {
    "light": ({"width": 1280, "height": 900}, "light", PAGES),
    "dark": ({"width": 1280, "height": 900}, "dark", COLOURED),
    "narrow": ({"width": 320, "height": 640}, "light", [*COLOURED, "/data-dictionary/"]),
}


@pytest.mark.parametrize("look", LOOKS)
def test_policy_and_axe_have_nothing_to_say(site, look):
    size, scheme, paths = LOOKS[look]
    site.set_viewport_size(size)
    site.emulate_media(color_scheme=scheme)
    found = {}
    for path in paths:
        site.goto(site.address + path)
        # The browser itself notes an answer of 400, which is what is asked for here.
        said = [text for text in site.complaints if "the server responded with a status of 400" not in text]
        said += [
            f"{problem['id']}: {node['html'][:200]}"
            for problem in Axe().run(site).response["violations"]
            for node in problem["nodes"][:4]
        ]
        wide = site.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found |= {path: said + ["wider than the window"] * wide} if said or wide else {}
        site.complaints.clear()
    assert not found, "\n".join(line for path, lines in found.items() for line in (path, *lines))


def test_the_slash_leads_to_the_search_box_until_it_is_switched_off(site):
    box, switch = site.locator("#site-q"), site.locator("[data-slash-switch]")
    site.goto(f"{site.address}/search/")
    site.locator("h1").click()
    site.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    site.keyboard.type("a/b")
    expect(box).to_have_value("a/b")
    switch.click()
    site.goto(f"{site.address}/partnerships/")
    site.keyboard.press("/")
    expect(box).not_to_be_focused()
    site.goto(f"{site.address}/search/")
    switch.click()
    site.keyboard.press("/")
    expect(box).to_be_focused()
    assert not site.complaints


def test_a_search_goes_from_a_slip_to_a_record_by_keyboard_alone(site):
    site.goto(f"{site.address}/partnerships/")
    site.keyboard.press("/")
    site.keyboard.type("Hyogp")
    site.keyboard.press("Enter")
    site.wait_for_url("**/search/?q=Hyogp")
    site.get_by_role("link", name="Hyogo", exact=True).focus()
    site.keyboard.press("Enter")
    site.wait_for_url("**/search/?q=Hyogo")
    first = site.locator(".search-hits a").first
    expect(first.locator("mark")).to_have_text("Hyogo")
    first.focus()
    site.keyboard.press("Enter")
    site.wait_for_url("**/regions/JP-28/")
    assert not site.complaints


def test_a_crosstab_is_chosen_and_followed_without_script(browser, registry, served):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{served}/partnerships/crosstab/?partner_country=JP")
    page.get_by_label("Rows").select_option("stage")
    page.get_by_label("Columns").select_option("european_country")
    page.get_by_role("button", name="Count").click()
    cell = page.locator("table.crosstab tbody td a").first
    count = cell.inner_text()
    cell.click()
    assert "partner_country=JP" in page.url
    expect(page.locator("body")).to_contain_text(f"{count} partnership")
    page.context.close()

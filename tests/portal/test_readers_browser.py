"""The readers' main job in a real browser: find, narrow, read, take away; by keyboard, and without scripts."""

import csv
import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

#: One of every kind of page.
PAGES = [
    "/",
    "/partnerships/?country=DE&q=kobe",
    "/partnerships/?stage=nonsense&as_of=soon",
    "/partnerships/?stage=dormant&country=GB",
    "/agreements/?as_of=2018-12-01",
    "/observations/",
    "/partnerships/life-science-nord-kobe/",
    "/organisations/bioxclusters-plus/",
    "/agreements/france-japan-technical-textiles-moc-2018/",
    "/programmes/jetro-rit/",
    "/participations/escp-4i-second-generation-eu-textile-2030/",
    "/activities/eu-textile-2030-event-2019/",
    "/indicators/pharmaceutical-import-share-jp/",
    "/observations/pharmaceutical-import-share-jp.2013/",
    "/measures/feed-in-tariff-jp/",
    "/sectors/health/",
    "/countries/JP/",
    "/regions/JP-28/",
    "/sources/eccp-japan-2018/",
    "/citations/?rank=rejected",
    "/about/",
    "/about/accessibility/",
    "/no-such-page/",
    "/ja/partnerships/?country=DE",
    "/de/agreements/",
]
LOOKS = {
    "light": ({"width": 1280, "height": 900}, "light", PAGES),
    "dark": ({"width": 1280, "height": 900}, "dark", PAGES[:12]),
    "narrow": ({"width": 360, "height": 740}, "light", PAGES[:12]),
}
NOTED_BY_THE_BROWSER = "the server responded with a status of 4"  # an answer of 400 or 404 is what is asked for


@pytest.mark.parametrize("look", LOOKS)
def test_neither_policy_nor_axe_has_anything_to_say_of_any_kind_of_page(site, look):
    size, scheme, paths = LOOKS[look]
    site.set_viewport_size(size)
    site.emulate_media(color_scheme=scheme)
    found = {}
    for path in paths:
        site.goto(site.address + path)
        said = [text for text in site.complaints if NOTED_BY_THE_BROWSER not in text]
        said += [
            f"{problem['id']}: {node['html'][:200]}"
            for problem in Axe().run(site).response["violations"]
            for node in problem["nodes"][:4]
        ]
        if site.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            said.append("wider than the window")
        found |= {path: said} if said else {}
        site.complaints.clear()
    assert not found, "\n".join(line for path, lines in found.items() for line in (path, *lines))


def travel(site: Page, way: str) -> None:
    """Press the browser's back or forward button.

    From a timer: by the time the page leaves, the call that asked for it has returned. (Playwright's own
    ``go_back`` waits for a load, which a page restored whole never has.)
    """
    site.evaluate("way => { setTimeout(() => history[way]()) }", way)


def test_filter_chip_sort_download_and_back(site: Page):
    site.goto(f"{site.address}/partnerships/?programme=jetro-rit")
    heading = site.locator("#sentence")
    expect(heading).to_contain_text("8 partnerships")
    site.locator("input[name=country][value=DE]").check()
    expect(heading).to_contain_text("5 partnerships with Germany")
    assert "country=DE" in site.url
    expect(site.locator("tbody tr")).to_have_count(5)
    with site.expect_download() as waiting:
        site.get_by_role("link", name="CSV").click()
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == 5
    site.locator("thead a", has_text="Started").click()
    sorted_column = site.locator("th[aria-sort=ascending]")
    expect(sorted_column).to_contain_text("Started")
    travel(site, "back")
    # The sentence is the same before and after this step: only the order tells that the browser has arrived.
    expect(sorted_column).to_contain_text("Partnership")
    expect(heading).to_contain_text("5 partnerships with Germany")
    travel(site, "back")
    expect(heading).to_contain_text("8 partnerships")
    expect(site.locator("input[name=country][value=DE]")).not_to_be_checked()
    travel(site, "forward")
    expect(heading).to_contain_text("5 partnerships")
    site.locator(".chip", has_text="Germany").click()
    expect(heading).to_contain_text("8 partnerships")
    assert not site.complaints


def test_search_read_the_evidence_and_change_the_language(site: Page):
    site.goto(site.address)
    site.locator("#site-q").fill("兵庫")
    site.locator("#site-q").press("Enter")
    site.get_by_role("link", name="Hyogo").first.click()
    expect(site.locator("h1")).to_contain_text("Hyogo")
    site.goto(f"{site.address}/partnerships/life-science-nord-kobe/")
    expect(site.locator("main")).to_contain_text("Sources disagree")
    site.locator("a[href='#source-1']").first.click()
    expect(site.locator("#source-1")).to_be_in_viewport()
    site.get_by_role("link", name="日本語").click()
    expect(site.locator("html")).to_have_attribute("lang", "ja")
    assert site.url.endswith("/ja/partnerships/life-science-nord-kobe/")
    assert not site.complaints


def test_the_main_job_by_keyboard_alone(site: Page):
    """Open the list, narrow it, open a record, take the table away: with Tab, Space and Enter."""
    site.goto(f"{site.address}/partnerships/")
    site.keyboard.press("Tab")
    expect(site.locator(":focus")).to_have_attribute("href", "#main")
    site.keyboard.press("Enter")

    def tab_to(selector: str, most: int = 120) -> None:
        for _key in range(most):
            site.keyboard.press("Tab")
            if site.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"no way to {selector} by keyboard")

    tab_to("input[name=country][value=DE]")
    site.keyboard.press("Space")
    expect(site.locator("#results")).to_contain_text("9 partnerships with Germany")
    expect(site.locator("input[name=country][value=DE]")).to_be_focused()
    tab_to("a[href^='/partnerships.csv']", 400)
    with site.expect_download() as waiting:
        site.keyboard.press("Enter")
    assert waiting.value.suggested_filename.startswith("partnerships-")
    tab_to("tbody a", 400)
    site.keyboard.press("Enter")
    expect(site.locator("h1")).not_to_have_text("Partnerships")


@pytest.mark.parametrize("browser_context_args", [{"java_script_enabled": False}], ids=["no scripts"])
def test_the_main_job_without_scripts(site: Page, browser_context_args):
    site.goto(f"{site.address}/partnerships/")
    site.locator("input[name=country][value=FR]").check()
    site.get_by_role("button", name="Show").first.click()
    expect(site.locator("#results")).to_contain_text("9 partnerships with France")
    site.locator("input[name=as_of]").fill("2015-01-01")
    site.get_by_role("button", name="Show").first.click()
    expect(site.locator("#results")).to_contain_text("as of 1 January 2015")
    site.locator("tbody a").first.click()
    expect(site.locator("main")).to_contain_text("Sources")

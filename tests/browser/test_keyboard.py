"""Whole journeys without mouse or finger, in English: a planner’s, a writer’s, an import and a client’s decisions."""

import re

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.test_client_journey import open_link, seeded
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.enable_socket]
TABLET = Look(width=768, height=1024, dark=True, language="en-GB")
SMALL = Look(width=390, height=844, dark=True, language="en-GB")
MOST_STOPS = 150
IS_HERE = "node => node === document.activeElement"
PLAN = FilePayload(
    name="december.csv",
    mimeType="text/csv",
    buffer=b"date,time,title,text,channels\n2098-12-01,09:30,Late harvest,The last grapes.,Valdoro su Mastodon\n",
)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the keyboard stands there; a place that it does not reach fails."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate(IS_HERE):
            return
    pytest.fail(f"{MOST_STOPS} stops of the keyboard do not reach {wanted}")


def test_a_planner_filters_opens_moves_and_takes_back(site: Site, open_as: OpenAs) -> None:
    seed = site.seed("movable", language="en")
    page = open_as(seed["mara"], TABLET)
    page.goto(f"/b/{seed['brand']}/calendar/{seed['year']}/{seed['month']}/")
    tab_to(page, page.locator(".pills a[href*='state=draft'], .sift a[href*='state=draft']").first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?state=draft"))
    chip = page.locator(f"a.chip[data-post='{seed['posts']['draft']}']:visible")
    expect(page.locator("a.chip:visible")).to_have_count(1)
    tab_to(page, chip)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] #post-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chip).to_be_focused()
    for key in ("m", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".toast")).to_contain_text("Moved to")
    expect(page.locator(f"td[data-day='{seed['days']['approved']}'] a.chip")).to_be_focused()
    assert_accessible(page)
    shot(page, "keyboard-moved")
    tab_to(page, page.locator(".toast button"))
    page.keyboard.press("Enter")
    expect(page.locator(f"td[data-day='{seed['days']['draft']}'] a.chip")).to_have_count(1)


def test_a_post_is_written_and_a_plan_brought_in(site: Site, open_as: OpenAs) -> None:
    seed = site.seed("movable", language="en")
    page = open_as(seed["mara"], SMALL)
    page.goto(f"/b/{seed['brand']}/posts/new/")
    for field, text in (("#id_title", "The pruning"), ("#id_text", "It begins in the upper vineyard.")):
        tab_to(page, page.locator(field))
        page.keyboard.type(text)
    expect(page.locator("[data-save-state]")).to_contain_text("Saved at")
    tab_to(page, page.locator('#live button[value="save"]'))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("The pruning")

    # asked for before the key: what is pressed may overtake the wish to hear of it
    page.on("filechooser", lambda _chooser: None)
    page.goto(f"/b/{seed['brand']}/import/")
    tab_to(page, page.locator("#file"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(PLAN)
    tab_to(page, page.locator("main form button.primary"))
    page.keyboard.press("Enter")
    expect(page.locator("tr.is-new")).to_have_count(1)
    tab_to(page, page.locator("form[action$='/bring-in/'] button"))
    page.keyboard.press("Enter")
    expect(page.locator("#coming")).to_be_visible()


def test_a_client_approves_and_asks_for_changes(site: Site, open_as: OpenAs) -> None:
    made = seeded(site, count_of=2, decided=0, language="en")
    page = open_as(None, SMALL)
    open_link(page, made)
    first, second = (page.locator("article.deck").nth(number) for number in (0, 1))
    tab_to(page, first.locator("button[value=approve]"))
    page.keyboard.press("Enter")
    expect(first.locator(".badge").first).to_contain_text("Approved")
    tab_to(page, second.locator("summary.btn").first)
    page.keyboard.press("Enter")
    tab_to(page, second.locator("details[open] textarea"))
    page.keyboard.type("Please leave out the supplier’s name")
    tab_to(page, second.locator("details[open] button"))
    page.keyboard.press("Enter")
    expect(second.locator(".badge").first).to_contain_text("Changes requested")
    assert_accessible(page)
    shot(page, "keyboard-client", full=True)

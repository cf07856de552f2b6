"""The planner’s pages as people meet them: by eye, by keyboard, without script, on paper."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def plan(site: Site, request: pytest.FixtureRequest) -> dict[str, Any]:
    """One planned month for all the looks of this module."""
    return site.seed("plan")


def month_address(plan: dict[str, Any]) -> str:
    """Return the address of the month in whose middle the brand stands."""
    year, month = plan["month"]
    return f"/b/{plan['brand']}/calendar/{year}/{month}/"


def month_of(page: Page, plan: dict[str, Any]) -> None:
    page.goto(month_address(plan))


def test_a_chip_opens_the_drawer_and_the_keyboard_comes_back_to_it(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"])
    month_of(page, plan)
    chip = page.locator(f'.month a.chip[data-post="{plan["posts"]["soon"]}"]')
    chip.focus()
    page.keyboard.press("Enter")
    drawer = page.locator("dialog[open]")
    expect(drawer.locator("#post-title")).to_be_focused()
    assert_accessible(page)
    shot(page, "drawer-1440-light")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(chip).to_be_focused()


def test_on_a_phone_the_drawer_fills_the_screen(plan: dict[str, Any], open_as: OpenAs) -> None:
    look = LOOKS[2]
    page = open_as(plan["mara"], look)
    month_of(page, plan)
    page.locator(".agenda a.chip").first.tap()
    box = page.locator("dialog[open]").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (look.width, look.height)
    assert_accessible(page)


def test_the_menu_of_the_phone_opens_and_closes(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"], LOOKS[2])
    month_of(page, plan)
    page.locator('.tabbar a[href="#menu"]').tap()
    expect(page.locator("#menu")).to_be_visible()
    assert_accessible(page)
    page.locator(".side-close").tap()
    expect(page.locator("#menu")).to_be_hidden()


def test_the_theme_is_kept(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"])
    page.goto("/")
    page.locator("[data-theme-toggle]").click()
    page.goto("/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_first_stop_of_the_keyboard_leads_to_the_content(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"])
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_without_script_a_post_is_opened_and_moved(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"], java_script_enabled=False)
    month_of(page, plan)
    page.locator(f'.month a.chip[data-post="{plan["posts"]["draft"]}"]').click()
    page.wait_for_url(f"**/posts/{plan['posts']['draft']}/")
    page.locator('a[href$="/move/"]').click()
    page.locator("#id_at").fill("20:15")
    page.locator("main form button.primary").click()
    page.wait_for_url(f"**/posts/{plan['posts']['draft']}/")
    expect(page.locator(".kv time").first).to_contain_text("20:15")


def test_the_month_is_one_sheet_of_paper_with_every_post(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"])
    month_of(page, plan)
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_contain_text("Cantina Valdoro")
    expect(page.locator(".legend")).to_be_visible()
    expect(page.locator(".side")).to_be_hidden()
    shot(page, "month-print")


def test_views_keep_what_is_filtered_and_the_way_back_works(plan: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(plan["mara"])
    page.goto(f"{month_address(plan)}?state=published&kind=informational")
    views = page.get_by_role("navigation", name="Vista")
    views.get_by_role("link", name="Agenda").click()
    expect(page).to_have_url(re.compile(r"/agenda/\d+/\d+/\?state=published&kind=informational$"))
    expect(views.locator("[aria-current]")).to_have_text("Agenda")
    page.go_back()
    expect(views.locator("[aria-current]")).to_have_text("Mese")
    page.get_by_role("searchbox", name="Cerca nei post").fill("calice")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=calice$"))
    expect(page.locator(".chip").first).to_be_visible()

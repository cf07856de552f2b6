"""A whole month in front of a client on the phone: light to open, one sheet on paper, few taps to decide."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.test_client_journey import PHONE, open_link, seeded
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
MOST_BYTES = 600_000
PAPER = Look(width=1062, height=733)


def bytes_of(page: Page) -> int:
    """Return what the page has transferred so far: itself and what it asked for."""
    found = page.evaluate(
        "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
        ".reduce((sum, one) => sum + one.transferSize, 0)"
    )
    return int(found)


def sheets_of(page: Page) -> int:
    """Return how many sheets the page takes on paper."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_sixty_posts_are_light_to_open_fit_one_sheet_and_are_decided_by_as_many_taps_as_there_are(
    site: Site, open_as: OpenAs
) -> None:
    made = seeded(site, count_of=60, decided=0, in_a_month=True)
    paper = open_as(None, PAPER)
    open_link(paper, made)
    paper.goto(paper.url + "month/")
    assert paper.locator(".entry").count() == 60
    assert_accessible(paper)
    assert sheets_of(paper) == 1
    paper.emulate_media(media="print")
    shot(paper, "client-month-paper", full=True)
    cut = "nodes => nodes.filter(one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight).length"
    assert paper.eval_on_selector_all(".entry", cut) == 0

    phone = open_as(None, PHONE)
    open_link(phone, made)
    phone.wait_for_load_state("networkidle")
    assert bytes_of(phone) < MOST_BYTES
    for decided in range(1, 21):
        phone.locator("button[value=approve]").first.tap()
        expect(phone.locator("#tally .big span")).to_have_text(str(decided))
    expect(phone.locator("#bar")).to_contain_text("40")

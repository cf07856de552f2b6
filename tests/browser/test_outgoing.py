"""What goes out, as people meet it on a bad day: on a laptop in the dark and on a phone, by keyboard, without script."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
LOOKS = [Look(dark=True), Look(width=390, height=844)]


@pytest.fixture(scope="module")
def day(site: Site) -> dict[str, Any]:
    """One bad day for this module."""
    return site.seed("troubles")


def addresses(day: dict[str, Any]) -> dict[str, str]:
    brand = day["brand"]
    return {
        "outgoing": f"/b/{brand}/outgoing/",
        "outgoing-all": "/outgoing/",
        "outgoing-gone": f"/b/{brand}/outgoing/?state=gone",
        "missed": f"/b/{brand}/missed/",
        "stops": f"/b/{brand}/stops/",
        "post-stop": f"/posts/of/{day['key']}/stop/",
    }


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_of_a_bad_day_is_for_everybody(day: dict[str, Any], open_as: OpenAs, look: Look) -> None:
    page = open_as(day["mara"], look)
    for name, address in addresses(day).items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert_accessible(page)
        shot(page, f"{name}-{look}", full=True)


def test_a_doubt_is_settled_and_a_post_stopped_without_script(day: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(day["mara"], Look(width=390, height=844), java_script_enabled=False)
    page.goto(addresses(day)["post-stop"])
    page.get_by_label("Perché").fill("La foto è sbagliata.")
    page.get_by_role("button", name="Ferma adesso").click()
    expect(page.get_by_text("«La foto è sbagliata.»")).to_be_visible()
    page.get_by_role("button", name="Lascia ripartire").click()
    expect(page.get_by_text("«La foto è sbagliata.»")).to_have_count(0)
    page.goto(addresses(day)["outgoing"])
    page.get_by_role("button", name="È questo").first.click()
    expect(page.locator("#list-unknown")).to_have_count(0)

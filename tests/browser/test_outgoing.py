"""What goes out, as people meet it on a bad day: on a phone, without script."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def day(site: Site) -> dict[str, Any]:
    """One bad day for this module."""
    return site.seed("troubles")


def test_a_doubt_is_settled_and_a_post_stopped_without_script(day: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(day["mara"], Look(width=390, height=844), java_script_enabled=False)
    page.goto(f"/posts/of/{day['key']}/stop/")
    page.get_by_label("Perché").fill("La foto è sbagliata.")
    page.get_by_role("button", name="Ferma adesso").click()
    expect(page.get_by_text("«La foto è sbagliata.»")).to_be_visible()
    page.get_by_role("button", name="Lascia ripartire").click()
    expect(page.get_by_text("«La foto è sbagliata.»")).to_have_count(0)
    page.goto(f"/b/{day['brand']}/outgoing/")
    page.get_by_role("button", name="È questo").first.click()
    expect(page.locator("#list-unknown")).to_have_count(0)

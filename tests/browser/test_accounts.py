"""Signing in, people and roles, and the book of who did what, in a browser."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.enable_socket, pytest.mark.slow]


@pytest.fixture(scope="module")
def house(site: Site) -> dict[str, Any]:
    return site.seed("house", client="Giulia Ferri")


def test_what_may_be_done_with_a_person_is_readable_by_everybody(open_as: OpenAs, house: dict[str, Any]) -> None:
    page = open_as(house["mara"], Look(width=320, height=640, dark=True))
    page.goto(f"/b/{house['brand']}/people/")
    page.locator("summary", has_text="Giulia").first.click()
    assert_accessible(page)
    shot(page, "accounts-people-open", full=True)


def test_somebody_signs_in_and_out_and_a_wrong_password_keeps_the_address(
    open_as: OpenAs, house: dict[str, Any]
) -> None:
    page = open_as()
    page.goto(f"/b/{house['brand']}/people/")
    page.get_by_label("E-mail").fill(house["ed"]["email"])
    page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
    page.get_by_role("button", name="Accedi").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(house["ed"]["email"])
    assert_accessible(page)
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Accedi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Persone e ruoli")
    page.get_by_role("button", name="Esci").click()
    page.goto(f"/b/{house['brand']}/people/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Accedi")

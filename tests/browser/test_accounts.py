"""Signing in, people and roles, and the book of who did what, in a browser."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.enable_socket, pytest.mark.slow]
OUTSIDE = {
    "sign-in": "/accounts/login/",
    "reset": "/accounts/password/reset/",
    "reset-sent": "/accounts/password/reset/done/",
    "closed": "/r/nothing",
    "again": "/k/00000000-0000-4000-8000-000000000000/",
}


@pytest.fixture(scope="module")
def house(site: Site) -> dict[str, Any]:
    return site.seed("house", client="Giulia Ferri")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_before_the_door_are_for_everybody(open_as: OpenAs, house: dict[str, Any], look: Look) -> None:
    page = open_as(None, look)
    page.watch.expect("404", "403")  # type: ignore[attr-defined]  # open_as puts it there
    for name, address in OUTSIDE.items():
        page.goto(address)
        assert_accessible(page)
        shot(page, f"accounts-{name}-{look}")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("look", [*LOOKS, Look(width=320, height=640)], ids=str)
def test_people_profile_and_book_are_for_everybody(open_as: OpenAs, house: dict[str, Any], look: Look) -> None:
    page = open_as(house["mara"], look)
    for name in ("people", "audit"):
        page.goto(f"/b/{house['brand']}/{name}/")
        if name == "people":
            page.locator("summary", has_text="Giulia").first.click()
        assert_accessible(page)
        shot(page, f"accounts-{name}-{look}", full=True)
    page.goto("/profile/")
    assert_accessible(page)
    shot(page, f"accounts-profile-{look}")


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

"""Posts move by mouse, by finger and by keyboard; what cannot be, or what costs an approval, is said before."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.enable_socket]

PHONE = Look(width=390, height=844)


def at(page: Page, seed: dict[str, Any]) -> None:
    page.goto(f"/b/{seed['brand']}/calendar/{seed['year']}/{seed['month']}/")


def cell(page: Page, on: str) -> Locator:
    return page.locator(f"td[data-day='{on}']")


def chip(page: Page, seed: dict[str, Any], name: str) -> Locator:
    return page.locator(f"a.chip[data-post='{seed['posts'][name]}']:visible")


def drag(page: Page, what: Locator, to: Locator) -> None:
    start, end = what.bounding_box(), to.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 30, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 45, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=6)


def test_by_mouse_with_undo_and_not_into_the_past_and_not_what_is_out(site: Site, open_as: OpenAs) -> None:
    seed = site.seed("movable")
    page = open_as(seed["mara"])
    at(page, seed)
    drag(page, chip(page, seed, "draft"), cell(page, seed["days"]["later"]))
    expect(cell(page, seed["days"]["later"])).to_have_class(re.compile("target"))
    page.mouse.up()
    expect(cell(page, seed["days"]["later"]).locator("a.chip")).to_have_attribute("data-post", str(seed["posts"]["draft"]))
    expect(page.locator(".toast")).to_contain_text("Spostato a")
    page.locator(".toast button").click()
    expect(cell(page, seed["days"]["draft"]).locator("a.chip")).to_have_count(2)

    midnight = cell(page, seed["days"]["later"])
    midnight.evaluate("cell => cell.setAttribute('data-past', '')")
    drag(page, chip(page, seed, "draft"), midnight)
    expect(midnight).to_have_class(re.compile("barred"))
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(midnight).not_to_have_class(re.compile("barred"))
    drag(page, chip(page, seed, "published"), cell(page, seed["days"]["later"]))
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text("già uscito")
    expect(cell(page, seed["days"]["later"]).locator("a.chip")).to_have_count(0)


def test_by_keyboard_and_an_approval_that_would_end_is_asked_about_before(site: Site, open_as: OpenAs) -> None:
    seed = site.seed("movable")
    page = open_as(seed["mara"])
    at(page, seed)
    chip(page, seed, "approved").focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    question = page.locator("dialog[data-moving-ask][open]")
    expect(question).to_contain_text("non vale più")
    page.keyboard.press("Escape")
    expect(cell(page, seed["days"]["approved"]).locator("a.chip")).to_have_count(1)

    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("L’approvazione resta valida")
    moved = cell(page, seed["days"]["day_after"]).locator("a.chip")
    expect(moved).to_be_focused()
    assert "st-prog" in (moved.get_attribute("class") or "")


def test_by_finger_on_a_phone_after_holding_still(site: Site, open_as: OpenAs) -> None:
    seed = site.seed("movable")
    page = open_as(seed["mara"], PHONE)
    at(page, seed)
    moving, target = chip(page, seed, "draft"), page.locator(f"section[data-day='{seed['days']['approved']}']")
    moving.scroll_into_view_if_needed()
    start, end = moving.bounding_box(), target.bounding_box()
    assert start
    assert end
    session = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    page.evaluate("addEventListener('touchmove', event => { document.body.dataset.held = event.defaultPrevented; })")
    touch("touchStart", start["x"] + 60, start["y"] + 20)
    for part in range(1, 4):
        touch("touchMove", start["x"] + 60, start["y"] + 20 + 15 * part)
    touch("touchEnd", 0, 0)
    expect(page.locator("body")).to_have_attribute("data-held", "false")  # a finger that moves at once scrolls
    expect(page.locator(".ghost")).to_have_count(0)

    touch("touchStart", start["x"] + 60, start["y"] + 20)
    page.wait_for_timeout(450)
    for part in (0.3, 0.7, 1.0):
        touch("touchMove", start["x"] + 60, start["y"] + 20 + part * (end["y"] - start["y"]))
    expect(page.locator("body")).to_have_attribute("data-held", "true")
    touch("touchEnd", 0, 0)
    expect(page.locator(".toast")).to_contain_text("Spostato a")
    expect(target.locator("a.chip")).to_have_count(2)


def test_who_looks_at_a_stale_page_is_told_and_nothing_moves(site: Site, open_as: OpenAs) -> None:
    seed = site.seed("movable")
    page, other = open_as(seed["mara"]), open_as(seed["mara"])
    at(page, seed)
    at(other, seed)
    drag(other, chip(other, seed, "draft"), cell(other, seed["days"]["later"]))
    other.mouse.up()
    expect(other.locator(".toast")).to_contain_text("Spostato a")

    drag(page, chip(page, seed, "draft"), cell(page, seed["days"]["day_after"]))
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text("un collega ha cambiato questo post")
    expect(cell(page, seed["days"]["later"]).locator("a.chip")).to_have_attribute("data-post", str(seed["posts"]["draft"]))

"""Writing a post in a browser: pictures go up at once, lengths are counted while typing, nothing is lost."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def picture(colour: str) -> dict[str, Any]:
    """Return a picture as a person picks it from a folder."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return {"name": f"foto-{colour}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.fixture(scope="module")
def plan(site: Site) -> dict[str, Any]:
    """A brand with two channels and one post."""
    return site.seed("plan", most=1)


def desk(open_as: OpenAs, plan: dict[str, Any]) -> Page:
    page = open_as(plan["mara"])
    page.goto(f"/b/{plan['brand']}/posts/new/")
    return page


def test_a_post_is_written_with_pictures_in_order_and_kept_as_a_draft(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.locator("#id_title").fill("La potatura")
    page.locator("#id_text").fill("Si comincia dalla vigna alta.")
    page.locator("input[type=file]").set_input_files([picture("red"), picture("blue")])
    pictures = page.locator("[data-picture]")
    expect(pictures).to_have_count(2)
    pictures.nth(1).locator("textarea").fill("Un cielo blu")
    page.locator('button[name="arrange"][value$=":down"]').first.click()
    expect(pictures.nth(0).locator("textarea")).to_have_value("Un cielo blu")
    page.locator("[data-picture] img").first.evaluate("image => image.decode()")
    page.locator(f"#channel-{plan['channels'][0]}").check()
    expect(page.locator("#live .num")).to_contain_text("29 / 500")
    assert_accessible(page)
    shot(page, "composer-filled", full=True)
    page.locator('#live button[value="save"]').click()
    page.wait_for_url("**/posts/*/")
    expect(page.locator("h1")).to_have_text("La potatura")
    expect(page.locator(".preview img.media").first).to_have_attribute("alt", "Un cielo blu")


def test_the_length_is_counted_while_typing_and_blocks_sending_with_the_number(
    open_as: OpenAs, plan: dict[str, Any]
) -> None:
    page = desk(open_as, plan)
    page.locator(f"#channel-{plan['channels'][0]}").check()
    page.locator("#id_text").fill("x" * 512)
    expect(page.locator("#live .limit.over .num")).to_contain_text("12")
    send = page.locator('#live button[value="send"]')
    expect(send).to_have_attribute("aria-disabled", "true")
    send.click(force=True)  # it says itself that it is disabled
    assert page.url.endswith("/posts/new/")
    page.locator("#id_text").fill("x" * 500)
    expect(page.locator("#live .limit.over")).to_have_count(0)
    expect(send).not_to_have_attribute("aria-disabled", "true")
    page.locator("#id_text").fill("")


def test_a_text_of_its_own_starts_from_the_common_one(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.locator("#id_text").fill("Il testo di tutti")
    key = plan["channels"][0]
    page.locator(f"#channel-{key}").check()
    page.locator(f'[name="c{key}-own"]').check()
    own = page.locator(f'[name="c{key}-text"]')
    expect(own).to_be_visible()
    expect(own).to_have_value("Il testo di tutti")
    expect(page.locator(f'[name="c{plan["channels"][1]}-text"]')).to_be_hidden()
    assert_accessible(page)


def test_errors_come_back_with_everything_typed_and_the_summary_in_focus(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.watch.expect("422")  # type: ignore[attr-defined]  # the fixture hangs it on
    page.locator("#id_text").fill("Un testo che resta")
    page.locator("input[type=file]").set_input_files([picture("green")])
    expect(page.locator("[data-picture]")).to_have_count(1)
    page.locator('#live button[value="save"]').click()
    expect(page.locator("[data-summary]")).to_be_focused()
    expect(page.locator("#id_title")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_text")).to_have_value("Un testo che resta")
    expect(page.locator("[data-picture]")).to_have_count(1)
    assert_accessible(page)


def test_what_is_no_picture_is_refused_in_words_beside_the_button(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.watch.expect("422")  # type: ignore[attr-defined]  # the fixture hangs it on
    page.locator("input[type=file]").set_input_files(
        [{"name": "disegno.jpg", "mimeType": "image/jpeg", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}]
    )
    expect(page.locator("[data-upload-state] .problem")).to_contain_text("disegno.jpg")
    expect(page.locator("[data-picture]")).to_have_count(0)


def test_two_people_at_once_lose_nothing(open_as: OpenAs, plan: dict[str, Any]) -> None:
    mine, theirs = desk(open_as, plan), open_as(plan["ed"])
    mine.locator("#id_title").fill("A quattro mani")
    mine.locator("#id_text").fill("Prima stesura")
    mine.locator('#live button[value="save"]').click()
    mine.wait_for_url("**/posts/*/")
    address = mine.url + "edit/"
    mine.goto(address)
    theirs.goto(address)
    theirs.locator("#id_text").fill("La frase di Ed")
    theirs.locator('#live button[value="save"]').click()
    theirs.wait_for_url("**/posts/*/")
    mine.watch.expect("422")  # type: ignore[attr-defined]  # the fixture hangs it on
    mine.locator("#id_text").fill("La frase di Mara")
    mine.locator('#live button[value="save"]').click()
    expect(mine.locator("[data-summary]")).to_contain_text("La frase di Ed")
    expect(mine.locator("#id_text")).to_have_value("La frase di Mara")
    mine.locator('#live button[value="save"]').click()
    mine.wait_for_url("**/posts/*/")
    expect(mine.locator(".post-body")).to_be_visible()

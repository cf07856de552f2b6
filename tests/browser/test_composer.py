"""Writing a post in a browser: pictures go up at once, lengths are counted while typing, nothing is lost."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

WRITTEN = re.compile(r"/posts/\d+/$")
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


def desk(open_as: OpenAs, plan: dict[str, Any], look: Look | None = None) -> Page:
    page = open_as(plan["mara"], look)
    page.goto(f"/b/{plan['brand']}/posts/new/")
    return page


def test_a_post_is_written_with_pictures_in_order_and_kept_as_a_draft(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.locator("#id_title").fill("La potatura")
    page.locator("#id_text").fill("Si comincia dalla vigna alta.")
    page.locator("#pictures input[type=file]").set_input_files([picture("red"), picture("blue")])
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
    page.wait_for_url(WRITTEN)
    expect(page.locator("h1")).to_have_text("La potatura")
    expect(page.locator(".preview img.media").first).to_have_attribute("alt", "Un cielo blu")


def test_the_length_is_counted_while_typing_and_blocks_sending_with_the_number(
    open_as: OpenAs, plan: dict[str, Any]
) -> None:
    page = desk(open_as, plan, Look(width=768, height=1024, dark=True))
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
    page = desk(open_as, plan, Look(width=390, height=844, dark=True))
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
    page = desk(open_as, plan, Look(width=320, height=640))
    page.watch.expect("422")  # type: ignore[attr-defined]  # the fixture hangs it on
    page.locator("#id_text").fill("Un testo che resta")
    page.locator("#pictures input[type=file]").set_input_files([picture("green")])
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
    page.locator("#pictures input[type=file]").set_input_files(
        [{"name": "disegno.jpg", "mimeType": "image/jpeg", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}]
    )
    expect(page.locator("[data-upload-state] .problem")).to_contain_text("disegno.jpg")
    expect(page.locator("[data-picture]")).to_have_count(0)


def test_a_button_that_is_pressed_while_the_counts_arrive_hears_of_its_click(
    open_as: OpenAs, plan: dict[str, Any]
) -> None:
    page = desk(open_as, plan)
    page.locator("#id_title").fill("Premuto a lungo")
    save = page.locator('#live button[value="save"]')
    save.hover()
    page.mouse.down()
    with page.expect_response("**/lengths/**"):
        page.evaluate("document.querySelector('#id_text').dispatchEvent(new Event('input', { bubbles: true }))")
    page.wait_for_timeout(100)
    page.mouse.up()
    page.wait_for_url(WRITTEN)


def test_two_people_at_once_lose_nothing(open_as: OpenAs, plan: dict[str, Any]) -> None:
    mine, theirs = desk(open_as, plan), open_as(plan["ed"])
    mine.locator("#id_title").fill("A quattro mani")
    mine.locator("#id_text").fill("Prima stesura")
    mine.locator('#live button[value="save"]').click()
    mine.wait_for_url(WRITTEN)
    address = mine.url + "edit/"
    mine.goto(address)
    theirs.goto(address)
    theirs.locator("#id_text").fill("La frase di Ed")
    theirs.locator('#live button[value="save"]').click()
    theirs.wait_for_url(WRITTEN)
    mine.watch.expect("422")  # type: ignore[attr-defined]  # the fixture hangs it on
    mine.locator("#id_text").fill("La frase di Mara")
    mine.locator('#live button[value="save"]').click()
    expect(mine.locator("[data-summary]")).to_contain_text("La frase di Ed")
    expect(mine.locator('[name="take-text"][value="mine"]')).to_be_checked()
    assert_accessible(mine)
    shot(mine, "composer-two-people", full=True)
    expect(mine.locator("#id_text")).to_have_value("La frase di Mara")
    mine.locator('#live button[value="save"]').click()
    mine.wait_for_url(WRITTEN)
    expect(mine.locator(".post-body")).to_be_visible()


def test_what_is_typed_is_kept_on_its_own_and_comes_back_after_the_session_ended(
    open_as: OpenAs, plan: dict[str, Any]
) -> None:
    page = desk(open_as, plan)
    state = page.locator("[data-save-state]")
    page.locator("#id_title").fill("Il filo che non si perde")
    page.locator("#id_text").fill("Prima frase.")
    expect(state).to_contain_text("Salvato alle")
    page.wait_for_url("**/posts/*/edit/")
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "palinsesto_session"]
    page.context.clear_cookies(name="palinsesto_session")
    page.locator("#id_text").fill("Prima frase. Seconda frase.")
    expect(state).to_contain_text("la sessione è scaduta")
    page.context.add_cookies(session)  # type: ignore[arg-type]  # what was read is what is written
    state.get_by_role("link").click()
    expect(page.locator("[data-restored]")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("Prima frase. Seconda frase.")
    expect(state).to_contain_text("Salvato alle")
    page.reload()
    expect(page.locator("#id_text")).to_have_value("Prima frase. Seconda frase.")
    expect(page.locator("[data-restored]")).to_have_count(0)


def test_pictures_change_places_by_mouse(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.locator("#pictures input[type=file]").set_input_files([picture("red"), picture("blue")])
    pictures = page.locator("#pictures [data-picture]")
    expect(pictures).to_have_count(2)
    second, other = pictures.nth(1).get_attribute("data-picture"), pictures.nth(1)
    pictures.nth(0).locator("[data-grip]").hover()
    page.mouse.down()
    box = other.bounding_box() or {}
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] - 4, steps=6)
    page.mouse.up()
    expect(pictures.nth(0)).to_have_attribute("data-picture", second or "")


def take_from_the_library(page: Page, button: Locator) -> None:
    """Open the shelf and take its first picture."""
    button.click()
    shelf = page.locator("[data-shelf-box]")
    shelf.locator(".pick").first.click()
    assert_accessible(page)
    shelf.locator('button[value="add"]').click()


def test_a_channel_gets_its_own_pictures_hour_and_thread(open_as: OpenAs, plan: dict[str, Any]) -> None:
    page = desk(open_as, plan)
    page.locator("#pictures input[type=file]").set_input_files([picture("red"), picture("blue")])
    expect(page.locator("#pictures [data-picture]")).to_have_count(2)
    key = plan["channels"][0]
    page.locator(f"#channel-{key}").check()
    part = page.locator(f'[data-channel-box="{key}"]')
    part.locator("[data-own-media]").check()
    expect(part.locator(f'[name="c{key}-media"]')).to_have_count(2)
    part.locator("[data-own-hour]").check()
    page.locator(f"#id_c{key}-at").fill("18:30")
    part.locator("summary").click()
    part.locator('[value$=":more"]').click()
    part.locator("[data-part-list] textarea").fill("x" * 501)
    expect(part.locator(f'[data-slot="c{key}-part"]')).to_contain_text("1 carattere di troppo")
    expect(page.locator(".preview header")).to_contain_text("18:30")
    part.locator("[data-part-list] textarea").fill("E poi la neve.")
    expect(part.locator(f'[data-slot="c{key}-part"]')).to_be_empty()
    take_from_the_library(page, part.locator("[data-part] [data-shelf]"))
    expect(part.locator(f'[name="c{key}-part-0-media"]')).to_have_count(1)
    assert_accessible(page)
    page.locator("#id_title").fill("Con il filo")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-save-state]")).to_contain_text("Salvato alle")

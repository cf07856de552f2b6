"""The desk in a browser: readable by everybody, live without losing a word, usable on the phone and without script."""

import json
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot
from tests.installation import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def seeded(site: Site, *words: str) -> dict[str, Any]:
    """Run the desk's own seed in the installation of the site."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.community.seed_desk", *words],
        cwd=ROOT, env=site.installation.environment, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.fixture(scope="module")
def desk(site: Site) -> dict[str, Any]:
    """One desk for the journeys that only look."""
    return seeded(site)


def test_on_a_phone_the_card_of_a_conversation_opens_and_closes(desk: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(desk["mo"], Look(width=390, height=844, dark=True))
    page.goto(f"/conversations/{desk['talk']}/")
    expect(page.get_by_text("Non sappiamo se è arrivata.")).to_be_attached()
    page.goto(f"/conversations/{desk['conversation']}/")
    page.locator(".card-link").click()
    expect(page.locator("#card")).to_be_visible()
    assert_accessible(page)
    shot(page, "conversation-card", full=True)
    page.locator(".card-close").click()
    expect(page.locator("#card")).to_be_hidden()


def test_a_new_comment_appears_by_itself_and_nothing_typed_is_lost(site: Site, open_as: OpenAs) -> None:
    made = seeded(site)
    page = open_as(made["mo"])
    page.goto(f"/conversations/{made['conversation']}/")
    page.locator("#answer-text").fill("Grazie Luca, le foto ci aiutano")
    expect(page.locator("#answer-length")).to_contain_text("/ 500")
    seeded(site, str(made["conversation"]), "Avete anche il bianco?")
    expect(page.locator("#stream")).to_contain_text("Avete anche il bianco?", timeout=15_000)
    expect(page.locator("#threads")).to_contain_text("Avete anche il bianco?", timeout=15_000)
    expect(page.locator("#lists")).to_have_count(1)
    expect(page.locator(f"#row-{made['conversation']}")).to_have_attribute("aria-current", "true")
    expect(page.locator("#answer-text")).to_have_value("Grazie Luca, le foto ci aiutano")
    page.reload()
    expect(page.locator("#answer-text")).to_have_value("Grazie Luca, le foto ci aiutano")


def test_a_like_is_asked_without_leaving_the_page(site: Site, open_as: OpenAs) -> None:
    made = seeded(site)
    page = open_as(made["mo"])
    page.goto(f"/conversations/{made['conversation']}/")
    page.locator("#answer-text").fill("Sto scrivendo")
    message = page.locator(f"#m{made['comment']}")
    message.locator("button[formaction*='/like/']").click()
    expect(message.locator("button[formaction*='/like/']")).to_be_disabled()
    expect(page.locator("#answer-text")).to_have_value("Sto scrivendo")


def test_an_answer_and_a_note_are_kept_and_the_box_is_empty_after(site: Site, open_as: OpenAs) -> None:
    made = seeded(site)
    page = open_as(made["mo"])
    page.goto(f"/conversations/{made['conversation']}/?reply={made['comment']}")
    page.locator("#answer-text").fill("La sostituzione parte domani.")
    page.locator("[data-box=answer] .btn.primary").click()
    expect(page.locator("#stream .mine").filter(has_text="La sostituzione parte domani.")).to_be_visible()
    expect(page.locator("#answer-text")).to_have_value("")
    page.locator("[data-tab=note]").click()
    page.locator("#note-text").fill("Ho parlato con il magazzino.")
    page.locator("[data-box=note] .btn").click()
    expect(page.locator("#stream .note").filter(has_text="Ho parlato con il magazzino.")).to_be_visible()


def test_the_second_moderator_is_told_and_keeps_the_words(site: Site, open_as: OpenAs) -> None:
    made = seeded(site)
    mo, mara = open_as(made["mo"]), open_as(made["mara"])
    for page in (mo, mara):
        page.goto(f"/conversations/{made['conversation']}/?reply={made['comment']}")
    mo.locator("#answer-text").fill("Ci pensa Mo.")
    mo.locator("[data-box=answer] .btn.primary").click()
    expect(mo.locator("#stream .mine").filter(has_text="Ci pensa Mo.")).to_be_visible()
    mara.watch.expect("409")  # type: ignore[attr-defined]  # the fixture puts it there
    mara.locator("#answer-text").fill("Ci pensa Mara.")
    mara.locator("[data-box=answer] .btn.primary").click()
    expect(mara.locator("#answered-before")).to_contain_text("Ci pensa Mo.")
    expect(mara.locator("#answer-text")).to_have_value("Ci pensa Mara.")
    assert_accessible(mara)
    mara.locator("[data-box=answer] .btn.primary").click()
    expect(mara.locator("#stream .mine").filter(has_text="Ci pensa Mara.")).to_be_visible()


def test_without_script_everything_is_still_done_by_forms(site: Site, open_as: OpenAs) -> None:
    made = seeded(site)
    page = open_as(made["mo"], java_script_enabled=False)
    page.goto(f"/b/{made['brand']}/inbox/")
    page.locator(f"#row-{made['conversation']}").click()
    page.locator(f"#m{made['comment']} button[formaction*='/like/']").click()
    expect(page.locator(f"#m{made['comment']} button[formaction*='/like/']")).to_be_disabled()
    page.locator("[data-tab=note]").click()
    page.locator("#note-text").fill("Senza script.")
    page.locator("[data-box=note] .btn").click()
    expect(page.locator("#stream .note").filter(has_text="Senza script.")).to_be_visible()
    page.locator("form[action*='/close/'] button").click()
    page.goto(f"/b/{made['brand']}/inbox/?view=closed")
    expect(page.locator(f"#row-{made['conversation']}")).to_be_visible()

"""The client in a browser: on the phone and on the laptop, light and dark, with script and without."""

import json
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOOKS, Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot
from tests.installation import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
PHONE = Look(width=390, height=844)


def seeded(site: Site, act: str = "table", **wishes: Any) -> dict[str, Any]:
    """Run the client’s own seed in the installation of the site."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.calendar_app.views.seed_client", act, json.dumps(wishes)],
        cwd=ROOT, env=site.installation.environment, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def open_link(page: Page, table: dict[str, Any]) -> None:
    """Open the link as the mail does."""
    page.goto(f"/r/{table['secret']}")
    assert table["secret"] not in page.url
    assert "/k/" in page.url


@pytest.fixture(scope="module")
def table(site: Site) -> dict[str, Any]:
    """Eight posts for the journeys that only look."""
    return seeded(site)


@pytest.mark.parametrize("look", [LOOKS[1], LOOKS[2]], ids=str)
def test_the_clients_pages_are_readable_by_everybody(table: dict[str, Any], open_as: OpenAs, look: Look) -> None:
    page = open_as(None, look)
    open_link(page, table)
    expect(page.locator("#tally")).to_contain_text("decisi")
    expect(page.locator("h1")).to_contain_text("Otto post")
    page.locator(".choose summary").first.click()
    page.locator(".deck.done .after summary").first.click()
    page.locator(".deck figcaption summary").first.click()
    page.locator(".whole summary").first.click()
    assert_accessible(page)
    shot(page, f"client-open-{look}", full=True)


def test_on_the_phone_all_is_approved_after_the_last_card_only(table: dict[str, Any], open_as: OpenAs) -> None:
    page = open_as(None, PHONE)
    open_link(page, table)
    expect(page.locator("#bar a.btn")).to_be_hidden()
    rest = page.locator("#rest a")
    expect(rest).to_be_visible()
    last = page.locator(".choose").last.bounding_box()
    below = rest.bounding_box()
    assert last is not None
    assert below is not None
    assert below["y"] > last["y"]


@pytest.mark.parametrize(("look", "script"), [(Look(), True), (Look(width=768, height=1024, dark=True), True), (PHONE, False)], ids=str)
def test_a_client_approves_asks_refuses_stops_and_withdraws(
    site: Site, open_as: OpenAs, look: Look, script: bool
) -> None:
    made = seeded(site, count_of=5, decided=0)
    page = open_as(None, look, java_script_enabled=script)
    page.watch.expect("422")  # type: ignore[attr-defined]  # words are missing on purpose
    open_link(page, made)
    cards = page.locator("article.deck")
    ids = [cards.nth(number).get_attribute("id") for number in range(4)]
    first, second, third = (page.locator(f"#{one}") for one in ids[:3])
    first.locator("button[value=approve]").click()
    expect(first.locator(".badge").first).to_contain_text("Approvato")
    expect(page.locator("#tally .big span")).to_have_text("1")
    _write(second, 0, "Togliamo il nome del fornitore", "Modifiche richieste")
    _write(third, 1, "Non a Natale", "Rifiutato")
    expect(page.locator("#tally .big span")).to_have_text("3")
    _stop_lift_withdraw(first)
    if script:
        assert_accessible(page)
        shot(page, f"client-after-{look}", full=True)
    page.locator("#rest a").click()  # however many are left: the letter’s link, this, and one more
    page.locator(".confirm button.primary").click()
    expect(page.locator("#bar")).to_contain_text("Tutto deciso")


def _write(card: Locator, which: int, words: str, then: str) -> None:
    """Open a form of a card, send it empty and hear why not, then with words."""
    card.locator("summary.btn").nth(which).click()
    card.locator("details[open] button").click()
    expect(card.locator("textarea[aria-invalid]")).to_be_visible()
    card.locator("details[open] textarea").fill(words)
    card.locator("details[open] button").click()
    expect(card.locator(".badge").first).to_contain_text(then)


def _stop_lift_withdraw(card: Locator) -> None:
    card.locator(".after summary").first.click()
    card.locator("details[open] button").click()
    expect(card.locator(".badge").nth(1)).to_contain_text("In pausa")
    card.locator(".after form:not(.change-form) button").click()
    expect(card.locator(".after summary")).to_have_count(2)
    card.locator(".after summary").nth(1).click()
    card.locator("details[open] button").click()
    expect(card.locator(".badge").first).to_contain_text("ritirata")


def test_a_stale_tab_shows_the_new_version(site: Site, open_as: OpenAs) -> None:
    made = seeded(site, count_of=2, decided=0)
    page = open_as(None, PHONE)
    page.watch.expect("409")  # type: ignore[attr-defined]  # the refusal is the point
    open_link(page, made)
    seeded(site, "change", pk=made["posts"][0])
    card = page.locator("article.deck").first
    card.locator("button[value=approve]").click()
    expect(card).to_contain_text("Un testo nuovo")
    expect(card.locator(".note").first).to_contain_text("è cambiato")
    expect(card.locator(".diff ins").first).to_be_visible()
    assert_accessible(page)
    shot(page, "client-stale", full=True)


def test_the_formal_brand_speaks_with_lei(site: Site, open_as: OpenAs) -> None:
    made = seeded(site, count_of=2, decided=0, form_of_address="lei")
    page = open_as(None, Look())
    open_link(page, made)
    expect(page.locator("#intro")).to_contain_text("può approvare")
    expect(page.locator(".client-top")).to_contain_text("Buongiorno, Giulia Ferri")


def test_a_browser_without_the_cookie_is_offered_the_link_again(table: dict[str, Any], open_as: OpenAs) -> None:
    one = open_as(None, PHONE)
    open_link(one, table)
    page = open_as(None, PHONE)
    page.watch.expect("403")  # type: ignore[attr-defined]  # no cookie
    page.goto(one.url)
    expect(page.locator("form[action^='/r/again/'] button")).to_be_visible()
    assert_accessible(page)

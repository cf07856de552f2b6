"""Connecting a channel in a browser: a wrong key, the right one, reconnecting, disconnecting."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from tests.browser.conftest import LOOKS, Look, OpenAs
from tests.browser.site import Site, running_site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.enable_socket]
KEY = "valdoro-key"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation whose operator listed this machine."""
    folder = tmp_path_factory.mktemp("site-channels")
    with running_site(folder, PALINSESTO_PRIVATE_NETWORKS="127.0.0.0/8") as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """A server to connect to."""
    with running_sandbox(accounts=[{"username": "valdoro", "token": KEY}]) as running:
        yield running


def fill(page: Page, **typed: str) -> None:
    """Type into the fields of the form."""
    labels = {"url": "Indirizzo del server", "name": "Nome del canale", "key": "Chiave di accesso"}
    for field, text in typed.items():
        page.get_by_label(labels[field], exact=True).first.fill(text)


def seen(page: Page, name: str, look: Look) -> None:
    """Hold the page to the rules and keep a picture."""
    assert_accessible(page)
    shot(page, f"channels-{name}-{look}", full=look.is_phone)


@pytest.mark.parametrize("look", LOOKS[1:3], ids=str)
def test_a_wrong_key_is_said_beside_its_field_and_the_right_one_connects(
    site: Site, sandbox: SandboxProcess, open_as: OpenAs, look: Look
) -> None:
    house = site.seed("house")
    page = open_as(house["mara"], look)
    page.watch.expect("422")  # type: ignore[attr-defined]  # the fixture puts it there
    page.goto(f"/b/{house['brand']}/channels/")
    seen(page, "empty", look)
    fill(page, url=sandbox.url, name="Mastodon di prova", key="sbagliata")
    page.get_by_role("button", name="Collega", exact=True).click()
    expect(page.locator("#id_token-error")).to_contain_text("non accetta questa chiave")
    expect(page.locator("#id_url")).to_have_value(sandbox.url)
    expect(page.locator("#id_name")).to_have_value("Mastodon di prova")
    expect(page.locator("#id_token")).to_have_value("")
    seen(page, "refused", look)
    fill(page, key=KEY)
    page.get_by_role("button", name="Collega", exact=True).click()
    expect(page.locator(".dispatch")).to_contain_text("Mastodon di prova")
    expect(page.locator(".dispatch .badge")).to_have_text("Collegato")
    seen(page, "connected", look)
    page.get_by_role("button", name="Controlla Mastodon di prova").click()
    expect(page.locator("body")).to_contain_text("i suoi limiti sono aggiornati")


@pytest.mark.parametrize("look", LOOKS[3:], ids=str)
def test_a_channel_is_reconnected_stopped_and_ended_from_its_row(
    site: Site, sandbox: SandboxProcess, open_as: OpenAs, look: Look
) -> None:
    house = site.seed("house")
    page = open_as(house["mara"], look)
    page.goto(f"/b/{house['brand']}/channels/")
    fill(page, url=sandbox.url, name="Mastodon di prova", key=KEY)
    page.get_by_role("button", name="Collega", exact=True).click()
    page.get_by_role("link", name="Ricollega Mastodon di prova").click()
    seen(page, "reconnect", look)
    fill(page, key=KEY)
    page.get_by_role("button", name="Ricollega").click()
    expect(page.locator("body")).to_contain_text("è di nuovo collegato")
    page.get_by_role("link", name="Ferma… Mastodon di prova").click()
    expect(page.get_by_label("Solo il canale Mastodon di prova")).to_be_checked()
    page.go_back()
    page.get_by_role("link", name="Scollega… Mastodon di prova").click()
    seen(page, "disconnect", look)
    page.get_by_role("button", name="Scollega").click()
    expect(page.locator(".empty")).to_contain_text("Ancora nessun canale")

"""A visitor walks the sandbox's page in a real browser, in each size and theme."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS, LOOKS, Look, chromium
from tests.browser.watching import Watch, assert_accessible, shot
from tests.sandbox.running import SandboxProcess, ask, picture, post

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.servers]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(params=LOOKS, ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, sandbox: SandboxProcess) -> Iterator[Page]:
    look: Look = request.param
    context = browser.new_context(
        base_url=sandbox.url,
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.dark else "light",
        locale="it-IT",
    )
    watch = Watch(home=sandbox.url)
    watch.over(context)
    yield context.new_page()
    context.close()
    watch.assert_clean()


def _post_with_picture(sandbox: SandboxProcess) -> str:
    body = (
        b'--m\r\nContent-Disposition: form-data; name="description"\r\n\r\nBottiglie sul tavolo\r\n--m\r\n'
        b'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    ) + picture(width=640, height=400)
    headers = {"Content-Type": "multipart/form-data; boundary=m"}
    media = ask(sandbox, "POST", "/api/v2/media", body + b"\r\n--m--\r\n", token="valdoro-token", headers=headers)[1]
    return str(post(sandbox, "La selezione di dicembre #vino", media_ids=[media["id"]], language="it")[1]["id"])


def test_a_visitor_reads_comments_and_likes(page: Page, sandbox: SandboxProcess) -> None:
    root = _post_with_picture(sandbox)
    sandbox.comment(root, "Si trova a Bologna?", person="luca_bassi")
    page.goto("/")
    page.get_by_label("Leggi come").select_option(label="Ines Moro")
    page.get_by_role("button", name="Cambia").click()
    assert_accessible(page)
    page.get_by_role("button", name="Mi piace · 0: Cantina Valdoro").click()
    assert page.get_by_role("button", name="Ti piace · 1: Cantina Valdoro").is_visible()
    page.get_by_role("link", name="Commenti: 1").click()
    assert page.get_by_alt_text("Bottiglie sul tavolo").is_visible()
    page.get_by_label("Il tuo commento, come Ines Moro").fill("Che bella luce")
    page.get_by_role("button", name="Commenta").click()
    assert page.get_by_role("article", name="Commento di Ines Moro").get_by_text("Che bella luce").is_visible()
    page.get_by_role("link", name="Rispondi a Luca Bassi").click()
    assert page.get_by_label("La tua risposta a Luca Bassi, come Ines Moro").is_visible()
    assert_accessible(page)
    shot(page, "sandbox", full=True)


def test_the_same_page_in_english(page: Page, sandbox: SandboxProcess) -> None:
    post(sandbox, "Buongiorno", language="it")
    page.goto("/")
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", name="Latest posts", level=1).is_visible()
    assert page.get_by_text("This is a sandbox for trying").is_visible()
    assert_accessible(page)

"""A plan comes in through the page: a file with problems, a better one, and the progress that ends by itself."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
HEAD = "data;ora;tipo;titolo;testo;canali;campagna"
GOOD = "01/12/2098;09:30;informativo;La vendemmia tardiva;Le ultime uve.;Valdoro su Mastodon;Inverno"
BAD = "31/02/2098;25:00;canzone;;Testo;Pinterest;"


def plan(*rows: str) -> FilePayload:
    return FilePayload(name="dicembre.csv", mimeType="text/csv", buffer="\n".join([HEAD, *rows, ""]).encode())


def looked(page: Page, name: str, *, width: int, dark: bool = False) -> None:
    """Look at the page in another size and theme: readable by everybody, and nothing sticks out."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if dark else "light")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    shot(page, f"{name}-{width}", full=True)


def test_a_plan_with_problems_is_mended_and_comes_in(site: Site, open_as: OpenAs) -> None:
    seeded = site.seed("movable")
    page = open_as(seeded["mara"], Look(width=1440))
    page.goto(f"/b/{seeded['brand']}/import/")
    looked(page, "import", width=1440)
    page.locator("#file").set_input_files(plan(GOOD, BAD))
    page.locator("main form button.primary").click()
    expect(page.locator("tr.is-broken .error")).to_have_count(5)
    looked(page, "import-problems", width=320, dark=True)

    page.locator("#file").set_input_files(plan(GOOD))
    page.locator("main form button.primary").click()
    expect(page.locator("tr.is-new")).to_have_count(1)
    looked(page, "import-ready", width=768)
    page.locator("form[action$='/bring-in/'] button").click()
    expect(page.locator("#coming")).to_be_visible()
    assert_accessible(page)
    site.seed("let_in", upload=int(page.url.rstrip("/").rsplit("/", 1)[-1]))
    expect(page.locator("#in-plan")).to_be_visible()

    page.goto(f"/b/{seeded['brand']}/campaigns/")
    looked(page, "campaigns", width=320)
    page.get_by_role("link", name="Inverno").click()
    looked(page, "campaign", width=390, dark=True)

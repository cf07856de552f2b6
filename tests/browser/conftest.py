"""A server, a browser, and contexts in the sizes and colours that people use."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.site import Site, running_site
from tests.browser.watching import Watch

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Look:
    """A size and a theme."""

    width: int = 1440
    height: int = 900
    dark: bool = False
    language: str = "it-IT"

    @property
    def is_phone(self) -> bool:
        """Whether the reference treats it as a phone."""
        return self.width <= 760

    def __str__(self) -> str:
        return f"{self.width}-{'dark' if self.dark else 'light'}"


LOOKS = [Look(), Look(dark=True), Look(width=390, height=844), Look(width=390, height=844, dark=True)]


def chromium() -> str:
    """Return the system’s Chromium; without one the tests fail and say what to install."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    pytest.fail("Chromium is missing: install it (Debian, Ubuntu: apt install chromium) and run again.")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One installation for all journeys of this process; each seeds an agency of its own."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module: while its loop runs, this process must not touch the database itself."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield launched
        launched.close()


OpenAs = Callable[..., Page]


@pytest.fixture
def open_as(browser: Browser, site: Site) -> Iterator[OpenAs]:
    """Open a page as somebody: ``open_as(person, look)``; at the end nothing may have gone wrong in any of them."""
    contexts: list[tuple[BrowserContext, Watch]] = []

    def opened(person: dict[str, Any] | None = None, look: Look | None = None, **more: Any) -> Page:
        look = look or Look()
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": look.width, "height": look.height},
            color_scheme="dark" if look.dark else "light",
            locale=look.language,
            timezone_id="Europe/Rome",
            has_touch=look.is_phone,
            is_mobile=look.is_phone,
            reduced_motion="reduce",
            **more,
        )
        if person:
            context.add_cookies([{"name": "palinsesto_session", "value": person["session"], "url": site.url}])
        watch = Watch(home=site.url)
        watch.over(context)
        contexts.append((context, watch))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.watch = watch  # type: ignore[attr-defined]  # so that a test may name what it provokes
        return page

    yield opened
    for context, watch in contexts:
        context.close()
        watch.assert_clean()

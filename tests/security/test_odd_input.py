"""Whatever stands in an address, a query or a form is answered in a sentence; nothing that is typed breaks a page."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.limits import MEMORY
from tests.security.routes import Open, Route, text_of
from tests.security.urls import ROUTES
from tests.security.world import Side, browser_of, make_world

pytestmark = pytest.mark.django_db

PARTS = (0, 13, 99_999_999, 10**30, "à" * 300, "a\x00b", "..", "%2e%2e")
ODD = (
    "",
    "-1",
    "9" * 30,
    "9" * 5000,
    "²",
    "a\x00\r\nb",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59",
    "channel:x",
    "x" * 9000,
)
WORST = ("9" * 30, "9" * 5000, "²", "\x00", "9999-12-31")
WORDS = (
    "all", "arrange", "at", "back", "before", "campaign", "channel", "channels", "comment", "decision", "digest", "digest-²",
    "fold", "is_out", "kind", "media", "month", "next", "offered", "on", "open", "page", "people", "pick", "post", "posts",
    "reach", "reply", "role", "seen", "shown", "stamp", "state", "tab", "text", "title", "to", "url", "version", "view", "w",
    "wall", "words",
)  # fmt: skip
UNWELL = "healthz"  # says 503 in tests, where no clock runs


def broken(browser: Client, method: str, address: str, values: dict[str, Any]) -> list[str]:
    """Return what the visitor would be told to be our fault."""
    MEMORY.clear()
    answer = browser.get(address, values) if method == "GET" else browser.post(address, values)
    text_of(answer)
    shown = sorted({f"{key}={str(value)[:12]}" for key, value in values.items()})[:3]
    return [f"{method} {address[:80]} {shown}"] if answer.status_code >= 500 else []


def visitor(route: Route, side: Side) -> Client:
    """The colleague who may all, or the client where only clients come."""
    browser = side.guest() if Open.GUEST in (route.get, route.post) else browser_of(side.owner)
    browser.raise_request_exception = False
    return browser


def addresses(name: str, made: dict[str, Any]) -> Iterable[str]:
    """Return the address with each of its parts replaced by something odd."""
    for part in made:
        for odd in PARTS:
            try:
                yield reverse(name, kwargs={**made, part: odd})
            except NoReverseMatch:
                continue


def ways(route: Route) -> list[str]:
    return [way for way, who in (("GET", route.get), ("POST", route.post)) if who]


@pytest.mark.slow
def test_odd_addresses_are_answered() -> None:
    side, wrong = make_world().mine, []
    for name, route in ROUTES.items():
        browser = visitor(route, side)
        for address in addresses(name, route.made(side)):
            for way in ways(route):
                wrong += broken(browser, way, address, {})
    assert wrong == []


@pytest.mark.slow
def test_odd_words_in_queries_are_answered() -> None:
    side, wrong = make_world().mine, []
    for name, route in ROUTES.items():
        if route.get and name != UNWELL:
            address, browser = route.address(name, side), visitor(route, side)
            for start in range(0, len(ODD), 3):  # each word meets another odd value in each round
                values = {word: ODD[(start + place) % len(ODD)] for place, word in enumerate(WORDS)}
                wrong += broken(browser, "GET", address, values)
    assert wrong == []


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.post])
def test_odd_words_in_forms_are_answered(name: str) -> None:
    side, route = make_world().mine, ROUTES[name]
    address, body = route.address(name, side), route.body(side) if route.body else {}
    wrong: list[str] = []
    browser = visitor(route, side)
    for value in ODD:
        wrong += broken(browser, "POST", address, dict.fromkeys(WORDS, value))
    for field in body:
        for value in WORST:
            wrong += broken(browser, "POST", address, {**body, field: value})
    assert wrong == []

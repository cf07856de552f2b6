"""What browsers get with every answer (J1, J5, D2)."""

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from config.headers import POLICY
from tests.accounts.make_accounts import signed_in
from tests.security.routes import Open, ask
from tests.security.urls import ROUTES
from tests.security.world import World, browser_of, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def check(answer: HttpResponseBase, address: str, *, cached: str) -> None:
    policy = answer["Content-Security-Policy"]
    assert policy == POLICY or ("default-src 'none'" in policy and "sandbox" in policy), address
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Permissions-Policy"].startswith("camera=()")
    assert answer["Referrer-Policy"] == ("no-referrer" if is_secret(address) else "same-origin"), address
    assert "noindex" in answer["X-Robots-Tag"]
    assert "Access-Control-Allow-Origin" not in answer
    if not cached:
        assert "no-store" in answer["Cache-Control"], address
    else:
        assert "public" not in answer["Cache-Control"], address


def is_secret(address: str) -> bool:
    """Tell whether an address holds a secret, or belongs to whoever came by one."""
    secret = ("/r/", "/k/", "/feed/", "/invitations/", "/accounts/password/reset/key/", "/accounts/confirm-email/")
    return address.startswith(secret)


@pytest.mark.parametrize("name", list(ROUTES))
def test_every_answer_carries_the_headers(world: World, name: str) -> None:
    route = ROUTES[name]
    address = route.address(name, world.mine)
    for browser in (Client(), browser_of(world.mine.owner), browser_of(world.foreign.owner)):
        answer = ask(browser, "GET", address)[0]
        check(answer, address, cached=route.cached if answer.status_code in {200, 304} else "")
    if Open.GUEST in (route.get, route.post):
        answer = ask(world.mine.guest(), "GET", address)[0]
        check(answer, address, cached=route.cached if answer.status_code in {200, 304} else "")


def test_errors_carry_them_too() -> None:
    for address in ("/nowhere/", "/b/999999/people/"):
        check(ask(Client(), "GET", address)[0], address, cached="")
    refused = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert refused.status_code == 403
    check(refused, "/accounts/login/", cached="")


def test_cookies_are_for_this_program_alone(world: World) -> None:
    browser = signed_in(world.mine.owner)
    browser.get("/profile/")
    browser.cookies.update(world.mine.guest().cookies)
    assert len(browser.cookies) >= 2
    for cookie in browser.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["domain"]

"""Two brands, a sentence in each: the other’s never appears, wherever one goes (C4, G4, M3)."""

import logging
import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.models import Role
from accounts.vault import seal
from publisher.models import Connection
from tests.accounts.make_accounts import post_all_letters
from tests.security.routes import Open, ask
from tests.security.urls import ROUTES
from tests.security.world import World, browser_of, make_world

pytestmark = pytest.mark.django_db
FOLLOWED = re.compile(r"""(?:href|src|hx-get|data-href|action)\s*=\s*["']([^"'#]+)""")
EACH = 3  # so many addresses of a kind are enough: a calendar has no end
TOKEN = "canary-token-4d7c"


@pytest.fixture
def world() -> World:
    made = make_world()
    for side in (made.mine, made.foreign, made.beside):
        side.make_all()
    return made


def kind_of(address: str) -> str:
    """Return the name of the page behind an address; what leads nowhere is a kind of its own."""
    try:
        return str(resolve(urlsplit(address).path).url_name)
    except Resolver404:
        return address


def crawl(browser: Client, start: list[str], *, marks: list[str]) -> dict[str, int]:
    """Follow every address that pages name; returns each with its status. No page may hold a mark."""
    waiting, seen, kinds = list(start), dict[str, int](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if address in seen or kinds[kind] >= EACH:
            continue
        kinds[kind] += 1
        answer, text = ask(browser, "GET", address)
        seen[address] = answer.status_code
        for mark in marks:
            assert mark not in text, f"{mark} on {address}"
        if answer.status_code in {301, 302}:
            waiting.append(answer["Location"])
        for found in FOLLOWED.findall(text):
            there = urljoin(address, unescape(found))
            parts = urlsplit(there)
            if not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("/static/"):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return seen


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR, Role.MODERATOR])
def test_nobody_meets_another_brand_and_no_link_leads_nowhere(world: World, role: Role) -> None:
    mine = world.mine
    user = mine.owner if role == Role.OWNER else mine.people[role]
    own = [route.address(name, mine) for name, route in ROUTES.items() if route.get and route.get != Open.GUEST]
    apart = ("/accounts/", "/invitations/", "/r/", "/healthz", "/metrics")  # they look the same for everybody
    pages = [address for address in own if not address.startswith(apart)]
    marks = [world.foreign.mark] if role == Role.OWNER else [world.foreign.mark, world.beside.mark]
    seen = crawl(browser_of(user), pages, marks=marks)
    broken = {address: status for address, status in seen.items() if status >= 500 or status == 404}
    assert broken == {}
    assert len(seen) > 30


def test_a_guest_meets_nothing_but_the_pack(world: World) -> None:
    mine = world.mine
    pages = [route.address(name, mine) for name, route in ROUTES.items() if route.get == Open.GUEST]
    internal = [f"{mine.mark}note", f"{mine.mark}comment", mine.post.title, f"{mine.mark}feed", f"{mine.mark}reason"]
    colleagues = [mine.people[Role.EDITOR].name, mine.people[Role.MODERATOR].name, mine.people[Role.EXPERT].name]
    emails = [person.email for person in mine.people.values()]
    for address in pages:
        answer, text = ask(mine.guest(), "GET", address)
        assert answer.status_code in {200, 302}, address
        for mark in [world.foreign.mark, world.beside.mark, *internal, *colleagues, *emails]:
            assert mark not in text, f"{mark} on {address}"


def test_letters_speak_of_their_own_brand_only(world: World) -> None:
    for side in (world.mine, world.foreign):
        Client().post(ROUTES["link_again"].address("link_again", side))
    assert len(post_all_letters()) == 2
    for message in mail.outbox:
        text = message.message().as_string()
        own = world.mine if world.mine.people[Role.CLIENT].email in text else world.foreign
        other = world.foreign if own is world.mine else world.mine
        assert other.mark not in text
        assert other.people[Role.CLIENT].email not in text


def test_the_token_of_a_channel_appears_nowhere(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every page, every act, with a platform that nobody reaches; then logs, letters and tables are searched."""
    mine = world.mine
    connection = mine.channel.connection
    sealed = seal(TOKEN, bound_to=f"connection:{connection.key}:access")
    Connection.objects.filter(pk=connection.pk).update(sealed_access=sealed)
    shown: list[str] = []
    guest, owner = mine.guest(), browser_of(mine.owner)
    apart = ("account_", "person_", "invitation_", "accept_", "channel_disconnect", "approval_link_revoke")
    with caplog.at_level(logging.DEBUG):
        for name, route in ROUTES.items():
            if name.startswith(apart):
                continue
            browser = guest if Open.GUEST in (route.get, route.post) else owner
            address = route.address(name, mine)
            body = route.body(mine) if route.body else {"token": TOKEN}
            shown += [ask(browser, "GET", address)[1]] if route.get else []
            shown += [ask(browser, "POST", address, body)[1]] if route.post else []
    call_command("dumpdata", "--natural-foreign", verbosity=0)
    said = [caplog.text, repr(connection), str(mine.channel), *capsys.readouterr(), *shown]
    said += [message.message().as_string() for message in mail.outbox]
    for spelling in (TOKEN, "Y2FuYXJ5LXRva2VuLTRkN2M", "canary%2Dtoken%2D4d7c"):
        assert not [text for text in said if spelling in text]


def test_the_audit_holds_references_and_no_texts(world: World) -> None:
    mine = world.mine
    for name, route in ROUTES.items():
        if route.verb and route.body and route.post != Open.GUEST and not name.startswith(("account_", "person_")):
            ask(browser_of(mine.owner), "POST", route.address(name, mine), route.body(mine))
    written = str(list(apps.get_model("accounts", "AuditEntry").objects.values("data", "actor_label")))
    for text in ("Words for everybody", "Thank you for writing", "Ask Enzo", "A glass of red", f"{mine.mark}comment"):
        assert text not in written

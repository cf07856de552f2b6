"""Who gets in where: every address, every kind of visitor (C1, C5, D6, J4, M1)."""

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import links
from accounts.models import AuditEntry, Membership, Role
from accounts.permissions import ABILITIES, Ability
from calendar_app.models import ApprovalState
from tests.security.routes import Open, Route, Who, ask, patterns
from tests.security.urls import ROUTES
from tests.security.world import Side, World, browser_of, make_world

pytestmark = pytest.mark.django_db
INSIDE = (Role.MANAGER, Role.EDITOR, Role.MODERATOR)


@pytest.fixture
def world() -> World:
    return make_world()


def chosen(*, having: str) -> list[str]:
    """Return the names of the routes with something, for one test each."""
    return [name for name, route in ROUTES.items() if getattr(route, having)]


def is_for_members(route: Route) -> bool:
    return any(isinstance(who, Ability) or who == Open.SIGNED_IN for who in (route.get, route.post))


MEMBERS = [name for name, route in ROUTES.items() if is_for_members(route)]
WALLED = [name for name in MEMBERS if ROUTES[name].has_object]
GUESTS = [name for name, route in ROUTES.items() if Open.GUEST in (route.get, route.post)]


def both(browser: Client, name: str, side: Side) -> list[tuple[str, HttpResponseBase, str]]:
    """Ask by every method that the address has; returns method, answer and text."""
    route, address = ROUTES[name], ROUTES[name].address(name, side)
    asked = []
    if route.get:
        asked.append(("GET", *ask(browser, "GET", address)))
    if route.post:
        asked.append(("POST", *ask(browser, "POST", address, route.body(side) if route.body else {})))
    return asked


def goes_to_sign_in(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def may(role: Role, who: Who | None) -> bool:
    return not isinstance(who, Ability) or who in ABILITIES[role]


def test_every_address_is_classified_and_nothing_else_is() -> None:
    existing, listed = set(patterns()), set(ROUTES)
    assert existing - listed == set(), "these addresses are in no register: classify them in tests/security/urls.py"
    assert listed - existing == set(), "these are registered and do not exist"


def test_every_unsafe_address_says_what_it_leaves_in_the_audit() -> None:
    silent = [name for name, route in ROUTES.items() if route.post and not (route.verb or route.unaudited)]
    assert silent == []


@pytest.mark.parametrize("name", MEMBERS)
def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(world: World, name: str) -> None:
    former = world.mine.people[Role.EDITOR]
    gone = browser_of(former)
    Membership.objects.filter(user=former).delete()
    for browser in (Client(), gone):
        for method, answer, _text in both(browser, name, world.mine):
            assert goes_to_sign_in(answer), f"{method} {name}: {answer.status_code}"


@pytest.mark.parametrize("name", WALLED)
def test_what_is_foreign_does_not_exist(world: World, name: str) -> None:
    for who, user in world.strangers.items():
        for method, answer, text in both(browser_of(user), name, world.mine):
            assert answer.status_code == 404, f"{method} {name} as {who}: {answer.status_code}"
            assert world.mine.mark not in text


@pytest.mark.parametrize("name", WALLED)
def test_each_role_may_what_the_table_says(world: World, name: str) -> None:
    route, people = ROUTES[name], world.mine.people
    for role in sorted(INSIDE, key=lambda role: may(role, route.post)):  # first those who are refused
        for method, answer, _text in both(browser_of(people[role]), name, world.mine):
            allowed = may(role, route.get if method == "GET" else route.post)
            assert answer.status_code < 500, f"{method} {name} as {role}"
            assert (answer.status_code != 403) == allowed, f"{method} {name} as {role}: {answer.status_code}"
            assert answer.status_code not in {401, 405}, f"{method} {name} as {role}: {answer.status_code}"


@pytest.mark.parametrize("name", ["approval_decide", "pack_decide", "pack_approve"])
def test_nobody_decides_what_another_was_asked(world: World, name: str) -> None:
    asked, editor = world.mine.internal_approval, browser_of(world.mine.people[Role.EDITOR])
    route = ROUTES[name]
    body = {"decision": "approve", "digest": asked.revision.digest, f"digest-{asked.pk}": asked.revision.digest}
    ask(editor, "POST", route.address(name, world.mine), body)
    asked.refresh_from_db()
    assert asked.state == ApprovalState.ASKED
    assert not AuditEntry.objects.filter(verb__startswith="approval.").exists()


@pytest.mark.parametrize("name", list(ROUTES))
def test_a_method_that_is_not_listed_is_not_there(world: World, name: str) -> None:
    route, browser = ROUTES[name], browser_of(world.mine.owner)
    address = route.address(name, world.mine)
    absent = [method for method, who in (("GET", route.get), ("POST", route.post)) if who is None]
    if not name.startswith("account_"):  # the library answers PUT like POST
        absent += ["PUT", "PATCH", "DELETE"]
    for method in absent:
        assert ask(browser, method, address)[0].status_code == 405, f"{method} {name}"


@pytest.mark.parametrize("name", chosen(having="post"))
def test_a_forged_form_is_refused(world: World, name: str) -> None:
    route = ROUTES[name]
    browser = browser_of(world.mine.owner, enforce_csrf_checks=True)
    if route.post == Open.GUEST:
        browser.cookies.update(world.mine.guest().cookies)
    before = AuditEntry.objects.count()
    answer = browser.post(route.address(name, world.mine), route.body(world.mine) if route.body else {})
    assert answer.status_code == 403
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("name", chosen(having="get"))
def test_reading_changes_nothing(world: World, name: str) -> None:
    route = ROUTES[name]
    browser = world.mine.guest() if route.get == Open.GUEST else browser_of(world.mine.owner)
    address = route.address(name, world.mine)
    ask(browser, "GET", address)  # the first visit may begin a session
    with CaptureQueriesContext(connection) as queries:
        ask(browser, "GET", address)
    allowed = ["django_session", *([route.writes.partition(":")[0]] if route.writes else [])]
    written = [query["sql"] for query in queries if query["sql"].split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert [sql for sql in written if not any(f'"{table}"' in sql for table in allowed)] == []


@pytest.mark.parametrize("name", chosen(having="verb"))
def test_what_changes_something_leaves_one_entry(world: World, name: str) -> None:
    route = ROUTES[name]
    assert route.body is not None, "a verb needs a body that works"
    guest = route.post in {Open.GUEST, Open.ANYONE}
    browser = world.mine.guest() if route.post == Open.GUEST else Client() if guest else browser_of(world.mine.owner)
    address, body = route.address(name, world.mine), route.body(world.mine)
    before = AuditEntry.objects.count()
    answer, text = ask(browser, "POST", address, body)
    assert answer.status_code in {200, 204, 302}, text[-3000:]
    verbs = list(AuditEntry.objects.order_by("pk")[before:].values_list("verb", flat=True))
    assert verbs == [route.verb]


@pytest.mark.parametrize("name", GUESTS)
def test_a_guest_page_opens_for_its_own_browser_only(world: World, name: str) -> None:
    elsewhere, strangers = world.foreign.guest(), browser_of(world.mine.owner)
    for browser in (Client(), elsewhere, strangers):
        for method, answer, text in both(browser, name, world.mine):
            assert answer.status_code in {403, 404}, f"{method} {name}: {answer.status_code}"
            assert world.mine.mark not in text
    links.revoke(world.mine.link, by=None)
    mine = Client()
    mine.cookies[links.cookie_name(world.mine.link.public_id)] = links.SIGNER.sign(world.mine.link.public_id.hex)
    for method, answer, _text in both(mine, name, world.mine):
        assert answer.status_code == 404, f"{method} {name} after revoking: {answer.status_code}"


@pytest.mark.parametrize("name", ["post_edit", "post_schedule", "stops", "library_upload", "feeds"])
def test_a_right_that_is_withdrawn_between_page_and_form_is_gone(world: World, name: str) -> None:
    ed = world.mine.people[Role.EDITOR]
    route, browser = ROUTES[name], browser_of(ed)
    address = route.address(name, world.mine)
    Membership.objects.create(user=ed, agency=world.beside.agency, brand=world.beside.brand, role=Role.EDITOR)
    Membership.objects.filter(user=ed, brand=world.mine.brand).delete()
    before = AuditEntry.objects.count()
    answer, _text = ask(browser, "POST", address, route.body(world.mine) if route.body else {})
    assert answer.status_code == 404
    assert AuditEntry.objects.count() == before

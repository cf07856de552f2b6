"""Foreign rows named inside a form: refused, and nothing is written (C2)."""

import pytest
from django.apps import apps
from django.test import Client

from tests.security.routes import Open
from tests.security.urls import ROUTES
from tests.security.world import browser_of, make_world

pytestmark = pytest.mark.django_db
FIELDS = [(name, field) for name, route in ROUTES.items() for field in route.foreign]
UNCOUNTED = {"sessions.Session"}


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label not in UNCOUNTED
    }


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_foreign_row_in_a_form_is_refused(name: str, field: str) -> None:
    world = make_world()
    route = ROUTES[name]
    assert route.body is not None
    body = {**route.body(world.mine), field: route.foreign[field](world.foreign)}
    browser: Client = world.mine.guest() if route.post == Open.GUEST else browser_of(world.mine.owner)
    address = route.address(name, world.mine)
    before = counts()
    answer = browser.post(address, body)
    assert answer.status_code in {400, 403, 404, 409, 422}, answer.status_code
    assert counts() == before
    assert world.foreign.mark not in answer.content.decode()


def test_the_list_of_fields_is_not_forgotten() -> None:
    named = {name for name, _field in FIELDS}
    unsafe = {name for name, route in ROUTES.items() if route.post and route.body and route.has_object}
    assert named <= unsafe

"""Foreign rows named inside a form: refused, and nothing is written (C2)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from tests.security.routes import Open, text_of
from tests.security.urls import ROUTES
from tests.security.world import Side, browser_of, make_world

pytestmark = pytest.mark.django_db
FIELDS = [(name, field) for name, route in ROUTES.items() for field in route.foreign]
UNCOUNTED = {"sessions.Session"}


def counts() -> dict[str, int]:
    """Count every row there is."""
    models = [model for model in apps.get_models() if model._meta.label not in UNCOUNTED]
    return {model._meta.label: model._default_manager.count() for model in models}


def rows_of(side: Side) -> Iterator[Model]:
    yield from (side.channel, side.asset, side.post, side.comment, side.owner)


def uses(side: Side) -> dict[tuple[str, str], int]:
    """Count the rows that point at something of a side, whoever owns them."""
    found: dict[tuple[str, str], int] = {}
    for row in rows_of(side):
        for relation in row._meta.related_objects:
            lookup: dict[str, Any] = {relation.field.name: row}
            key = (row._meta.label, f"{relation.related_model.__name__}.{relation.field.name}")
            found[key] = relation.related_model._base_manager.filter(**lookup).count()
    return found


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_foreign_row_in_a_form_is_refused(name: str, field: str) -> None:
    world, route = make_world(), ROUTES[name]
    assert route.body is not None
    body = {**route.body(world.mine), field: route.foreign[field](world.foreign)}
    browser = world.mine.guest() if route.post == Open.GUEST else browser_of(world.mine.owner)
    address = route.address(name, world.mine)
    list(rows_of(world.foreign))
    before, used = counts(), uses(world.foreign)
    answer = browser.post(address, body)
    assert uses(world.foreign) == used
    assert world.foreign.mark not in text_of(answer)
    if not route.ignores:
        assert answer.status_code in {400, 403, 404, 409, 422}, answer.status_code
        assert counts() == before

"""A server that hangs while its posts are prepared has threads of its own, never all of them."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from publisher.models import Publication
from tests.publisher.driving import drive_to, make_clock, turn
from tests.publisher.fake import FakeAdapter, World
from tests.publisher.make_publisher import make_channel, make_waiting, now

pytestmark = pytest.mark.django_db(transaction=True)


def hanging_at(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let two servers hang until the event is set; return it."""
    is_over = threading.Event()

    def prepare(_self: FakeAdapter, call: Any, *_given: Any) -> dict[str, Any]:
        if "hung" in call.target.server:
            is_over.wait(20)
        return {}

    monkeypatch.setattr(FakeAdapter, "prepare", prepare)
    return is_over


def soon(server: str, *, seconds: int = 20) -> Publication:
    return make_waiting(make_channel(platform="fake", server=server), due_at=now() + timedelta(seconds=seconds))


def test_posts_of_servers_that_hang_keep_no_other_post_from_being_prepared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = hanging_at(monkeypatch)
    hung = [soon(f"https://hung{number % 2}.example") for number in range(18)]
    clock = make_clock(side_threads=8)
    for _ in range(5):
        turn(clock)
    try:
        drive_to(clock, soon("https://well.example", seconds=0), "published")
        assert len(world.calls) == 1
    finally:
        is_over.set()
    while Publication.objects.filter(pk__in=[row.pk for row in hung], prepared_at=None).exists():
        turn(clock)


def test_a_clock_that_ends_prepares_nothing_that_still_stood_in_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = hanging_at(monkeypatch)
    for _ in range(12):
        soon("https://hung.example")
    clock = make_clock(side_threads=8)
    for _ in range(5):
        turn(clock)
    clock.keeper.ending.set()
    is_over.set()
    while clock.keeper.is_busy():
        clock.keeper.work_inbox(wait_s=0.01)
    assert 0 < Publication.objects.exclude(prepared_at=None).count() < 12
    assert world.calls == []

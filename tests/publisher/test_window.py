"""The window of an hour ends to the second: nothing leaves after it, whatever woke up late."""

from datetime import timedelta

import pytest

from publisher.contract.errors import OutcomeUnknown
from publisher.models import Publication
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_channel, make_waiting
from tests.publisher.model_time import Machine, Universe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

QUARTER = timedelta(minutes=15)


@pytest.fixture
def universe(monkeypatch: pytest.MonkeyPatch) -> Universe:
    made = Universe()
    made.rule(monkeypatch)
    return made


def waiting(universe: Universe, *, left_s: float) -> tuple[Publication, Machine]:
    """Return a late row whose window ends in so many seconds, and a machine."""
    row = make_waiting(make_channel(platform="fake"), due_at=universe.at - QUARTER + timedelta(seconds=left_s))
    return row, Machine(universe, 0.0, lambda: None)


def test_a_thread_that_wakes_after_the_window_sends_nothing(world: World, universe: Universe) -> None:
    row, machine = waiting(universe, left_s=0.9)
    for _ in range(3):
        machine.watch()
        machine.keep()
        machine.side.do_all()
        machine.turn()
        universe.now += 0.1
    assert machine.calls.work, "it was armed in time"
    universe.now = row.late_after.timestamp() + 0.1
    machine.watch()
    machine.calls.do_all()
    assert world.calls == []
    for _ in range(3):
        universe.now += 2
        machine.live()
    row.refresh_from_db()
    assert (row.state, world.calls) == ("missed", [])


def test_a_repetition_that_wakes_after_the_window_sends_nothing(world: World, universe: Universe) -> None:
    world.answers = [OutcomeUnknown("answer_lost")]
    row, machine = waiting(universe, left_s=12)
    for _ in range(2):
        machine.live()
    assert len(world.calls) == 1
    universe.now += 11
    machine.watch()
    machine.keep()
    assert machine.side.work, "the repetition was allowed when it was taken"
    universe.now += 3
    machine.watch()
    machine.side.do_all()
    assert len(world.calls) == 1
    row.refresh_from_db()
    assert row.state == "unknown", "its fate is looked up as before"

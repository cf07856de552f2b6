"""Where no clock lives, the queue sends what is overdue: late, but by the same rules, and never twice."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from publisher import outbox
from publisher.clock.standing_in import stand_in
from publisher.contract.content import Ticket
from publisher.contract.errors import OutcomeUnknown
from publisher.heartbeat import beat
from publisher.models import Attempt, Heartbeat, Publication
from tests.publisher.driving import make_clock, turn
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_attempt, make_channel, make_publication, make_waiting, now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def waiting(count: int = 1, *, due_at: datetime | None = None) -> list[Publication]:
    return [make_waiting(make_channel(platform="fake"), due_at=due_at or now()) for _ in range(count)]


def states() -> list[str]:
    return list(Publication.objects.order_by("pk").values_list("state", flat=True))


def test_the_queue_sends_what_is_overdue_where_no_clock_lives(world: World) -> None:
    waiting(3)
    waiting(1, due_at=now() + timedelta(minutes=1))
    assert stand_in(most_s=5) == 3
    assert states() == ["published", "published", "published", "waiting"]
    assert len(world.calls) == 3
    assert not Heartbeat.objects.exists(), "nobody may believe that a clock lives"


def test_beside_a_living_clock_it_does_nothing(world: World) -> None:
    waiting()
    beat("clock")
    assert stand_in(most_s=5) == 0
    Heartbeat.objects.update(at=now() - timedelta(seconds=31))
    assert stand_in(most_s=5) == 1
    assert len(world.calls) == 1


def test_a_clock_that_comes_back_finds_the_post_gone(world: World) -> None:
    (row,) = waiting()
    clock = make_clock("the clock that slept")
    clock.claim_due()
    assert list(clock.held) == [row.pk]
    Publication.objects.update(lease_until=now() - timedelta(seconds=1))
    assert stand_in(most_s=5) == 1
    for _ in range(5):
        turn(clock)
    assert len(world.calls) == 1
    assert Attempt.objects.get().outcome == "receipt"


def test_it_hands_over_when_a_clock_is_heard_again(world: World) -> None:
    def answer_and_beat(*_words: object) -> None:
        beat("clock")
        connection.close()  # a thread of its own has a connection of its own
        raise OutcomeUnknown("answer_lost")

    waiting(40)
    world.answers = [answer_and_beat] * 40  # type: ignore[list-item]  # it only ever raises
    assert stand_in(most_s=20) == 0
    assert len(world.calls) < 40
    assert set(states()) == {"unknown", "waiting"}, "what was in flight is finished, the rest is given back"


def test_stops_hold_it_and_what_is_too_late_is_missed(world: World) -> None:
    (row,) = waiting()
    outbox.stop(scope="all", reason="x", by=None)
    make_publication(make_channel(platform="fake"), state="waiting", due_at=now() - timedelta(hours=1))
    assert stand_in(most_s=2) == 0
    assert world.calls == []
    assert Publication.objects.get(pk=row.pk).state == "held"


def test_what_a_dead_clock_left_in_doubt_is_looked_up(world: World) -> None:
    (row,) = waiting()
    world.honours_key = False
    world.published(Ticket(key=str(row.key)))
    make_attempt(row, started_at=now() - timedelta(seconds=20), finished_at=now(), outcome="unknown")
    Publication.objects.update(state="unknown", next_at=now())
    assert stand_in(most_s=5) == 0, "it was out already"
    assert (states(), world.calls) == (["published"], [])
    assert list(Attempt.objects.order_by("number").values_list("outcome", flat=True)) == ["unknown", "adopted"]

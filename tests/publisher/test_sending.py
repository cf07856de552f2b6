"""The threads that send: ready before their work, never more than allowed; and stops that are fresh when they look."""

import queue
import threading
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from publisher import outbox
from publisher.clock.flags import Stops
from publisher.clock.loop import warm
from publisher.clock.sending import Crew
from tests.publisher.driving import drive_to, make_clock
from tests.publisher.fake import World
from tests.publisher.listening import listening, ok, says
from tests.publisher.make_publisher import make_channel, make_waiting, now


def make_crew(size: int) -> Crew:
    return Crew("trial", size, queue.SimpleQueue())


def test_threads_stand_by_before_their_work_and_are_never_more_than_allowed() -> None:
    crew, together = make_crew(3), threading.Barrier(3, timeout=5)
    crew.stand_by(2)
    assert len(crew._threads) == 2
    crew.stand_by(9)
    crew.stand_by(1)
    assert len(crew._threads) == 3
    for _ in range(3):
        crew.put(together.wait)
    assert sorted(crew.results.get(timeout=5) for _ in range(3)) == [0, 1, 2], "all three work side by side"
    crew.end()


def test_work_that_brings_nothing_leaves_no_result_and_work_that_breaks_costs_no_thread() -> None:
    crew = make_crew(1)

    def stumble() -> None:
        raise ZeroDivisionError

    for work in (stumble, bool, partial(int, "7")):
        crew.put(work)
    assert crew.results.get(timeout=5) is False
    assert crew.results.get(timeout=5) == 7
    crew.end()


@pytest.mark.enable_socket
def test_the_threads_that_will_send_open_the_connections(settings: Any) -> None:
    settings.PRIVATE_NETWORKS = ["127.0.0.0/8"]
    with listening(says(ok())) as (port, seen):
        crew = make_crew(4)
        warm("mastodon", f"http://127.0.0.1:{port}", 3, crew=crew)
        warm("mastodon", "http://127.0.0.1:1", 2, crew=crew)
        done = threading.Event()
        crew.put(done.set)
        while crew.open:
            done.wait(0.01)
        crew.end()
        until = time.monotonic() + 5
        while len(seen) < 3 and time.monotonic() < until:  # the listener's own thread may be a moment behind
            time.sleep(0.01)
    assert seen == ["connected"] * 3, "nothing was asked, and what failed is left to the call"


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_what_is_published_now_by_an_idle_clock_meets_stops_that_were_just_read(world: World) -> None:
    stopped, free = (make_waiting(make_channel(platform="fake"), due_at=now()) for _ in range(2))
    outbox.stop(scope="channel", channel=stopped.channel, reason="x", by=None)
    clock = make_clock()
    clock.flags.read_at -= 60
    assert clock.keeper.is_idle()
    clock.claim_due()
    assert clock.flags.stops != Stops()
    assert clock.flags.age_s() < clock.pace.stops_stale_s
    assert not clock.keeper.is_idle()
    drive_to(clock, stopped, "held")
    done = drive_to(clock, free, "published")
    assert len(world.calls) == 1
    assert done.published_at is not None
    assert done.published_at - done.due_at < timedelta(minutes=1)

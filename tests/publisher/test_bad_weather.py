"""Bad days: a process that stood still, no network, a full disk, no broker. What is said, and that nothing is lost."""

import time

import pytest

from publisher.clock.hours import ticks
from publisher.contract.content import Content, Receipt, Ticket
from publisher.contract.errors import Unavailable
from publisher.contract.http import NotConnected
from publisher.contract.wire import no_later_than
from publisher.models import Attempt
from tests.publisher.driving import drive_to, make_clock
from tests.publisher.fake import World
from tests.publisher.listening import here, listening, ok, says
from tests.publisher.make_publisher import make_channel, make_waiting, now

# a process that stood still


@pytest.mark.enable_socket
def test_a_call_whose_time_is_over_before_it_begins_sends_no_byte() -> None:
    with listening(says(ok())) as (port, seen), no_later_than(ticks() - 0.01):
        with pytest.raises(NotConnected):
            here().call("POST", f"http://127.0.0.1:{port}/", json={})
        assert seen == []
    with listening(says(ok())) as (port, seen):
        assert here().call("POST", f"http://127.0.0.1:{port}/", json={}).status == 200


@pytest.mark.enable_socket
def test_a_waiting_connection_is_not_used_once_the_time_is_over() -> None:
    with listening(says(ok())) as (port, seen):
        door = here()
        door.warm(f"http://127.0.0.1:{port}/")
        with no_later_than(ticks() - 0.01), pytest.raises(NotConnected):
            door.call("POST", f"http://127.0.0.1:{port}/", json={})
        door.call("GET", f"http://127.0.0.1:{port}/")
        assert [line.split(" ", 1)[0] for line in seen if line not in {"", "connected"}] == ["GET"]


@pytest.mark.enable_socket
@pytest.mark.django_db(transaction=True)
def test_a_thread_that_stood_still_on_its_way_to_the_socket_sends_nothing_after_its_lease(world: World) -> None:
    with listening(says(ok())) as (port, seen):
        door = here()

        def stands_still(_content: Content, ticket: Ticket) -> Receipt:
            time.sleep(0.5)
            try:
                door.call("POST", f"http://127.0.0.1:{port}/", json={})
            except NotConnected as error:
                raise Unavailable("server_not_reached", scope="host") from error
            return world.published(ticket)

        world.answers = [stands_still]
        row = make_waiting(make_channel(platform="fake"), due_at=now())
        drive_to(make_clock(late_by_s=0.1, call_s=0.2), row, "unknown")
        drive_to(make_clock(late_by_s=0.1, call_s=0.2), row, "published")
        assert seen == []
    assert len(world.posts) == 1
    assert Attempt.objects.filter(act="publish").count() == 1

"""Bad days: a process that stood still, no network, a full disk, no broker. What is said, and that nothing is lost."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from socket import IPPROTO_TCP
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone, translation

from accounts import letters
from accounts.models import MailState, OutgoingMail
from benchmarks.crashing import QUICK
from benchmarks.hurry import PACE
from benchmarks.rows import make_channels
from benchmarks.sandbox_process import SandboxProcess, start_sandbox
from benchmarks.supervised import Wards
from publisher.clock.claiming import claim
from publisher.clock.hours import ticks
from publisher.clock.loop import Clock
from publisher.clock.pace import Pace
from publisher.clock.preparing import preflight
from publisher.contract.content import Content, Receipt, Ticket
from publisher.contract.errors import Unavailable
from publisher.contract.http import NotConnected, dial
from publisher.contract.wire import TAKEN_WITHIN, UNTAKEN_MS, no_later_than
from publisher.heartbeat import last_beat
from publisher.models import Attempt, Heartbeat, Publication
from publisher.sentences import sentence
from tests.calendar_app.views.make_desk import make_office
from tests.installation import Installation
from tests.make import make_brand, make_user
from tests.publisher.driving import drive, drive_to, make_clock
from tests.publisher.fake import World
from tests.publisher.listening import here, listening, ok, says
from tests.publisher.make_publisher import make_channel, make_permit, make_publication, make_waiting, now
from tests.servers import RedisServer, free_port, running_redis

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


# no network


@pytest.mark.enable_socket
def test_the_system_delivers_nothing_long_after_the_network_was_lost() -> None:
    with listening(says(ok())) as (port, _seen):
        opened = dial(ip_address("127.0.0.1"), port, 2.0)
        if TAKEN_WITHIN is not None:  # Linux has it; elsewhere docs/crashes.md says what stays open
            assert opened.getsockopt(IPPROTO_TCP, TAKEN_WITHIN) == UNTAKEN_MS
            assert Pace().looks_s[-1] > UNTAKEN_MS / 1000
        opened.close()


@contextlib.contextmanager
def shore(folder: Path, *, port: int = 0) -> Iterator[SandboxProcess]:
    """A sandbox that keeps what it has seen, on a port of choice."""
    running = start_sandbox(journal=folder / "journal", port=port)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Short pauses, and leave to call this machine."""
    settings.PRIVATE_NETWORKS = ("127.0.0.0/8",)
    monkeypatch.setattr("publisher.backoff.FIRST_S", 0.2)
    monkeypatch.setattr("publisher.breaker.FIRST_S", 0.2)


def said(row: Publication) -> str:
    """What people read about it."""
    with translation.override("en"):
        return str(sentence(row.problem_code, row.problem_values))


@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("software", ["keyed", "opaque"])
def test_a_network_that_is_gone_at_the_second_delays_and_doubles_nothing(
    tmp_path: Path, in_a_hurry: None, software: str
) -> None:
    with shore(tmp_path) as sandbox:
        (channel,) = make_channels(sandbox, count=1, brands=1, software=software)
    row = make_waiting(channel, due_at=now() + timedelta(seconds=0.3))
    clock = make_clock()
    drive(clock, lambda: Publication.objects.get(pk=row.pk).tries >= 3)
    stands = Publication.objects.get(pk=row.pk)
    assert stands.state in {"waiting", "claimed"}
    assert "does not answer" in said(stands)
    with shore(tmp_path, port=sandbox.port) as sandbox:
        drive_to(clock, row, "published", patience_s=10)
        assert [one["text"] for one in sandbox.arrivals()] == ["Buongiorno."]


@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_network_that_comes_back_after_the_window_finds_nothing_sent_late(tmp_path: Path, in_a_hurry: None) -> None:
    with shore(tmp_path) as sandbox:
        (channel,) = make_channels(sandbox, count=1, brands=1)
    row = make_waiting(channel, due_at=now(), permit=make_permit(late_tolerance=timedelta(seconds=1)))
    clock = make_clock(leases_s=0.0)
    missed = drive_to(clock, row, "missed")
    assert "Nothing was sent" in said(missed)
    with shore(tmp_path, port=sandbox.port) as sandbox:
        drive(clock, lambda: not Publication.objects.exclude(news="").exists())
        assert sandbox.arrivals() == []


# a full disk


@contextlib.contextmanager
def a_full_disk() -> Iterator[None]:
    """Every write of this connection fails, as the database says it then; reading goes on."""

    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        yield


def turn_anyway(clock: Clock, *, seconds: float = 0.3) -> None:
    """Turn a clock for a while as its threads do, which live on when the database fails them."""
    steps: list[Callable[[], object]] = [
        clock.flags.read,
        partial(clock.keeper.work_inbox, wait_s=0.001),
        clock.keeper.each_second,
        clock.turn,
    ]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for step in steps:
            with contextlib.suppress(OperationalError):
                step()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_written_down_does_not_leave_and_goes_out_once_there_is_room(world: World) -> None:
    row = make_waiting(make_channel(platform="fake"), due_at=now())
    clock = make_clock()
    (clock.held[row.pk],) = claim(owner=clock.owner, hours=clock.hours, pace=clock.pace)
    preflight(row.pk)
    with a_full_disk():
        turn_anyway(clock)
        assert (world.calls, clock.flying) == ([], {})
        assert Publication.objects.get(pk=row.pk).state == "claimed"
    drive_to(clock, row, "published")
    assert (len(world.calls), Attempt.objects.count()) == (1, 1)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_finds_no_room_is_kept_until_there_is(world: World) -> None:
    row = make_waiting(make_channel(platform="fake"), due_at=now())
    clock = make_clock()
    drive(clock, lambda: bool(clock.flying))
    with a_full_disk():
        turn_anyway(clock)
        assert len(world.calls) == 1
        assert Publication.objects.get(pk=row.pk).state == "sending"
    done = drive_to(clock, row, "published")
    assert done.remote_id
    assert list(Attempt.objects.values_list("act", "outcome")) == [("publish", "receipt")]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_dies_with_its_clock_on_a_full_disk_is_found_again(world: World) -> None:
    row = make_waiting(make_channel(platform="fake"), due_at=now())
    clock = make_clock(owner="one", late_by_s=0.2, call_s=0.3)
    drive(clock, lambda: bool(clock.flying))
    with a_full_disk():
        turn_anyway(clock)
    drive_to(make_clock(owner="two", leases_s=0.0), row, "published")
    assert (len(world.posts), Attempt.objects.filter(act="publish").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_who_decides_while_the_disk_is_full_is_told_and_the_row_stands_as_it_stood() -> None:
    office = make_office()
    row = make_publication(office.channel, state="unknown", problem_code="still_unknown")
    browser: Client = office.browser
    browser.raise_request_exception = False
    with a_full_disk():
        answer = browser.post(f"/publications/{row.pk}/settle/", {"is_out": "yes"})
    assert answer.status_code == 500
    assert "What was saved is still there" in answer.content.decode()
    assert Publication.objects.get(pk=row.pk).state == "unknown"
    assert browser.post(f"/publications/{row.pk}/settle/", {"is_out": "yes"}).status_code == 302
    assert Publication.objects.get(pk=row.pk).state == "published"


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_cannot_write_is_seen_to_be_silent(client: Client) -> None:
    clock = make_clock(beat_s=0.0)
    clock.keeper.each_second()
    Heartbeat.objects.update(at=now() - timedelta(minutes=1))
    with a_full_disk():
        turn_anyway(clock, seconds=0.05)
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "clock" in answer.content.decode()


# no broker


@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.crash
@pytest.mark.slow
def test_without_a_broker_posts_go_out_and_what_its_tasks_forgot_is_found_when_it_is_back(
    installation: Installation, tmp_path: Path
) -> None:
    port = free_port()
    with contextlib.ExitStack() as ends:
        sandbox = ends.enter_context(shore(tmp_path))
        broker = ends.enter_context(running_redis(port=port))
        wards = Wards(starting(installation, broker), Pace(**PACE))
        ends.callback(wards.end)
        for command in ("clock", "qcluster"):
            wards.add(command, command)
        assert wards.rest(40, until=lambda: last_beat("clock") is not None and is_heard())
        (channel,) = make_channels(sandbox, count=1, brands=1)
        os.kill(broker.pid, signal.SIGKILL)
        row = make_waiting(channel, due_at=now() + timedelta(seconds=2))
        letter = forgotten_letter()
        assert wards.rest(20, until=lambda: Publication.objects.get(pk=row.pk).state == "published")
        (arrival,) = sandbox.arrivals()
        assert 0 <= arrival["arrived_at"] - row.due_at.timestamp() < 5, "late only as far as this machine is busy"
        assert OutgoingMail.objects.get(pk=letter.pk).state == MailState.WAITING
        ends.enter_context(running_redis(port=port))
        back_at = timezone.now()
        is_sent = OutgoingMail.objects.filter(pk=letter.pk, state=MailState.SENT).exists
        assert wards.rest(60, until=is_sent), installation.log("qcluster")[-2000:]
        assert wards.rest(40, until=lambda: is_heard(since=back_at))
        assert {one.starts for one in wards.all if one.command == "clock"} == {1}, "a clock needs no broker to live"


def starting(installation: Installation, broker: RedisServer) -> Any:
    """Return how processes start that use this broker."""
    words = {"PALINSESTO_REDIS": broker.url(), "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8"}

    def start(command: str, variables: Any) -> Any:
        return installation.start(command, **words, **variables, DJANGO_SETTINGS_MODULE=QUICK)

    return start


def is_heard(*, since: Any = None) -> bool:
    """Tell whether a cluster of the queue has sung."""
    songs = Heartbeat.objects.filter(name__startswith="q2")
    return songs.filter(at__gt=since).exists() if since else songs.exists()


def forgotten_letter() -> OutgoingMail:
    """Return a letter whose task was lost."""
    mara = make_user("Mara", email="mara@example.test")
    letter = letters.post_letter(
        kind="link_again",
        to=mara,
        address=mara.email,
        brand=make_brand(),
        subject=None,
        parts={},
        secret="secret",
        dedupe_key="forgotten",
    )
    OutgoingMail.objects.filter(pk=letter.pk).update(next_at=timezone.now())
    return letter

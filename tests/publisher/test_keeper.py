"""What the clock does each second beside sending: waking, preparing, heartbeats; and its commands."""

import os
import signal
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from benchmarks.rows import make_channels, make_posts
from benchmarks.sandbox_process import running_sandbox
from publisher import tasks
from publisher.clock.owners import machine, own_name
from publisher.heartbeat import beat, farewell, forget_old, last_beat
from publisher.models import Heartbeat, Publication, Stop, Stream
from publisher.signals import comments_waiting, publication_published, publication_troubled, tell
from publisher.streams import claim_stream, done, follow
from tests.installation import Installation
from tests.publisher.driving import make_clock
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_channel, make_publication, make_waiting, now


def queued() -> list[tuple[str, tuple[Any, ...]]]:
    """Return what waits in q2's queue."""
    found = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("pk")]
    return [(task["func"], tuple(task["args"])) for task in found]


@pytest.mark.django_db
def test_the_preflight_of_what_is_due_in_ten_minutes_is_enqueued_once(world: World) -> None:
    row = make_waiting(make_channel(platform="fake"), due_at=now() + timedelta(minutes=9))
    make_waiting(make_channel(platform="fake"), due_at=now() + timedelta(minutes=11))
    keeper = make_clock().keeper
    keeper.ring()
    keeper.ring()
    assert queued() == [("publisher.tasks.preflight", (row.pk,))]
    tasks.preflight(row.pk)
    row.refresh_from_db()
    assert row.prepared == {}
    assert len(world.prepared) == 1


@pytest.mark.django_db
def test_a_preflight_that_was_lost_is_asked_for_again(world: World) -> None:
    row = make_waiting(make_channel(platform="fake"), due_at=now() + timedelta(minutes=9))
    keeper = make_clock().keeper
    keeper.ring()
    again = Publication.objects.get(pk=row.pk).prepare_next_at
    assert again is not None
    assert timedelta(minutes=1) < again - now() < timedelta(minutes=3)
    Publication.objects.update(prepare_next_at=now())
    keeper.ring()
    assert len(queued()) == 2
    assert world.prepared == []


@pytest.mark.django_db
def test_a_thread_that_is_due_wakes_its_readers_once() -> None:
    publication = make_publication(state="published", remote_id="115")
    stream = follow(publication)
    assert stream is not None
    assert follow(publication) == stream
    assert follow(make_publication(state="published")) is None
    heard: list[int] = []

    def hear(*, stream_id: int, **_news: object) -> None:
        heard.append(stream_id)

    comments_waiting.connect(hear)
    keeper = make_clock().keeper
    keeper.ring()
    Stream.objects.update(next_at=now())
    keeper.ring()
    keeper.ring()
    comments_waiting.disconnect(hear)
    bell = Stream.objects.get(name="notifications")
    assert heard == [bell.pk, *sorted([stream.pk, bell.pk])]


@pytest.mark.django_db
def test_one_reader_at_a_time_reads_a_thread_and_the_one_overtaken_writes_nothing() -> None:
    stream = follow(make_publication(state="published", remote_id="115"))
    assert stream is not None
    first = claim_stream(stream.pk, "one")
    assert first is not None
    assert claim_stream(stream.pk, "two") is None
    Stream.objects.update(lease_until=now())
    second = claim_stream(stream.pk, "two")
    assert second is not None
    assert not done(first, cursor="7", next_at=now(), found=True)
    assert done(second, cursor="9", next_at=now(), found=False)
    stored = Stream.objects.get(pk=stream.pk)
    assert (stored.cursor, stored.empty_reads, stored.lease_until) == ("9", 1, None)


@pytest.mark.django_db
def test_a_receiver_that_breaks_costs_the_others_nothing(django_capture_on_commit_callbacks: Any) -> None:
    heard: list[str] = []

    def stumble(**_news: object) -> None:
        raise ZeroDivisionError

    def hear(*, code: str, **_news: object) -> None:
        heard.append(code)

    publication_troubled.connect(stumble)
    publication_troubled.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        tell(publication_troubled, publication_id=1, code="server_not_reached")
    publication_troubled.disconnect(stumble)
    publication_troubled.disconnect(hear)
    assert heard == ["server_not_reached"]


@pytest.mark.django_db
def test_news_that_nobody_could_hear_are_told_again() -> None:
    row = make_publication(state="published", news="published")
    heard: list[int] = []

    def stumble(*, publication_id: int, **_news: object) -> None:
        heard.append(publication_id)
        if len(heard) == 1:
            raise ConnectionError

    publication_published.connect(stumble)
    keeper = make_clock().keeper
    keeper.tell_news()
    keeper.tell_news()
    assert Publication.objects.get().news == "published", "it was not heard yet, and is left alone for a while"
    keeper._deaf_until = 0.0
    keeper.tell_news()
    keeper.tell_news()
    publication_published.disconnect(stumble)
    assert heard == [row.pk, row.pk]
    assert Publication.objects.get().news == ""


@pytest.mark.django_db
def test_heartbeats_are_rewritten_and_old_ones_forgotten() -> None:
    beat("clock", detail={"held": 1})
    beat("clock", detail={"held": 2})
    assert Heartbeat.objects.get().detail == {"held": 2}
    Heartbeat.objects.update(at=now() - timedelta(days=2))
    assert forget_old() == 1
    beat("clock")
    farewell("clock")
    assert last_beat("clock") is None


@pytest.mark.django_db
def test_stop_and_resume_as_commands() -> None:
    row = make_publication(state="held")
    late = make_publication(row.channel, state="held", due_at=now() - timedelta(hours=1))
    said = StringIO()
    brand = f"{row.brand.agency.slug}/{row.brand.slug}"
    call_command("stop", brand=brand, reason="Prova", stdout=said)
    call_command("stop", all=True, reason="Manutenzione", stdout=said)
    assert Stop.objects.filter(lifted_at=None).count() == 2
    call_command("resume", all=True, stdout=said)
    assert Publication.objects.get(pk=row.pk).state == "held"
    call_command("resume", brand=brand, stdout=said)
    assert [Publication.objects.get(pk=one.pk).state for one in (row, late)] == ["waiting", "missed"]
    assert f"{late.pk} " in said.getvalue()
    with pytest.raises(CommandError):
        call_command("resume", all=True)
    with pytest.raises(CommandError):
        call_command("stop", agency="nobody", reason="x")
    with pytest.raises(CommandError):
        call_command("stop", channel=0, reason="x")


@pytest.mark.django_db
def test_a_name_that_two_brands_have_is_asked_for() -> None:
    first, second = make_channel().brand, make_channel().brand
    for brand in (first, second):
        brand.slug = "doppio"
        brand.save()
    with pytest.raises(CommandError, match="doppio"):
        call_command("stop", brand="doppio", reason="x")
    call_command("stop", brand=f"{second.agency.slug}/doppio", reason="x", stdout=StringIO())
    assert Stop.objects.get().brand == second


@pytest.mark.django_db
def test_the_clock_command_gives_back_what_a_dead_clock_held() -> None:
    row = make_publication(state="claimed", owner=f"{machine()}:999999999:1")
    said = StringIO()
    call_command("clock", release="999999999", stdout=said)
    assert Publication.objects.get(pk=row.pk).state == "waiting"
    call_command("clock", status=True, stdout=said)
    assert "  waiting      1" in said.getvalue()
    with pytest.raises(CommandError):
        call_command("clock", release="x")
    assert own_name().startswith(machine())


@pytest.mark.both_databases
@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.slow
def test_a_real_clock_sends_at_the_second_and_ends_when_asked(installation: Installation) -> None:
    with running_sandbox() as sandbox:
        variables = {"PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8", "PALINSESTO_SANDBOX_URL": sandbox.url}
        channels = make_channels(sandbox, count=3)
        clock = installation.start("clock", **variables)
        due_at = now() + timedelta(seconds=10)
        texts = make_posts(channels, hours=[due_at] * 3)
        far = make_posts(channels[:1], hours=[now() + timedelta(hours=1)])
        until = time.monotonic() + 40
        while len(sandbox.arrivals()) < 3 and time.monotonic() < until:
            time.sleep(0.1)
        arrivals = sandbox.arrivals()
        while Publication.objects.filter(state="published").count() < 3 and time.monotonic() < until:
            time.sleep(0.1)
        os.kill(clock.pid, signal.SIGTERM)
        assert clock.wait(timeout=30) == 0, installation.log("clock")
    assert {one["text"] for one in arrivals} == set(texts)
    assert min(one["arrived_at"] for one in arrivals) >= due_at.timestamp(), "nothing is early"
    assert Publication.objects.filter(state="published").count() == 3
    assert Publication.objects.filter(state="waiting").count() == len(far)
    assert not Heartbeat.objects.filter(name="clock").exists(), "it says good-bye"

"""One reading for a whole channel: it says in which threads somebody wrote, and only those are read at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from community import bells, tasks
from community.bells import hear, pause
from community.models import Comment, Conversation
from community.sync import sync_stream
from publisher.channels import disconnect
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.models import Channel, ChannelState, Publication, Stream
from publisher.streams import claim_stream, done, follow, wake
from tests.community.fake import ANNA, OURS, BellAdapter, Scene
from tests.community.make_community import make_comment, make_fake_channel, make_thread, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(scene: Scene) -> Channel:
    """A channel whose platform notifies."""
    assert not scene.told
    return make_fake_channel(platform="bell")


def bell_of(channel: Channel) -> Stream:
    return Stream.objects.get(channel=channel, name="notifications")


def listen_once(channel: Channel) -> int | None:
    return hear(bell_of(channel).pk, owner="a test")


def put_all_off(channel: Channel) -> None:
    Stream.objects.filter(channel=channel).update(next_at=timezone.now() + timedelta(hours=1))


def due(channel: Channel) -> set[str]:
    now = timezone.now()
    return set(Stream.objects.filter(channel=channel, next_at__lte=now).values_list("name", flat=True))


def test_following_a_post_begins_to_listen_where_the_platform_tells_of_answers(channel: Channel) -> None:
    make_thread(channel, "a")
    make_thread(channel, "b")
    assert sorted(channel.streams.values_list("name", flat=True)) == ["notifications", "thread:a", "thread:b"]
    assert "notifications" in due(channel)
    silent = make_fake_channel()
    make_thread(silent, "c")
    assert list(silent.streams.values_list("name", flat=True)) == ["thread:c"]


def test_mentions_that_tell_nothing_of_answers_are_no_bell(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BellAdapter, "tells_of_answers", False)
    make_thread(channel, "a")
    assert not channel.streams.filter(name="notifications").exists()


def test_a_post_that_goes_out_on_a_quiet_channel_is_listened_to_at_once(channel: Channel) -> None:
    make_thread(channel, "a")
    put_all_off(channel)
    make_thread(channel, "b")
    assert due(channel) == {"notifications"}


@pytest.mark.both_databases
def test_only_the_threads_in_which_somebody_wrote_are_due(channel: Channel, scene: Scene) -> None:
    for remote_id in ("a", "b", "c"):
        make_thread(channel, remote_id)
    make_thread(make_fake_channel(platform="bell"), "elsewhere")
    put_all_off(channel)
    scene.tells("c1", under="b")
    scene.tells("c2", under="b", by=ANNA)
    scene.tells("c3", under="elsewhere")
    scene.tells("c4", under="nobody knows it")
    scene.tells("ours", under="a", by=OURS)
    assert listen_once(channel) == 1
    assert due(channel) == {"thread:b"}
    assert not Comment.objects.exists()
    assert Conversation.objects.count() == 4


@pytest.mark.both_databases
def test_an_answer_to_a_comment_rings_for_the_thread_it_stands_in(channel: Channel, scene: Scene) -> None:
    make_comment(make_thread(channel, "a"), remote_id="known")
    make_thread(channel, "b")
    put_all_off(channel)
    scene.tells("c1", under="known")
    assert listen_once(channel) == 1
    assert due(channel) == {"thread:a"}


def test_all_pages_are_walked_and_nothing_is_heard_twice(channel: Channel, scene: Scene) -> None:
    make_thread(channel, "a")
    make_thread(channel, "b")
    scene.page_size = 3
    scene.tells("c0", under="a")
    listen_once(channel)
    for number in range(1, 8):
        scene.tells(f"c{number}", under="b" if number == 7 else "a")
    put_all_off(channel)
    scene.heard = 0
    assert listen_once(channel) == 2
    assert (scene.heard, bell_of(channel).cursor) == (4, "8")
    put_all_off(channel)
    assert listen_once(channel) == 0
    assert due(channel) == set()


def test_the_first_reading_begins_with_the_newest_and_wakes_nothing_that_is_here(
    channel: Channel, scene: Scene
) -> None:
    old, new = make_thread(channel, "old"), make_thread(channel, "new")
    for number in range(200):
        scene.tells(f"c{number}", under="old" if number < 150 else "new")
    make_comment(new, remote_id="c199")
    for number in range(150, 199):
        make_comment(new, remote_id=f"c{number}")
    for number in range(119, 150):
        make_comment(old, remote_id=f"c{number}")
    put_all_off(channel)
    assert listen_once(channel) == 0
    assert bell_of(channel).cursor == "200"


def test_what_is_heard_is_read_by_the_task_of_its_thread(channel: Channel, scene: Scene) -> None:
    make_thread(channel, "a")
    put_all_off(channel)
    scene.tells("c1", under="a", text="Spedite in Germania?")
    tasks.sync_stream(bell_of(channel).pk)
    for stream in Stream.objects.filter(name__in=due(channel)):
        tasks.sync_stream(stream.pk)
    assert Comment.objects.get().text == "Spedite in Germania?"
    put_all_off(channel)
    assert listen_once(channel) == 0


@pytest.mark.both_databases
def test_a_thread_that_is_woken_while_it_is_read_stays_due(channel: Channel) -> None:
    make_thread(channel, "a")
    stream = claim_stream(channel.streams.get(name="thread:a").pk, "a reader")
    assert stream is not None
    assert wake(channel.pk, [stream.name]) == 1
    done(stream, cursor="7", next_at=timezone.now() + timedelta(minutes=1), found=False)
    assert "thread:a" in due(channel)
    assert channel.streams.get(name="thread:a").cursor == "7"


@pytest.mark.both_databases
def test_one_listens_at_a_time(channel: Channel) -> None:
    make_thread(channel, "a")
    assert claim_stream(bell_of(channel).pk, "another") is not None
    assert listen_once(channel) is None


@pytest.mark.parametrize(
    ("problem", "least"),
    [
        (SignIn("scope_missing", status=403), 5 * 3600),
        (Rejected("not_allowed", status=403), 5 * 3600),
        (Rejected("not_found", status=404), 5 * 3600),
        (Unavailable("rate_limited"), 100),
    ],
)
def test_without_a_bell_the_channel_is_sound_and_its_threads_keep_their_rhythm(
    channel: Channel, scene: Scene, problem: AdapterError, least: int
) -> None:
    thread = make_thread(channel, "a")
    scene.deaf = problem
    assert listen_once(channel) == 0
    channel.refresh_from_db()
    assert channel.state == ChannelState.CONNECTED
    assert (at(bell_of(channel)) - timezone.now()).total_seconds() > least
    read(thread)
    assert seconds_to_next(channel, "thread:a") < 25


def test_a_token_that_is_refused_loses_the_channel_and_no_more_is_asked(channel: Channel, scene: Scene) -> None:
    make_thread(channel, "a")
    scene.deaf = SignIn("token_refused", status=401)
    listen_once(channel)
    channel.refresh_from_db()
    assert channel.state == ChannelState.LOST
    listen_once(channel)
    assert scene.heard == 1


def test_a_channel_that_was_disconnected_is_not_listened_to(channel: Channel, scene: Scene) -> None:
    make_thread(channel, "a")
    disconnect(channel, by=None)
    follow(Publication.objects.get())
    assert bell_of(channel).next_at is None
    listen_once(channel)
    assert (scene.heard, bell_of(channel).next_at) == (0, None)


def test_beside_a_bell_a_fresh_thread_is_read_by_itself_once_a_minute(channel: Channel) -> None:
    thread = make_thread(channel, "a")
    listen_once(channel)
    assert seconds_to_next(channel, "notifications") <= 15
    read(thread)
    assert 55 < seconds_to_next(channel, "thread:a") < 75


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        (timedelta(minutes=1), 10),
        (timedelta(days=2), 15),
        (timedelta(days=10), 60),
        (timedelta(days=90), 300),
    ],
)
def test_a_channel_is_listened_to_more_often_while_it_lives(channel: Channel, age: timedelta, seconds: int) -> None:
    make_thread(channel, "a", published_at=timezone.now() - age)
    assert seconds <= pause(bell_of(channel), rung=0).total_seconds() < seconds + bells.SPREAD_S


def test_a_message_under_an_old_post_makes_a_channel_lively(channel: Channel) -> None:
    thread = make_thread(channel, "a", published_at=timezone.now() - timedelta(days=90))
    make_comment(thread)
    assert pause(bell_of(channel), rung=0) < timedelta(seconds=15)


def test_many_threads_woken_at_once_put_the_next_reading_off(channel: Channel) -> None:
    make_thread(channel, "a")
    assert pause(bell_of(channel), rung=31) >= timedelta(seconds=62)


def test_an_error_of_ours_puts_the_bell_off(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    make_thread(channel, "a")

    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(BellAdapter, "mentions", broken)
    with pytest.raises(ZeroDivisionError):
        tasks.sync_stream(bell_of(channel).pk)
    assert seconds_to_next(channel, "notifications") > 200


@pytest.mark.parametrize("reader", [hear, sync_stream])
def test_a_stream_that_is_gone_is_nobodys(reader: Callable[..., object]) -> None:
    assert reader(4711, owner="a test") is None


def seconds_to_next(channel: Channel, name: str) -> float:
    return (at(channel.streams.get(name=name)) - timezone.now()).total_seconds()


def at(stream: Stream) -> datetime:
    assert stream.next_at is not None
    return stream.next_at

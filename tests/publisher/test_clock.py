"""The clock, turned by hand against a platform in memory: at the second, once, and only what may go."""

import time
import uuid
from datetime import datetime, timedelta

import pytest

from publisher import outbox
from publisher.clock.arming import arm
from publisher.clock.claiming import claim
from publisher.clock.preparing import preflight
from publisher.contract.errors import Rejected, SignIn, Unavailable
from publisher.files import path_of
from publisher.models import Attachment, Attempt, Channel, Connection, Host, Profile, Publication
from publisher.signals import publication_published
from tests.make import make_brand
from tests.publisher.driving import drive, drive_to, make_clock, turn
from tests.publisher.fake import World
from tests.publisher.make_publisher import (
    make_channel,
    make_publication,
    make_stored_file,
    make_waiting,
    now,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def soon(seconds: float = 0.3) -> datetime:
    return now() + timedelta(seconds=seconds)


def fake_channel(**fields: object) -> Channel:
    return make_channel(platform="fake", **fields)


def test_a_post_goes_out_at_its_second_and_never_before(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon(1.5))
    done = drive_to(make_clock(arm_ahead_s=1.2), row, "published")
    ((left, text, _),) = world.calls
    assert text == "Buongiorno."
    assert 0 <= left - row.due_at.timestamp() < 1
    assert done.remote_id == next(iter(world.posts.values())).remote_id
    assert (done.url, done.owner, done.next_at) == ("https://social.example/@v/1", "", None)
    assert done.lag_ms is not None
    assert 0 <= done.lag_ms < 1000
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status, attempt.provider_request_id) == ("receipt", 200, "r-1")
    assert attempt.started_at >= row.due_at


def test_the_try_is_written_down_before_the_call(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon(2))
    clock = make_clock(arm_ahead_s=3)
    drive(clock, lambda: bool(clock.flying))
    assert world.calls == []
    assert list(Attempt.objects.filter(finished_at=None).values_list("publication", flat=True)) == [row.pk]
    drive_to(clock, row, "published")


def test_what_was_changed_after_approval_does_not_go_out(world: World) -> None:
    row = make_waiting(fake_channel())
    Publication.objects.filter(pk=row.pk).update(
        content={**row.content, "text": "Comprate"}, next_at=now(), prepared={}
    )
    done = drive_to(make_clock(), row, "failed")
    assert (done.problem_code, world.calls) == ("seal_broken", [])


def test_a_seal_that_breaks_between_claim_and_arming_is_seen(world: World) -> None:
    channel = fake_channel()
    file = make_stored_file(channel.brand)
    make_waiting(channel, due_at=now(), files=((file.pk, "Una bottiglia", ""),))
    clock = make_clock()
    (held,) = claim(owner=clock.owner, hours=clock.hours, pace=clock.pace)
    preflight(held.pk)
    Attachment.objects.update(alt="Un’altra cosa")
    armed = arm([held], owner=clock.owner, hours=clock.hours, pace=clock.pace)
    assert armed.jobs == []
    assert Publication.objects.get().problem_code == "seal_broken"


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_a_file_whose_bytes_are_gone_or_changed_stops_the_post(world: World, how: str) -> None:
    channel = fake_channel()
    file = make_stored_file(channel.brand)
    if how == "gone":
        path_of(file).unlink()
    else:
        path_of(file).write_bytes(b"another picture")
    row = make_waiting(channel, due_at=soon(), files=((file.pk, "Una bottiglia", ""),))
    done = drive_to(make_clock(), row, "failed")
    assert (done.problem_code, world.calls, world.prepared) == ("file_gone", [], [])


@pytest.mark.parametrize(
    ("change", "code"), [("ended", "channel_ended"), ("lost", "channel_lost"), ("sign_in", "channel_lost")]
)
def test_a_channel_that_ended_or_was_lost_sends_nothing(world: World, change: str, code: str) -> None:
    channel = fake_channel()
    row = make_waiting(channel, due_at=soon())
    preflight(row.pk)
    if change == "sign_in":
        Connection.objects.update(state="lost")
    else:
        Channel.objects.update(state=change)
    done = drive_to(make_clock(), row, "failed")
    assert (done.problem_code, world.calls) == (code, [])


def test_a_channel_lost_before_anything_was_prepared_fails_the_post_at_its_hour(world: World) -> None:
    channel = fake_channel()
    row = make_waiting(channel, due_at=soon())
    Channel.objects.update(state="lost")
    done = drive_to(make_clock(), row, "failed")
    assert (done.problem_code, done.error_class, world.calls) == ("channel_lost", "sign_in", [])


def test_a_sign_in_lost_long_before_the_hour_can_be_renewed(world: World) -> None:
    world.prepares = [SignIn("token_refused")]
    row = make_waiting(fake_channel(), due_at=now() + timedelta(minutes=9))
    preflight(row.pk)
    row.refresh_from_db()
    assert (row.state, row.problem_code) == ("waiting", "token_refused")
    assert Channel.objects.get().state == "lost"


def test_a_token_that_the_vault_cannot_open_sends_nothing(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon())
    preflight(row.pk)
    Connection.objects.update(sealed_access="v1.gone.AAAA")
    done = drive_to(make_clock(), row, "failed")
    assert (done.problem_code, world.calls) == ("token_unreadable", [])


def test_a_stop_before_arming_holds_the_post(world: World) -> None:
    channel = fake_channel()
    row = make_waiting(channel, due_at=soon())
    stop = outbox.stop(scope="channel", channel=channel, reason="x", by=None)
    clock = make_clock()
    drive_to(clock, row, "held")
    assert world.calls == []
    outbox.resume(stop, by=None)
    drive_to(clock, row, "published")


def test_a_stop_after_arming_is_seen_before_the_call(world: World) -> None:
    channel = fake_channel()
    row = make_waiting(channel, due_at=soon(2.0))  # so long before, since a busy machine takes its time to stop
    clock = make_clock(arm_ahead_s=1.9)
    drive(clock, lambda: bool(clock.flying))
    outbox.stop(scope="agency", agency=channel.brand.agency, reason="x", by=None)
    clock.flags.read()
    drive_to(clock, row, "held")
    assert world.calls == []
    assert Attempt.objects.get().outcome == "not_sent"


def test_nothing_leaves_while_nobody_can_read_the_stops(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon(2))
    clock = make_clock(arm_ahead_s=3, stops_stale_s=0.1)
    drive(clock, lambda: bool(clock.flying))
    time.sleep(2.1)
    while clock.flying:
        clock.turn()
    assert world.calls == []
    assert Attempt.objects.get().outcome == "not_sent"
    drive_to(clock, row, "published")


def test_a_thread_that_wakes_too_late_does_not_send(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon(0.5))
    clock = make_clock(arm_ahead_s=0.4, late_by_s=-1.0)
    drive(clock, lambda: Attempt.objects.filter(outcome="not_sent").exists())
    assert world.calls == []
    assert Publication.objects.get(pk=row.pk).state in {"waiting", "claimed", "sending"}
    clock.ending.set()
    while clock.flying:
        clock.turn()


def test_withdrawing_reaches_a_claimed_row_and_arming_finds_it_gone(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=now())
    clock = make_clock()
    (held,) = claim(owner=clock.owner, hours=clock.hours, pace=clock.pace)
    assert outbox.cancel(origin_key=row.origin_key, by=None, why="withdrawn").canceled == [row]
    armed = arm([held], owner=clock.owner, hours=clock.hours, pace=clock.pace)
    assert (armed.jobs, armed.gone) == ([], {row.pk})
    assert not Attempt.objects.exists()


def test_withdrawing_after_arming_says_that_it_is_beyond_reach(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon(2))
    clock = make_clock(arm_ahead_s=3)
    drive(clock, lambda: bool(clock.flying))
    done = outbox.cancel(origin_key=row.origin_key, by=None, why="withdrawn")
    assert (done.canceled, done.beyond) == ([], [row])
    drive_to(clock, row, "published")


def test_what_is_later_than_its_window_is_missed_and_not_sent(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=now() - timedelta(minutes=16))
    done = drive_to(make_clock(), row, "missed")
    assert (done.problem_code, world.calls) == ("window_passed", [])


def test_a_window_that_closes_between_claim_and_arming_is_seen(world: World) -> None:
    make_waiting(fake_channel(), due_at=now())
    clock = make_clock()
    (held,) = claim(owner=clock.owner, hours=clock.hours, pace=clock.pace)
    preflight(held.pk)
    Publication.objects.update(late_after=now())
    assert arm([held], owner=clock.owner, hours=clock.hours, pace=clock.pace).jobs == []
    assert Publication.objects.get().state == "missed"
    assert world.calls == []


def test_what_is_held_beyond_its_window_is_missed(world: World) -> None:
    row = make_publication(fake_channel(), state="held", due_at=now() - timedelta(minutes=16))
    assert drive_to(make_clock(), row, "missed").problem_code == "window_passed_stopped"


def test_a_late_post_still_goes_within_its_window(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=now() - timedelta(minutes=14))
    drive_to(make_clock(), row, "published")
    assert len(world.calls) == 1


def test_two_clocks_send_each_post_once(world: World) -> None:
    rows = [make_waiting(fake_channel(), due_at=soon(0.3)) for _ in range(12)]
    clocks = [make_clock("one"), make_clock("two")]
    while Publication.objects.filter(state="published").count() < len(rows):
        for clock in clocks:
            turn(clock)
    assert len(world.calls) == len(rows)


def test_a_clock_that_was_overtaken_arms_nothing(world: World) -> None:
    make_waiting(fake_channel(), due_at=now())
    slow, quick = make_clock("slow"), make_clock("quick")
    (held,) = claim(owner=slow.owner, hours=slow.hours, pace=slow.pace)
    preflight(held.pk)
    Publication.objects.update(state="waiting", owner="")
    (again,) = claim(owner=slow.owner, hours=slow.hours, pace=quick.pace)
    assert again.fence == held.fence + 1
    assert arm([held], owner=slow.owner, hours=slow.hours, pace=slow.pace).jobs == []
    assert len(arm([again], owner=slow.owner, hours=slow.hours, pace=slow.pace).jobs) == 1


def test_a_result_under_an_old_fence_changes_nothing(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=now())
    clock = make_clock()
    world.answers = [Rejected("refused")]
    drive(clock, lambda: bool(clock.flying))
    Publication.objects.filter(pk=row.pk).update(fence=99)
    drive(clock, lambda: not clock.flying)
    assert Publication.objects.get(pk=row.pk).state == "sending"


def test_one_profile_has_one_call_in_flight(world: World) -> None:
    channel = fake_channel()
    world.delay_s = 0.1
    rows = [make_waiting(channel, text=f"n. {number}", due_at=soon(0.2)) for number in range(3)]
    clock = make_clock()
    most = 0
    while Publication.objects.filter(state="published").count() < 3:
        turn(clock)
        most = max(most, Publication.objects.filter(state="sending").count())
    assert most == 1
    assert [text for _, text, _ in world.calls] == ["n. 0", "n. 1", "n. 2"], rows


def test_two_brands_on_one_page_share_its_one_call(world: World) -> None:
    first = fake_channel()
    second = make_channel(make_brand(first.brand.agency), platform="fake", profile=first.profile)
    for channel in (first, second):
        make_waiting(channel, due_at=now())
    clock = make_clock()
    held = claim(owner=clock.owner, hours=clock.hours, pace=clock.pace)
    for one in held:
        preflight(one.pk)
    assert len(arm(held, owner=clock.owner, hours=clock.hours, pace=clock.pace).jobs) == 1
    assert sorted(Publication.objects.values_list("state", flat=True)) == ["claimed", "sending"]


def test_refused_content_fails_at_once_and_keeps_the_reason(world: World) -> None:
    world.answers = [Rejected("text_too_long", values={"limit": 500, "over": 3}, status=422)]
    done = drive_to(make_clock(), make_waiting(fake_channel(), due_at=soon()), "failed")
    assert (done.problem_code, done.problem_values, done.error_class) == (
        "text_too_long",
        {"limit": 500, "over": 3},
        "rejected",
    )


def test_a_refused_token_fails_the_post_and_marks_the_channel(world: World) -> None:
    world.answers = [SignIn("token_refused", status=401)]
    row = make_waiting(fake_channel(), due_at=soon())
    drive_to(make_clock(), row, "failed")
    assert Channel.objects.get(pk=row.channel_id).state == "lost"


def test_a_platform_that_asks_to_wait_gets_its_pause(world: World) -> None:
    until = now() + timedelta(seconds=1)
    world.answers = [Unavailable("rate_limited", retry_at=until, scope="profile", status=429)]
    row = make_waiting(fake_channel(), due_at=soon())
    clock = make_clock()
    drive(clock, lambda: bool(Attempt.objects.filter(outcome="unavailable")))
    profile = Profile.objects.get(pk=row.profile_id)
    assert profile.paused_until == until
    again = Publication.objects.get(pk=row.pk)
    assert again.state == "waiting"
    assert again.next_at is not None
    assert again.next_at >= until
    Publication.objects.filter(pk=row.pk).update(next_at=now())
    drive_to(clock, row, "published")
    assert world.calls[-1][0] >= until.timestamp()


def test_a_host_that_fails_five_times_is_left_alone(world: World) -> None:
    world.answers = [Unavailable("server_not_reached", scope="host") for _ in range(5)]
    rows = [make_waiting(fake_channel(), due_at=soon(0.1)) for _ in range(5)]
    clock = make_clock()
    drive(clock, lambda: Attempt.objects.filter(outcome="unavailable").count() == 5)
    host = Host.objects.get(name="social.example")
    assert host.breaker_until is not None
    assert host.breaker_until > now()
    Publication.objects.update(next_at=now())
    for _ in range(20):
        turn(clock)
    assert len(world.calls) == 5
    Host.objects.update(breaker_until=now())
    drive(clock, lambda: Publication.objects.filter(state="published").count() == len(rows))
    assert Host.objects.get().failures == 0


def test_ending_gives_back_what_was_claimed_and_finishes_what_is_in_flight(world: World) -> None:
    flying = make_waiting(fake_channel(), due_at=soon(0.4))
    held = make_waiting(fake_channel(), due_at=soon(4))
    clock = make_clock(arm_ahead_s=0.3)
    drive(clock, lambda: bool(clock.flying) and bool(clock.held))
    clock.stop()
    while clock.flying:
        clock.turn()
    assert Publication.objects.get(pk=flying.pk).state == "published"
    again = Publication.objects.get(pk=held.pk)
    assert (again.state, again.owner) == ("waiting", "")


def test_a_stop_of_one_post_reaches_that_post_alone(world: World) -> None:
    channel = fake_channel()
    stopped, other = (make_waiting(channel, due_at=soon(), origin_key=uuid.uuid4()) for _ in range(2))
    outbox.stop(scope="post", origin_key=stopped.origin_key, brand=channel.brand, reason="no", by=None)
    clock = make_clock()
    drive_to(clock, other, "published")
    drive_to(clock, stopped, "held")


def test_news_of_an_outcome_reach_upstairs_once_they_are_stored(world: World) -> None:
    heard: list[int] = []

    def hear(*, publication_id: int, **_news: object) -> None:
        heard.append(publication_id)

    publication_published.connect(hear)
    try:
        row = make_waiting(fake_channel(), due_at=soon())
        clock = make_clock()
        drive_to(clock, row, "published")
        clock.held.clear()
        turn(clock)
    finally:
        publication_published.disconnect(hear)
    assert heard == [row.pk]
    assert Publication.objects.get().news == ""

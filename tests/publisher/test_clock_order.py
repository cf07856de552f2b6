"""What the clock does with parts that follow others, with answers, and with what has to be prepared first."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from publisher import outbox
from publisher.clock.arming import arm
from publisher.clock.claiming import claim
from publisher.clock.preparing import preflight
from publisher.contract.content import Content, Receipt, Ticket
from publisher.contract.errors import Rejected, Unavailable
from publisher.contract.wire import LEASH
from publisher.models import Attempt, Channel, Host, Profile, Publication
from publisher.outbox import Parcel
from tests.publisher.driving import drive, drive_to, make_clock, turn
from tests.publisher.fake import World
from tests.publisher.make_publisher import (
    make_channel,
    make_parcel,
    make_permit,
    make_waiting,
    now,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def soon(seconds: float = 0.3) -> datetime:
    return now() + timedelta(seconds=seconds)


def fake_channel(**fields: object) -> Channel:
    return make_channel(platform="fake", **fields)



def test_a_first_comment_follows_its_post_under_its_id(world: World) -> None:
    post = make_parcel(fake_channel(), due_at=soon())
    comment = replace(post, kind="first_comment", content={**post.content, "text": "Il link"}, after=0)
    rows = outbox.enqueue([post, comment], permit=make_permit())
    drive_to(make_clock(), rows[1], "published")
    (_, first, _), (_, second, content) = world.calls
    assert (first, second) == ("Buongiorno.", "Il link")
    assert content.reply_to == content.reply_root == Publication.objects.get(pk=rows[0].pk).remote_id


def test_a_first_comment_never_goes_when_its_post_does_not(world: World) -> None:
    world.answers = [Rejected("refused")]
    post = make_parcel(fake_channel(), due_at=soon())
    rows = outbox.enqueue([post, replace(post, kind="first_comment", after=0)], permit=make_permit())
    clock = make_clock()
    drive_to(clock, rows[0], "failed")
    Publication.objects.update(late_after=now())
    drive_to(clock, rows[1], "missed")
    assert len(world.calls) == 1


def test_an_answer_of_a_moderator_goes_the_same_way(world: World) -> None:
    parcel: Parcel = make_parcel(fake_channel(), due_at=now(), kind="reply", reply_to="77", reply_extra={"root": "70"})
    (row,) = outbox.enqueue([parcel], permit=make_permit())
    drive_to(make_clock(), row, "published")
    ((_, _, content),) = world.calls
    assert (content.kind, content.reply_to, content.reply_root) == ("reply", "77", "70")


def test_preparing_that_must_wait_is_tried_again_and_people_are_told(world: World) -> None:
    world.prepares = [Unavailable("server_not_reached")]
    row = make_waiting(fake_channel(), due_at=now() + timedelta(minutes=5))
    preflight(row.pk)
    row.refresh_from_db()
    assert (row.state, row.problem_code, row.prepared) == ("waiting", "server_silent", None)
    assert row.prepare_next_at is not None
    assert row.prepare_next_at > now()
    preflight(row.pk)
    row.refresh_from_db()
    assert (row.problem_code, row.prepared) == ("", {})


def test_what_was_prepared_and_went_stale_is_prepared_again(world: World) -> None:
    row = make_waiting(fake_channel(), due_at=soon(0.3))
    Publication.objects.update(prepared={"old": 1}, prepared_at=now(), prepared_until=now())
    drive_to(make_clock(), row, "published")
    assert len(world.prepared) == 1


def test_what_the_platform_says_is_left_is_kept_and_who_has_nothing_left_rests(world: World) -> None:
    until = now() + timedelta(minutes=5)
    quotas = [{"left": 12, "limit": 300}, {"left": 0, "reset_at": until.isoformat()}]
    rows = []
    for quota in quotas:
        row = make_waiting(fake_channel(), due_at=soon(0.1))
        world.answers = [lambda _content, ticket, quota=quota: replace(world.published(ticket), quota=quota)]
        rows.append(drive_to(make_clock(), row, "published"))
    first, second = (Profile.objects.get(pk=row.profile_id) for row in rows)
    assert (first.quota, first.paused_until) == ({"left": 12, "limit": 300}, None)
    assert (second.quota["left"], second.paused_until) == (0, until)
    later = make_waiting(Channel.objects.get(pk=rows[1].channel_id), due_at=now())
    clock = make_clock()
    for _ in range(5):
        turn(clock)
    assert Publication.objects.get(pk=later.pk).state == "waiting"


def test_a_server_that_asks_for_a_pause_is_left_alone_for_all_its_profiles(world: World) -> None:
    until = now() + timedelta(minutes=3)
    world.answers = [Unavailable("server_busy", retry_at=until, scope="host", status=503)]
    row = make_waiting(fake_channel(), due_at=soon(0.1))
    clock = make_clock()
    drive(clock, lambda: Attempt.objects.filter(outcome="unavailable").exists())
    host = Host.objects.get(name="social.example")
    assert (host.paused_until, host.failures) == (until, 1)
    other = make_waiting(fake_channel(), due_at=now())
    for _ in range(5):
        turn(clock)
    assert (len(world.calls), Publication.objects.get(pk=other.pk).state) == (1, "waiting")
    Host.objects.update(paused_until=now())
    Publication.objects.filter(pk=row.pk).update(next_at=now())
    drive_to(clock, row, "published")
    drive_to(clock, other, "published")


def test_a_try_keeps_the_digest_of_what_was_sent(world: World) -> None:
    def call(_content: Content, ticket: Ticket) -> Receipt:
        LEASH.sha256 = "ab" * 32
        return world.published(ticket)

    world.answers = [call]
    channel = fake_channel()
    drive_to(make_clock(threads=1), make_waiting(channel, due_at=soon(0.1)), "published")
    clock = make_clock(threads=1)
    world.answers = [call, Rejected("refused")]
    rows = [make_waiting(channel, due_at=soon(0.1 + 0.1 * number)) for number in range(2)]
    drive_to(clock, rows[1], "failed")
    digests = list(Attempt.objects.order_by("pk").values_list("request_sha256", flat=True))
    assert digests == ["ab" * 32, "ab" * 32, ""], "one that sent nothing has none of the call before it"


def test_arming_asks_as_often_for_many_posts_as_for_one(world: World) -> None:
    asked = []
    for count in (1, 30):
        for _ in range(count):
            preflight(make_waiting(fake_channel(), due_at=now()).pk)
        clock = make_clock()
        held = claim(owner=clock.owner, hours=clock.hours, pace=clock.pace)
        with CaptureQueriesContext(connection) as queries:
            armed = arm(held, owner=clock.owner, hours=clock.hours, pace=clock.pace)
        assert len(armed.jobs) == count
        asked.append(len(queries))
    assert asked[0] == asked[1] < 15

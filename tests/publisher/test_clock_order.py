"""What the clock does with parts that follow others, with answers, and with what has to be prepared first."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from publisher import outbox
from publisher.clock.preparing import preflight
from publisher.contract.errors import Rejected, Unavailable
from publisher.models import Channel, Publication
from publisher.outbox import Parcel
from tests.publisher.driving import drive_to, make_clock
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

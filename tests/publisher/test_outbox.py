"""What other packages ask of the outbox: hand over, take back, move, stop, settle."""

import uuid
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from accounts.models import AuditEntry
from publisher import outbox
from publisher.models import Publication, Stop, StoredFile
from publisher.outbox import AlreadyOutError, BeyondAcceptedError, TooLateError
from publisher.seals import seal_of
from tests.make import make_brand, make_user
from tests.publisher.make_publisher import (
    make_attempt,
    make_channel,
    make_parcel,
    make_permit,
    make_publication,
    make_stored_file,
    make_waiting,
    now,
)

pytestmark = pytest.mark.django_db


def states_of(*rows: Publication) -> list[str]:
    return [Publication.objects.get(pk=row.pk).state for row in rows]


def test_a_parcel_becomes_a_sealed_row_that_waits_for_its_hour() -> None:
    channel = make_channel()
    file = make_stored_file(channel.brand)
    row = make_waiting(channel, files=((file.pk, "Una bottiglia", "0,0"),))
    stored = Publication.objects.get(pk=row.pk)
    assert (stored.state, stored.next_at, stored.profile) == ("waiting", stored.due_at, channel.profile)
    assert stored.late_after - stored.due_at == timedelta(minutes=15)
    assert stored.prepare_next_at == stored.due_at - timedelta(minutes=10)
    assert stored.seal == seal_of(stored, stored.attachments.all())
    assert len(stored.rkey) == 13


@pytest.mark.parametrize("change", ["text", "due_at", "alt", "file", "profile", "reply_to"])
def test_whatever_is_changed_after_sealing_breaks_the_seal(change: str) -> None:
    channel = make_channel()
    file = make_stored_file(channel.brand)
    row = make_waiting(channel, files=((file.pk, "Una bottiglia", "0,0"),), kind="reply", reply_to="12")
    item = row.attachments.get()
    if change == "text":
        row.content["text"] = "Buonasera."
    elif change == "due_at":
        row.due_at += timedelta(seconds=1)
    elif change == "alt":
        item.alt = ""
    elif change == "file":
        item.file.sha256 = "1" * 64
    elif change == "profile":
        row.profile = make_channel().profile
    else:
        row.reply_to = "13"
    assert seal_of(row, [item]) != row.seal


def test_the_same_post_is_not_handed_over_twice_and_nothing_is_half_stored() -> None:
    channel, other = make_channel(), make_channel()
    parcel = make_parcel(channel)
    outbox.enqueue([parcel], permit=make_permit())
    with pytest.raises(AlreadyOutError):
        outbox.enqueue([replace(parcel, channel=other), parcel], permit=make_permit())
    assert Publication.objects.count() == 1


def test_a_file_of_another_brand_is_never_sent() -> None:
    foreign = make_stored_file(make_brand())
    with pytest.raises(StoredFile.DoesNotExist):
        make_waiting(make_channel(), files=((foreign.pk, "", ""),))


def test_a_first_comment_waits_for_its_post() -> None:
    first = make_parcel()
    comment = replace(first, kind="first_comment", after=0)
    post, follower = outbox.enqueue([first, comment], permit=make_permit())
    assert (follower.after, follower.next_at) == (post, None)


def test_withdrawing_takes_back_what_has_not_left_and_says_what_has() -> None:
    key = uuid.uuid4()
    near = [make_publication(origin_key=key, state=state) for state in ("waiting", "held", "claimed")]
    gone = [make_publication(origin_key=key, state=state) for state in ("sending", "unknown", "published")]
    ed = make_user("Ed")
    done = outbox.cancel(origin_key=key, by=ed, why="edited")
    assert done.canceled == near
    assert done.beyond == gone
    assert states_of(*near) == ["canceled"] * 3
    assert AuditEntry.objects.filter(verb="publication.canceled", actor=ed).count() == 3


def test_another_hour_is_a_new_row_under_the_same_pass() -> None:
    row = make_waiting()
    later = row.due_at + timedelta(hours=2)
    (copy,) = outbox.postpone(
        origin_key=row.origin_key, wall=row.wall + timedelta(hours=2), zone=row.zone, fold=0, due_at=later, by=None
    )
    assert states_of(row, copy) == ["canceled", "waiting"]
    assert (copy.due_at, copy.late_after - later, copy.sealed_by) == (later, timedelta(minutes=15), "Cleo")
    assert copy.seal == seal_of(copy, copy.attachments.all()) != row.seal
    assert copy.key != row.key


def test_small_steps_never_lead_beyond_the_hours_that_were_accepted() -> None:
    row = make_waiting(permit=make_permit(redate_within=timedelta(hours=3)))
    for hours in (2, 3):
        due_at = row.due_at + timedelta(hours=hours)
        outbox.postpone(origin_key=row.origin_key, wall=row.wall, zone=row.zone, fold=0, due_at=due_at, by=None)
    with pytest.raises(BeyondAcceptedError):
        outbox.postpone(
            origin_key=row.origin_key,
            wall=row.wall,
            zone=row.zone,
            fold=0,
            due_at=row.due_at + timedelta(hours=4),
            by=None,
        )
    assert Publication.objects.get(origin_key=row.origin_key, state="waiting").due_at == row.due_at + timedelta(hours=3)


def test_a_postponed_thread_keeps_its_order_and_what_is_out_stays_out() -> None:
    first = make_parcel()
    post, follower = outbox.enqueue([first, replace(first, kind="part", part=1, after=0)], permit=make_permit())
    later = post.due_at + timedelta(hours=1)
    new_post, new_follower = outbox.postpone(
        origin_key=post.origin_key, wall=post.wall, zone=post.zone, fold=0, due_at=later, by=None
    )
    assert (new_follower.after, new_follower.next_at) == (new_post, None)
    Publication.objects.filter(pk=new_post.pk).update(state="published")
    (last,) = outbox.postpone(origin_key=post.origin_key, wall=post.wall, zone=post.zone, fold=0, due_at=later, by=None)
    assert last.after == new_post
    assert last.next_at == later
    assert states_of(new_post, follower) == ["published", "canceled"]


def test_a_failed_post_is_tried_again_within_its_window_only() -> None:
    row = make_publication(state="failed", problem_code="text_too_long")
    outbox.retry(row, by=None)
    assert states_of(row) == ["waiting"]
    late = make_publication(state="failed", due_at=now() - timedelta(hours=1))
    with pytest.raises(TooLateError):
        outbox.retry(late, by=None)
    twin = make_publication(state="failed")
    make_publication(channel=twin.channel, origin_key=twin.origin_key)
    with pytest.raises(AlreadyOutError):
        outbox.retry(twin, by=None)


def test_a_person_settles_a_doubt() -> None:
    out = make_publication(state="unknown")
    make_attempt(out, finished_at=now(), outcome="unknown")
    outbox.settle(out, is_out=True, url="https://social.example/@valdoro/1", by=None)
    early = make_publication(state="unknown", next_at=None)
    outbox.settle(early, is_out=False, by=None)
    late = make_publication(state="unknown", due_at=now() - timedelta(hours=1), next_at=None)
    outbox.settle(late, is_out=False, by=None)
    assert states_of(out, early, late) == ["published", "waiting", "missed"]
    with pytest.raises(TooLateError):
        outbox.settle(late, is_out=True, by=None)


def test_while_we_look_ourselves_nobody_says_that_it_is_not_out() -> None:
    doubtful = make_publication(state="unknown")
    with pytest.raises(TooLateError):
        outbox.settle(doubtful, is_out=False, by=None)
    assert states_of(doubtful) == ["unknown"]


def test_what_has_left_cannot_be_dropped() -> None:
    missed, sending = make_publication(state="missed"), make_publication(state="sending")
    outbox.drop(missed, by=None)
    with pytest.raises(TooLateError):
        outbox.drop(sending, by=None)
    assert states_of(missed, sending) == ["canceled", "sending"]


def test_a_second_stop_of_the_same_scope_is_the_first() -> None:
    brand, mara = make_brand(), make_user("Mara")
    first = outbox.stop(scope="brand", brand=brand, reason="Attacco in corso", by=mara)
    assert outbox.stop(scope="brand", brand=brand, reason="Di nuovo", by=mara) == first
    assert outbox.stop(scope="brand", brand=make_brand(), reason="Altro", by=mara) != first
    everything = outbox.stop(scope="all", reason="Manutenzione", by=None)
    assert outbox.stop(scope="all", reason="Ancora", by=None) == everything
    with pytest.raises(ValueError, match="channel"):
        outbox.stop(scope="channel", reason="Quale?", by=None)


def test_lifting_a_stop_gives_back_what_is_in_time_and_tells_what_is_not() -> None:
    channel = make_channel()
    brand = channel.brand
    first = make_publication(channel, state="held")
    second = make_publication(channel, state="held")
    late = make_publication(channel, state="held", due_at=now() - timedelta(hours=1))
    held = outbox.stop(scope="brand", brand=brand, reason="x", by=None)
    done = outbox.resume(held, by=None)
    assert (done.waiting, done.missed) == ([first, second], [late])
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.next_at is not None
    assert second.next_at is not None
    assert second.next_at - first.next_at >= timedelta(seconds=5), "never a burst"
    assert Stop.objects.get().lifted_at is not None


def test_what_no_clock_looked_at_during_a_stop_goes_out_one_after_the_other_too() -> None:
    channel, at = make_channel(), now()
    rows = [make_waiting(channel, due_at=at - timedelta(minutes=minutes)) for minutes in (20, 9, 8, 7)]
    ahead = make_waiting(channel, due_at=at + timedelta(minutes=5))
    Publication.objects.filter(pk=rows[2].pk).update(state="claimed", owner="a clock", fence=3)
    resumed = outbox.resume(outbox.stop(scope="channel", channel=channel, reason="attesa", by=None), by=None)
    assert [row.pk for row in resumed.missed] == [rows[0].pk]
    assert [row.pk for row in resumed.waiting] == [row.pk for row in rows[1:]]
    turns = [Publication.objects.get(pk=row.pk).next_at for row in rows[1:]]
    assert all(later - sooner >= timedelta(seconds=5) for sooner, later in pairwise(turns) if sooner and later)
    assert states_of(*rows[1:]) == ["waiting", "waiting", "waiting"], "the claimed one is claimed anew at its turn"
    ahead.refresh_from_db()
    assert ahead.next_at == ahead.due_at, "what has its hour before it keeps it"


def test_what_another_stop_still_covers_stays_held() -> None:
    channel = make_channel()
    row = make_publication(channel, state="held")
    whole = outbox.stop(scope="agency", agency=channel.brand.agency, reason="x", by=None)
    outbox.stop(scope="channel", channel=channel, reason="y", by=None)
    assert outbox.resume(whole, by=None).waiting == []
    assert states_of(row) == ["held"]
    found = outbox.open_stop_for(brand=channel.brand, channel=channel)
    assert found is not None
    assert found.scope == "channel"
    assert outbox.open_stop_for(brand=channel.brand) is None


def test_delivery_lists_each_origin_without_what_was_canceled() -> None:
    row = make_publication(state="published")
    make_publication(row.channel, origin_key=row.origin_key, state="canceled")
    nobody = uuid.uuid4()
    assert outbox.delivery_of([row.origin_key, nobody]) == {row.origin_key: [row], nobody: []}


def test_counts_are_written_for_the_calendar() -> None:
    row = make_publication(state="published")
    outbox.note_comments(row.pk, comment_count=3, open_count=1, last_comment_at=now())
    row.refresh_from_db()
    assert (row.comment_count, row.open_count) == (3, 1)

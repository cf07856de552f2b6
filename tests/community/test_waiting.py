"""Who waits, since when, and in which list a conversation stands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import Role
from community import moderation
from community.inbox import ROWS_ON_A_PAGE, View, listing
from community.models import Conversation, ConversationState
from community.templatetags.strangers_words import is_late, lasting, wait_words
from tests.community.make_community import make_comment, make_fake_channel, make_thread
from tests.make import make_brand, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]


def fresh(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def test_waiting_runs_from_the_last_unanswered_message_of_a_person() -> None:
    thread = make_thread()
    make_comment(thread, "Il pacco è rotto", minutes_ago=108)
    last = make_comment(thread, "Ho le foto", minutes_ago=20)
    assert fresh(thread).waiting_since_at == last.remote_at


def test_nobody_is_lost_behind_who_wrote_after_them() -> None:
    thread = make_thread()
    first = make_comment(thread, "Il pacco è rotto", name="Luca", minutes_ago=90)
    make_comment(thread, "Che bella foto", name="Anna", minutes_ago=2)
    assert fresh(thread).waiting_since_at == first.remote_at
    assert fresh(thread).newest_name == "Anna"


def test_a_date_in_the_future_does_not_make_somebody_wait_less() -> None:
    thread = make_thread()
    comment = make_comment(thread, "Ciao", minutes_ago=-600, fetched_at=timezone.now())
    assert fresh(thread).waiting_since_at == comment.fetched_at


@pytest.mark.parametrize(
    ("minutes_ago", "said"), [(108, "12 min left"), (10, "1 h 50 min left"), (228, "for 3 h 48 min")]
)
def test_the_row_says_how_much_time_is_left_or_for_how_long_somebody_has_waited(minutes_ago: int, said: str) -> None:
    thread = make_thread()
    make_comment(thread, minutes_ago=minutes_ago)
    with translation.override("en"):
        assert wait_words(fresh(thread)) == said
    assert is_late(fresh(thread)) is (minutes_ago > 120)


def test_days_are_said_as_days() -> None:
    with translation.override("en"):
        assert lasting(timedelta(hours=50)) == "2 days"
        assert lasting(timedelta(seconds=30)) == "0 min"


def test_the_lists_hold_what_their_names_say() -> None:
    brand = make_brand()
    mo = make_member("Mo", brand, Role.MODERATOR)
    channel = make_fake_channel(brand)
    silent, waiting, done, mine = (make_thread(channel, f"r{number}") for number in range(4))
    for thread in (waiting, done, mine):
        make_comment(thread)
    Conversation.objects.filter(pk=mine.pk).update(assignee=mo)
    Conversation.objects.filter(pk=waiting.pk).update(state=ConversationState.WAITING)
    moderation.close(fresh(done), by=mo)
    found = {view: {row.pk for row in listing(mo, brand, view=view).rows} for view in View}
    assert found == {View.OPEN: {mine.pk}, View.MINE: {mine.pk}, View.WAITING: {waiting.pk}, View.CLOSED: {done.pk}}
    assert silent.pk not in set().union(*found.values())
    assert listing(mo, brand).counts == {"open": 1, "mine": 1, "waiting": 1, "closed": 1}


def test_who_has_waited_longest_stands_first() -> None:
    brand = make_brand()
    mo = make_member("Mo", brand, Role.MODERATOR)
    channel = make_fake_channel(brand)
    threads = [make_thread(channel, f"r{number}") for number in range(3)]
    for thread, minutes in zip(threads, (10, 300, 60), strict=True):
        make_comment(thread, minutes_ago=minutes)
    assert [row.pk for row in listing(mo, brand).rows] == [threads[1].pk, threads[2].pk, threads[0].pk]


def test_all_brands_show_only_those_whose_inbox_a_person_may_read() -> None:
    ours, theirs = make_brand(), make_brand(name="Birra Ponte")
    mo = make_member("Mo", ours, Role.MODERATOR)
    make_member("Otto", theirs, Role.MODERATOR)
    thread, foreign = make_thread(make_fake_channel(ours)), make_thread(make_fake_channel(theirs))
    make_comment(thread)
    make_comment(foreign)
    assert [row.pk for row in listing(mo, None).rows] == [thread.pk]
    assert listing(mo, None).counts["open"] == 1


def test_the_list_is_paged_and_asks_the_database_no_more_at_three_hundred_rows() -> None:
    brand = make_brand()
    mo = make_member("Mo", brand, Role.MODERATOR)
    channel = make_fake_channel(brand)
    now = timezone.now()
    asked = []
    for start, end in ((0, 2), (2, 300)):
        Conversation.objects.bulk_create(
            Conversation(
                brand=brand,
                channel=channel,
                root_remote_id=f"x{number}",
                state="open",
                unanswered_count=1,
                last_inbound_at=now,
                waiting_since_at=now - timedelta(minutes=number),
            )
            for number in range(start, end)
        )
        with CaptureQueriesContext(connection) as captured:
            found = listing(mo, brand)
            assert all(row.channel.profile.platform and row.brand.name for row in found.rows)
        asked.append(len(captured))
    assert asked[0] == asked[1] == 2
    assert (len(found.rows), found.has_more, found.has_less) == (ROWS_ON_A_PAGE, True, False)
    last = listing(mo, brand, page=99)
    assert (last.page, last.has_more, last.has_less) == (10, False, True)


def test_closing_ends_the_waiting_and_a_new_message_opens_again() -> None:
    thread = make_thread()
    mo = make_member("Mo", thread.brand, Role.MODERATOR)
    make_comment(thread)
    moderation.close(thread, by=mo)
    assert (fresh(thread).state, fresh(thread).unanswered_count) == (ConversationState.CLOSED, 0)
    make_comment(thread, "Ancora io", minutes_ago=0)
    assert (fresh(thread).state, fresh(thread).unanswered_count) == (ConversationState.OPEN, 1)


def test_reopening_puts_the_newest_message_back() -> None:
    thread = make_thread()
    mo = make_member("Mo", thread.brand, Role.MODERATOR)
    assert not moderation.reopen(thread, by=mo)
    make_comment(thread, "Prima", minutes_ago=9)
    make_comment(thread, "Poi", minutes_ago=3)
    moderation.close(thread, by=mo)
    assert moderation.reopen(thread, by=mo)
    assert (fresh(thread).state, fresh(thread).unanswered_count) == (ConversationState.OPEN, 1)


def test_a_comment_that_needs_no_answer_waits_no_more() -> None:
    thread = make_thread()
    mo = make_member("Mo", thread.brand, Role.MODERATOR)
    comment = make_comment(thread)
    moderation.mark_handled(comment, by=mo)
    assert (fresh(thread).state, fresh(thread).unanswered_count) == (ConversationState.CLOSED, 0)

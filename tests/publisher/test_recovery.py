"""Doubts: what is decided, and what a clock does about them."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from publisher import outbox
from publisher.clock.hours import Hours
from publisher.clock.leases import expire, release, release_dead
from publisher.clock.owners import is_dead, machine, own_name
from publisher.clock.pace import Pace
from publisher.contract.content import Look, Receipt, SeenPost
from publisher.contract.errors import OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.models import Attempt, Channel, Publication
from publisher.recovery import Doubt, Step, plan
from tests.publisher.driving import drive, drive_to, make_clock, turn
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_attempt, make_channel, make_publication, make_waiting, now

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PACE = Pace()
KEYED = Doubt(
    first_left_at=NOON,
    last_left_at=NOON,
    replays=0,
    looks=0,
    absent=0,
    late_after=NOON + timedelta(minutes=15),
    honours_key=True,
    key_lives_s=3600,
    can_find=True,
    is_complete=True,
    may_send=True,
    may_call=True,
)
PLAIN = replace(KEYED, honours_key=False, key_lives_s=0)


def step(doubt: Doubt, *, after_s: float) -> str:
    return plan(doubt, now=NOON + timedelta(seconds=after_s), pace=PACE).step.value


@pytest.mark.parametrize(
    ("doubt", "after_s", "expected"),
    [
        (KEYED, 9, Step.WAIT),
        (KEYED, 10, Step.REPLAY),
        (replace(KEYED, replays=1), 29, Step.WAIT),
        (replace(KEYED, replays=1), 30, Step.REPLAY),
        (replace(KEYED, replays=3), 100, Step.LOOK),
        (replace(KEYED, key_lives_s=60), 10, Step.LOOK),
        (replace(KEYED, key_lives_s=600), 500, Step.LOOK),
        (KEYED, 15 * 60 + 1, Step.LOOK),
        (replace(KEYED, may_send=False), 10, Step.LOOK),
        (replace(KEYED, may_send=False, can_find=False), 10, Step.ASK),
        (replace(KEYED, may_call=False), 10, Step.ASK),
        (PLAIN, 9, Step.WAIT),
        (PLAIN, 10, Step.LOOK),
        (replace(PLAIN, looks=1, absent=1), 29, Step.WAIT),
        (replace(PLAIN, looks=1, absent=1), 30, Step.LOOK),
        (replace(PLAIN, looks=2, absent=2), 90, Step.LOOK),
        (replace(PLAIN, looks=3, absent=3), 90, Step.GIVE_BACK),
        (replace(PLAIN, looks=3, absent=3, is_complete=False), 90, Step.ASK),
        (replace(PLAIN, looks=3, absent=2), 180, Step.LOOK),
        (replace(PLAIN, looks=12, absent=2), 9999, Step.ASK),
        (replace(PLAIN, looks=1, absent=1, last_looked_at=NOON + timedelta(seconds=300)), 309, Step.WAIT),
        (replace(PLAIN, looks=1, absent=1, last_looked_at=NOON + timedelta(seconds=300)), 310, Step.LOOK),
        (replace(PLAIN, looks=2, is_complete=False), 90, Step.LOOK),
        (replace(PLAIN, looks=3, is_complete=False), 90, Step.ASK),
        (replace(PLAIN, can_find=False), 10, Step.ASK),
    ],
)
def test_each_doubt_has_its_step(doubt: Doubt, after_s: float, expected: Step) -> None:
    assert step(doubt, after_s=after_s) == expected


def test_no_doubt_is_ever_repeated_without_a_key_that_the_server_honours() -> None:
    for seconds in range(0, 4000, 7):
        for looks in range(13):
            assert step(replace(PLAIN, looks=looks), after_s=seconds) != Step.REPLAY


def doubtful(world: World, **answers: Any) -> Publication:
    """Return a post that will go out now and whose answer is lost."""
    world.answers = [world.lost(OutcomeUnknown("answer_lost"))]
    for name, value in answers.items():
        setattr(world, name, value)
    return make_waiting(make_channel(platform="fake"), due_at=now())


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_lost_answer_is_repeated_under_the_same_key_and_is_one_post(world: World) -> None:
    row = doubtful(world)
    done = drive_to(make_clock(), row, "published")
    assert (len(world.calls), len(world.posts), world.finds) == (2, 1, 0)
    assert done.remote_id == world.posts[str(row.key)].remote_id
    assert list(Attempt.objects.order_by("number").values_list("act", "outcome")) == [
        ("publish", "unknown"),
        ("replay", "receipt"),
    ]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_without_a_key_it_is_looked_up_and_adopted_never_sent_again(world: World) -> None:
    row = doubtful(world, honours_key=False)
    done = drive_to(make_clock(), row, "published")
    assert (len(world.calls), world.finds) == (1, 1)
    assert done.remote_id == world.posts[str(row.key)].remote_id
    assert Attempt.objects.filter(act="find", outcome="adopted").count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_three_complete_looks_that_find_nothing_let_it_go_again(world: World) -> None:
    row = doubtful(world, honours_key=False, answers=[OutcomeUnknown("answer_lost")])
    drive_to(make_clock(), row, "published")
    assert (len(world.calls), world.finds, len(world.posts)) == (2, 3, 1)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_after_the_window_it_is_missed_and_not_sent(world: World) -> None:
    row = doubtful(world, honours_key=False, answers=[OutcomeUnknown("answer_lost")])
    clock = make_clock()
    drive_to(clock, row, "unknown")
    Publication.objects.update(late_after=now())
    done = drive_to(clock, row, "missed")
    assert (done.problem_code, len(world.calls)) == ("window_passed", 1)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_where_listings_are_not_complete_a_person_is_asked(world: World) -> None:
    row = doubtful(world, honours_key=False, is_complete=False, answers=[OutcomeUnknown("answer_lost")])
    near = SeenPost("77", "https://social.example/@v/77", None, "Buongiorno a tutti.")
    world.looks = [Look(None, complete=True, read=40, nearest=(near,))]
    clock = make_clock()
    drive(clock, lambda: Publication.objects.get(pk=row.pk).problem_code == "still_unknown")
    asked = Publication.objects.get(pk=row.pk)
    seen = asked.attempts.filter(act="find").order_by("number").values_list("seen", flat=True)[0]
    assert seen is not None
    assert (seen["read"], seen["nearest"][0]["text"]) == (40, "Buongiorno a tutti.")
    assert (asked.state, asked.next_at, len(world.calls)) == ("unknown", None, 1)
    outbox.settle(asked, is_out=True, url="https://social.example/@v/9", by=None)
    assert Publication.objects.get(pk=row.pk).state == "published"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_incomplete_looks_prove_nothing(world: World) -> None:
    row = doubtful(
        world,
        honours_key=False,
        answers=[OutcomeUnknown("answer_lost")],
        looks=[Look(None, complete=False), Unavailable("server_busy", retry_at=now())],
    )
    clock = make_clock()
    drive(clock, lambda: Attempt.objects.filter(act="find").count() >= 2)
    drive(clock, lambda: not Attempt.objects.filter(finished_at=None).exists())
    assert list(Attempt.objects.filter(act="find").values_list("outcome", flat=True)) == ["unknown", "unavailable"]
    assert Publication.objects.get(pk=row.pk).state == "unknown"
    assert len(world.calls) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_repetition_that_is_refused_proves_nothing_and_is_looked_up(world: World) -> None:
    row = doubtful(world)
    world.answers += [Rejected("media_refused")] * 3
    drive_to(make_clock(), row, "published")
    assert (len(world.calls), world.finds, len(world.posts)) == (4, 1, 1)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_nothing_is_repeated_under_a_stop(world: World) -> None:
    row = doubtful(world, answers=[OutcomeUnknown("answer_lost")])
    clock = make_clock()
    drive_to(clock, row, "unknown")
    stop = outbox.stop(scope="brand", brand=row.brand, reason="x", by=None)
    drive_to(clock, row, "held")
    assert (len(world.calls), world.finds) == (1, 3)
    outbox.resume(stop, by=None)
    drive_to(clock, row, "published")
    assert len(world.posts) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_broken_seal_is_never_repeated(world: World) -> None:
    row = doubtful(world)
    clock = make_clock()
    drive_to(clock, row, "unknown")
    Publication.objects.update(content={**row.content, "text": "Comprate"})
    drive_to(clock, row, "published")
    assert ([text for _, text, _ in world.calls], world.finds) == (["Buongiorno."], 1)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_post_of_another_row_is_not_adopted(world: World) -> None:
    row = doubtful(world, honours_key=False, answers=[OutcomeUnknown("answer_lost")])
    make_publication(Channel.objects.get(), state="published", remote_id="115")
    world.looks = [Look(Receipt(remote_id="115", url=""), complete=True)]
    drive_to(make_clock(), row, "published")
    assert Publication.objects.get(pk=row.pk).remote_id != "115"
    assert world.finds == 4


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_lost_channel_leaves_the_doubt_to_a_person(world: World) -> None:
    row = doubtful(world, honours_key=False, looks=[SignIn("token_refused")])
    clock = make_clock()
    drive(clock, lambda: Publication.objects.get(pk=row.pk).problem_code == "still_unknown")
    assert Channel.objects.get().state == "lost"
    assert Publication.objects.get().next_at is None


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_mistake_of_ours_is_a_doubt_and_not_a_failure(world: World) -> None:
    row = doubtful(world, answers=[world.lost(ZeroDivisionError())])
    drive_to(make_clock(), row, "published")
    assert len(world.posts) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_clock_that_dies_between_arming_and_the_answer_leaves_a_doubt(world: World) -> None:
    row = make_publication(make_channel(platform="fake"), state="sending", owner="gone:1:2", prepared={})
    make_attempt(row, started_at=now())
    assert expire(now=now(), pace=PACE) == 0
    Publication.objects.update(lease_until=now() - timedelta(seconds=1))
    assert expire(now=now(), pace=make_clock().pace) == 1
    row.refresh_from_db()
    assert (row.state, row.problem_code, row.owner) == ("unknown", "process_died", "")
    assert Attempt.objects.get().outcome == "unknown"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_what_a_dead_clock_only_claimed_waits_again(world: World) -> None:
    row = make_publication(make_channel(platform="fake"), state="claimed", owner=f"{machine()}:999999999:1")
    alive = make_publication(make_channel(platform="fake"), state="claimed", owner=own_name())
    far = make_publication(make_channel(platform="fake"), state="claimed", owner="elsewhere:999999999:1")
    assert release_dead(now=now(), pace=PACE) == 1
    assert [Publication.objects.get(pk=one.pk).state for one in (row, alive, far)] == [
        "waiting",
        "claimed",
        "claimed",
    ]
    assert release("elsewhere:", now=now(), pace=PACE) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_comes_after_the_doubt_is_welcome(world: World) -> None:
    row = make_waiting(make_channel(platform="fake"), due_at=now())
    clock = make_clock()
    world.delay_s = 0.3
    drive(clock, lambda: bool(world.calls))
    Publication.objects.filter(pk=row.pk).update(lease_until=now() - timedelta(seconds=1))
    expire(now=now(), pace=PACE)
    assert Publication.objects.get(pk=row.pk).state == "unknown"
    drive(clock, lambda: not clock.flying)
    assert Publication.objects.get(pk=row.pk).state == "published"
    assert len(world.calls) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_look_up_that_died_is_taken_up_again(world: World) -> None:
    row = make_publication(make_channel(platform="fake"), state="unknown", owner="gone:1:2", next_at=now(), prepared={})
    make_attempt(row, started_at=now() - timedelta(minutes=1), finished_at=now(), outcome="unknown")
    make_attempt(row, number=2, act="find")
    world.honours_key = False
    Publication.objects.update(lease_until=now() + timedelta(minutes=1))
    clock = make_clock()
    turn(clock)
    assert world.finds == 0, "somebody else has it"
    Publication.objects.update(lease_until=now() - timedelta(seconds=1))
    world.posts[str(row.key)] = Receipt(remote_id="9", url="")
    drive_to(clock, row, "published")
    assert list(Attempt.objects.order_by("number").values_list("outcome", flat=True)) == [
        "unknown",
        "unknown",
        "adopted",
    ]


def test_a_name_tells_whether_its_process_lives() -> None:
    assert not is_dead(own_name())
    assert is_dead(f"{machine()}:999999999:1")
    assert is_dead(own_name() + "0"), "the same number, used again"
    assert not is_dead("another-machine:1:1")


def test_hours_of_both_clocks_must_have_come() -> None:
    hours = Hours()
    assert abs(hours.now() - datetime.now(UTC).timestamp()) < 0.1
    hours._offset += 0.3
    at = datetime.now(UTC).timestamp() + 0.2
    assert hours.until(at) > 0.1, "this machine's clock has not reached it"
    hours._offset -= 0.6
    assert hours.until(at) > 0.4, "the database's has not"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_many_doubts_do_not_wait_for_the_next_second(world: World) -> None:
    world.honours_key = False
    rows = [make_publication(make_channel(platform="fake"), state="unknown", next_at=now()) for _ in range(6)]
    for number, row in enumerate(rows):
        make_attempt(row, finished_at=now(), outcome="unknown", started_at=now() - timedelta(minutes=1))
        world.posts[str(row.key)] = Receipt(remote_id=f"found-{number}", url="")
    keeper = make_clock(keep_s=3600.0).keeper
    thread = Thread(target=keeper.run)
    thread.start()
    until = time.monotonic() + 10
    while Publication.objects.filter(state="published").count() < 6 and time.monotonic() < until:
        time.sleep(0.05)
    keeper.ending.set()
    thread.join()
    assert Publication.objects.filter(state="published").count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_doubt_that_cannot_be_read_does_not_stop_the_others(world: World) -> None:
    gone = make_publication(make_channel(platform="gone"), state="unknown", next_at=now() - timedelta(minutes=1))
    row = doubtful(world, honours_key=False)
    drive_to(make_clock(), row, "published")
    left = Publication.objects.get(pk=gone.pk)
    assert left.state == "unknown"
    assert left.next_at is not None
    assert left.next_at > now()

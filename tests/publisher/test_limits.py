"""Fair turns, shares of the threads, pauses and breakers: pure decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from publisher.backoff import next_try, pause_s
from publisher.breaker import Breaker, after_failure, after_success
from publisher.limits import choose, few_left, in_turns, within
from publisher.record_keys import record_key

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
RESET_AT = NOON.isoformat()


@dataclass(frozen=True)
class One:
    brand_id: int
    profile_id: int
    platform: str = "mastodon"
    host: str = "a.example"


def test_brands_take_turns_however_much_one_has_due() -> None:
    many = [One(1, number) for number in range(100)]
    single = One(2, 500)
    assert in_turns([*many, single]).index(single) == 1


def test_a_brand_that_holds_much_already_comes_later() -> None:
    greedy, modest = One(1, 1), One(2, 2)
    assert in_turns([greedy, modest], held={1: 5}) == [modest, greedy]


def test_profiles_of_a_brand_take_turns() -> None:
    busy = [One(1, 1), One(1, 1), One(1, 1)]
    other = One(1, 2)
    assert in_turns([*busy, other])[1] is other


def test_no_profile_takes_more_than_its_part_of_the_room() -> None:
    items = [One(1, 1)] * 5 + [One(1, 2)]
    assert within(items, room=10, per_profile=2, held={1: 1}) == [One(1, 1), One(1, 2)]


def test_one_call_per_profile_and_never_more_than_free_threads() -> None:
    items = [One(number, number % 3) for number in range(9)]
    chosen = choose(items, threads=8, flying=[One(9, 2)])
    assert sorted(one.profile_id for one in chosen) == [0, 1]
    assert len(choose([One(n, n) for n in range(50)], threads=8, flying=[One(99, 99)] * 7)) <= 1


def test_a_platform_that_hangs_leaves_threads_for_the_others() -> None:
    hanging = [One(1, number, "slow", "slow.example") for number in range(100)]
    flying = choose(hanging, threads=16, flying=[])
    assert len(flying) == 14
    late = [One(2, 900, "quick", "quick.example"), *hanging[14:]]
    assert choose(late, threads=16, flying=flying) == [late[0]]


def test_two_platforms_share() -> None:
    items = [One(1, number, "slow") for number in range(20)] + [One(2, 100 + n, "quick") for n in range(20)]
    chosen = choose(items, threads=16, flying=[])
    assert sum(one.platform == "slow" for one in chosen) == 4


def test_a_host_that_is_tried_gets_one_call() -> None:
    items = [One(1, 1), One(1, 2), One(1, 3, host="b.example")]
    assert [one.profile_id for one in choose(items, threads=8, flying=[], trying=["a.example"])] == [1, 3]


@given(
    some.lists(some.builds(One, some.integers(1, 4), some.integers(1, 6), some.sampled_from("pqr"))),
    some.integers(1, 12),
)
def test_choosing_keeps_every_bound(items: list[One], threads: int) -> None:
    chosen = choose(items, threads=threads, flying=[])
    assert len(chosen) <= threads
    assert len({one.profile_id for one in chosen}) == len(chosen)
    assert bool(chosen) == bool(items)
    assert sorted(in_turns(items), key=repr) == sorted(items, key=repr)


def test_pauses_double_up_to_ten_minutes_and_vary() -> None:
    assert [pause_s(tries, chance=1.0) for tries in (1, 2, 3, 9, 99)] == [5, 10, 20, 600, 600]
    assert pause_s(1, chance=0.0) == 3.75


def test_a_platform_that_names_an_hour_is_not_asked_before() -> None:
    late_after = NOON + timedelta(minutes=15)
    retry_at = NOON + timedelta(minutes=3)
    assert next_try(now=NOON, tries=1, late_after=late_after, retry_at=retry_at) >= retry_at


@given(some.integers(0, 30), some.integers(-60, 1800), some.integers(0, 900))
def test_the_window_is_used_to_its_end(tries: int, retry_s: int, left_s: int) -> None:
    late_after = NOON + timedelta(seconds=left_s)
    retry_at = NOON + timedelta(seconds=retry_s)
    at = next_try(now=NOON, tries=tries, late_after=late_after, retry_at=retry_at)
    assert at > NOON
    assert at >= retry_at
    if retry_s < left_s - 5 and left_s > 10:
        assert at <= late_after


def test_the_fifth_failure_opens_for_thirty_seconds_and_each_round_doubles() -> None:
    breaker, now, waits = Breaker(), NOON, []
    for _ in range(4):
        breaker = after_failure(breaker, now=now)
        assert not breaker.is_open(now)
    for _ in range(7):
        breaker = after_failure(breaker, now=now)
        assert breaker.until is not None
        waits.append((breaker.until - now).total_seconds())
        assert after_failure(breaker, now=now, many=100) == breaker, "what failed together counts once"
        now = breaker.until
        assert breaker.is_trying(now)
    assert waits == [30, 60, 120, 240, 480, 600, 600]
    assert after_success() == Breaker()


def test_record_keys_sort_by_time() -> None:
    keys = [record_key(NOON + timedelta(seconds=seconds)) for seconds in range(5)]
    assert keys == sorted(keys)
    assert {len(key) for key in keys} == {13}
    with pytest.raises(AttributeError):
        record_key(None)  # type: ignore[arg-type]  # an hour is needed


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ({"left": 74, "limit": 300, "reset_at": RESET_AT}, True),
        ({"left": 75, "limit": 300, "reset_at": RESET_AT}, False),
        ({"left": 0, "limit": 300, "reset_at": RESET_AT}, True),
        ({"left": 3, "limit": 300}, False),
        ({"left": 3, "reset_at": RESET_AT}, False),
        ({}, False),
    ],
)
def test_few_is_less_than_a_quarter_of_what_is_allowed(quota: dict[str, object], expected: bool) -> None:
    assert few_left(quota) is expected

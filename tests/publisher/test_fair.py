"""Nobody is held up by somebody else: turns of brands, shares of threads, one call to a server that is ill, pauses."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as some

from publisher.breaker import FAILURES, Breaker, after_failure, after_success
from publisher.clock.claiming import claim
from publisher.contract.errors import Unavailable
from publisher.limits import ALONE, SHARED, choose, in_turns, within
from publisher.models import Host, Profile, Publication
from tests.make import make_agency, make_brand
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_channel, make_publication, make_waiting
from tests.publisher.model_time import Machine, Universe

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class One:
    """Something due; ``number`` tells it from its equals."""

    brand_id: int
    profile_id: int
    platform: str = "mastodon"
    host: str = "a.example"
    number: int = 0


@some.composite
def due(draw: some.DrawFn) -> list[One]:
    """Things that are due: a profile belongs to one platform and one host, several brands may use it."""
    numbers = count()
    found = draw(some.lists(some.tuples(some.integers(1, 5), some.integers(0, 11)), max_size=60))
    return [
        One(brand, profile, f"p{profile % 3}", f"h{profile % 4}.example", next(numbers)) for brand, profile in found
    ]


@given(due(), some.dictionaries(some.integers(1, 5), some.integers(0, 20)))
def test_turns_lose_and_invent_nothing_and_keep_the_order_of_time_within_a_profile(items: list[One], held: dict[int, int]) -> None:
    turned = in_turns(items, held=held)
    assert sorted(one.number for one in turned) == [one.number for one in items]
    seen: dict[tuple[int, int], int] = defaultdict(lambda: -1)
    for one in turned:
        assert one.number > seen[one.brand_id, one.profile_id]
        seen[one.brand_id, one.profile_id] = one.number


@given(due())
def test_at_no_point_is_a_brand_two_turns_ahead_of_one_that_still_waits(items: list[One]) -> None:
    left, had = Counter(one.brand_id for one in items), Counter[int]()
    for one in in_turns(items):
        had[one.brand_id] += 1
        left[one.brand_id] -= 1
        waiting = [had[brand] for brand, more in left.items() if more > 0]
        assert had[one.brand_id] <= min(waiting, default=had[one.brand_id]) + 1


@given(due(), some.dictionaries(some.integers(1, 5), some.integers(0, 20)))
def test_what_a_brand_holds_counts_as_turns_that_it_has_had(items: list[One], held: dict[int, int]) -> None:
    had = Counter(held)
    left = Counter(one.brand_id for one in items)
    for one in in_turns(items, held=held):
        poorer = [brand for brand, more in left.items() if more > 0 and had[brand] < had[one.brand_id]]
        assert poorer == []
        had[one.brand_id] += 1
        left[one.brand_id] -= 1


@given(due(), some.integers(1, 5))
def test_within_a_brand_profiles_take_turns_too(items: list[One], brand: int) -> None:
    mine = [one for one in in_turns(items) if one.brand_id == brand]
    left, had = Counter(one.profile_id for one in mine), Counter[int]()
    for one in mine:
        had[one.profile_id] += 1
        left[one.profile_id] -= 1
        assert all(had[one.profile_id] <= had[other] + 1 for other, more in left.items() if more > 0)


@given(due(), some.integers(0, 40), some.integers(1, 4), some.dictionaries(some.integers(0, 11), some.integers(0, 5)))
def test_the_room_is_filled_as_far_as_profiles_allow(items: list[One], room: int, each: int, held: dict[int, int]) -> None:
    chosen = within(items, room=room, per_profile=each, held=held)
    taken = Counter(held) + Counter(one.profile_id for one in chosen)
    assert len(chosen) <= room
    assert all(taken[one.profile_id] <= each for one in chosen)
    left = [one for one in items if one not in chosen]
    assert len(chosen) == room or all(taken[one.profile_id] >= each for one in left)


@given(due(), due(), some.integers(1, 32), some.sets(some.sampled_from([f"h{n}.example" for n in range(4)])))
def test_no_bound_is_ever_passed(items: list[One], others: list[One], threads: int, trying: set[str]) -> None:
    flying = choose(others, threads=threads, flying=[])
    chosen = choose(items, threads=threads, flying=flying, trying=trying)
    everything = [*flying, *chosen]
    assert len(everything) <= threads
    assert max(Counter(one.profile_id for one in everything).values(), default=0) <= 1
    busy = {one.profile_id for one in flying}
    open_platforms = {one.platform for one in items if one.profile_id not in busy}
    share = max(1, int(threads * (SHARED if len(open_platforms) > 1 else ALONE)))
    used = Counter(one.platform for one in flying)
    for one in chosen:
        used[one.platform] += 1
        assert used[one.platform] <= share
    for host in trying:
        here = [one for one in flying if one.host == host]
        assert sum(one.host == host for one in chosen) <= (0 if here else 1)


@given(due(), some.integers(4, 32))
def test_whoever_could_go_goes(items: list[One], threads: int) -> None:
    chosen = choose(items, threads=threads, flying=[])
    platforms = {one.platform for one in items}
    share = max(1, int(threads * (SHARED if len(platforms) > 1 else ALONE)))
    used = Counter(one.platform for one in chosen)
    profiles = {one.profile_id for one in chosen}
    if len(chosen) < threads:
        assert all(one.profile_id in profiles or used[one.platform] >= share for one in items)


@given(some.integers(8, 256), some.integers(1, 400))
def test_a_platform_that_hangs_leaves_room_for_one_that_comes_later(threads: int, many: int) -> None:
    hanging = [One(1, number, "slow", "slow.example", number) for number in range(many)]
    flying = choose(hanging, threads=threads, flying=[])
    late = One(2, 9999, "quick", "quick.example", 9999)
    assert choose([*hanging[len(flying) :], late], threads=threads, flying=flying) == [late]


@given(some.integers(1, 5000))
def test_a_single_post_beside_thousands_is_second_at_the_latest(many: int) -> None:
    crowd = [One(1, number, number=number) for number in range(many)]
    single = One(2, 99999, number=many)
    assert in_turns([*crowd, single]).index(single) <= 1


@given(some.lists(some.tuples(some.sampled_from(["fails", "succeeds", "waits"]), some.integers(0, 700)), max_size=60))
def test_a_breaker_is_open_only_after_five_in_a_row_and_never_longer_than_ten_minutes(events: list[tuple[str, int]]) -> None:
    breaker, now, row = Breaker(), NOON, 0
    for what, seconds in events:
        now += timedelta(seconds=seconds)
        if what == "fails":
            row += 0 if breaker.is_open(now) else 1
            breaker = after_failure(breaker, now=now)
        elif what == "succeeds":
            breaker, row = after_success(), 0
        assert not breaker.is_open(now) or row >= FAILURES
        assert breaker.until is None or breaker.until - now <= timedelta(minutes=10)
        assert not (breaker.is_open(now) and breaker.is_trying(now))
        assert (row >= FAILURES) == (breaker.is_open(now) or breaker.is_trying(now))


# what is read from the database obeys the same


@pytest.fixture
def universe(monkeypatch: pytest.MonkeyPatch) -> Universe:
    made = Universe()
    made.rule(monkeypatch)
    return made


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_brand_with_many_due_never_takes_the_place_of_another_brands_single_post(universe: Universe) -> None:
    agency = make_agency()
    crowd, single = make_brand(agency), make_brand(agency)
    channels = [make_channel(crowd) for _ in range(20)]
    for number in range(60):
        make_publication(channels[number % 20], due_at=universe.at + timedelta(seconds=number / 1000))
    mine = make_publication(make_channel(single), due_at=universe.at + timedelta(seconds=1))
    clock = Machine(universe, 0.0, lambda: None).clock
    first = claim(owner="a", hours=clock.hours, pace=clock.pace)
    assert len(first) == clock.pace.held
    assert {one.brand_id for one in first} == {crowd.pk}, "nobody else is in sight yet"
    second = claim(owner="a", hours=clock.hours, pace=clock.pace, held=first)
    assert [one.pk for one in second] == [mine.pk], "nothing has left, and yet there is room for the other brand"
    assert claim(owner="a", hours=clock.hours, pace=clock.pace, held=[*first, *second]) == []


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_pause_that_one_profile_was_asked_for_keeps_that_profile_alone(world: World, universe: Universe) -> None:
    until = universe.at + timedelta(seconds=120)
    world.answers = [Unavailable("rate_limited", retry_at=until, scope="profile")]
    brand = make_brand()
    paused = make_waiting(make_channel(brand, platform="fake"), text="uno", due_at=universe.at)
    machine = Machine(universe, 0.0, lambda: None)
    for _ in range(3):
        machine.live()
    second = make_waiting(paused.channel, text="due", due_at=universe.at)
    other = make_waiting(make_channel(brand, platform="fake"), text="tre", due_at=universe.at)
    universe.now += 60
    for _ in range(3):
        machine.live()
    assert [text for _, text, _ in world.calls] == ["uno", "tre"], "the same server, another account"
    assert Profile.objects.get(pk=paused.profile_id).paused_until == until
    assert Publication.objects.get(pk=other.pk).state == "published"
    universe.now += 61
    for _ in range(6):
        machine.live()
        universe.now += 1
    assert sorted(text for _, text, _ in world.calls) == ["due", "tre", "uno", "uno"]
    assert Publication.objects.get(pk=second.pk).state == "published"


def ill_server(world: World, universe: Universe) -> tuple[Machine, datetime]:
    """Return a machine that has met a server which answers nothing any more, and until when it leaves it alone."""
    brand = make_brand()
    here = {"platform": "fake", "server": "https://ill.example"}
    for number in range(6):
        make_waiting(make_channel(brand, **here), text=f"n{number}", due_at=universe.at)
    world.answers = [Unavailable("server_busy", scope="host") for _ in range(6)]
    machine = Machine(universe, 0.0, lambda: None)
    for _ in range(6):
        machine.live()
        universe.now += 0.5
    opens = Host.objects.get(name="ill.example").breaker_until
    assert opens is not None
    assert opens > universe.at
    return machine, opens


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_server_that_is_ill_is_left_alone_and_holds_up_no_other(world: World, universe: Universe) -> None:
    machine, opens = ill_server(world, universe)
    asked = len(world.calls)
    make_waiting(make_channel(platform="fake", server="https://well.example"), text="sano", due_at=universe.at)
    for _ in range(4):
        universe.now += 5
        machine.live()
    assert universe.at < opens
    assert [text for _, text, _ in world.calls[asked:]] == ["sano"]


@pytest.mark.django_db
@pytest.mark.both_databases
def test_after_its_rest_an_ill_server_gets_one_call_and_then_twice_the_rest(world: World, universe: Universe) -> None:
    machine, opens = ill_server(world, universe)
    asked = len(world.calls)
    world.answers = [Unavailable("server_busy", scope="host")]
    universe.now = opens.timestamp() + 1
    for _ in range(3):
        machine.live()
        universe.now += 0.5
    assert len(world.calls) == asked + 1, "one call, to see"
    again = Host.objects.get(name="ill.example").breaker_until
    assert again is not None
    assert (again - opens).total_seconds() > 59
    universe.now = again.timestamp() + 1
    for _ in range(40):
        machine.live()
        universe.now += 5
    assert set(Publication.objects.values_list("state", flat=True)) == {"published"}
    assert Host.objects.get(name="ill.example").failures == 0

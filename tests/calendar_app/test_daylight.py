"""The hour that somebody typed is the hour at which the platform gets the post, on the two Sundays and in odd zones too."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape
from types import SimpleNamespace
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from accounts.wall import HourMissingError, HourTwiceError, exists, instant, is_twice, wall_of
from calendar_app import agenda
from calendar_app.models import Post
from publisher.models import Publication
from tests.calendar_app.make_plan import make_post, make_rule
from tests.calendar_app.views.make_desk import make_office, typed
from tests.publisher import fake
from tests.publisher.conftest import world
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_channel
from tests.publisher.model_time import Machine, Universe

__all__ = ["world"]

ZONES = sorted(available_timezones())
FIRST, LAST = datetime(2026, 12, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
ROME, YORK, KATHMANDU, HOWE = "Europe/Rome", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"
HOURS = [
    (ROME, "2027-03-28 01:59", "", "2027-03-28T00:59"),
    (ROME, "2027-03-28 03:00", "", "2027-03-28T01:00"),
    (ROME, "2027-10-31 02:30", "0", "2027-10-31T00:30"),
    (ROME, "2027-10-31 02:30", "1", "2027-10-31T01:30"),
    (ROME, "2027-10-31 03:00", "", "2027-10-31T02:00"),
    (YORK, "2027-03-14 03:30", "", "2027-03-14T07:30"),
    (YORK, "2027-11-07 01:30", "0", "2027-11-07T05:30"),
    (YORK, "2027-11-07 01:30", "1", "2027-11-07T06:30"),
    (YORK, "2027-11-07 02:30", "", "2027-11-07T07:30"),
    (KATHMANDU, "2027-03-28 02:30", "", "2027-03-27T20:45"),
    (KATHMANDU, "2027-10-31 02:30", "", "2027-10-30T20:45"),
    (HOWE, "2027-04-04 01:45", "0", "2027-04-03T14:45"),
    (HOWE, "2027-04-04 01:45", "1", "2027-04-03T15:15"),
    (HOWE, "2027-04-04 02:30", "", "2027-04-03T16:00"),
    (HOWE, "2027-10-03 02:30", "", "2027-10-02T15:30"),
]


@pytest.fixture
def universe(monkeypatch: pytest.MonkeyPatch) -> Universe:
    """The time of the test, which the platform's own watch shows too."""
    made = Universe(now=timezone.now().timestamp())
    made.rule(monkeypatch)
    monkeypatch.setattr(fake, "time", SimpleNamespace(time=lambda: made.now, sleep=lambda _seconds: None))
    return made


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize(("zone", "hour", "fold", "expected"), HOURS)
def test_an_hour_as_typed_is_the_hour_on_the_platforms_watch(
    world: World, universe: Universe, zone: str, hour: str, fold: str, expected: str
) -> None:
    office = make_office(zone=zone)
    make_rule(office.brand, "none")
    channel = make_channel(office.brand, platform="fake")
    on, at = hour.split()
    form = typed(office, on=on, at=at, channels=[channel.pk], **({"fold": fold} if fold else {}))
    office.browser.post(f"/b/{office.brand.pk}/posts/new/", form)
    post = Post.objects.get()
    office.browser.post(f"/posts/{post.pk}/schedule/")
    row = Publication.objects.get()
    due = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert (row.due_at, f"{row.wall:%Y-%m-%d %H:%M}", row.zone) == (due, hour, zone)
    machine = Machine(universe, 0.0, lambda: None)
    for seconds in (-3600, -1800, -60, -6, -0.3, 1.0):
        universe.now = due.timestamp() + seconds
        for _ in range(2):
            machine.live()
    ((arrived, _text, _content),) = world.calls
    assert 0 <= arrived - due.timestamp() < 1
    (line,) = agenda.day(office.brand, date.fromisoformat(on)).lines
    assert f"{line.wall:%Y-%m-%d %H:%M}" == hour
    office.browser.force_login(office.mara)
    for address in (f"/b/{office.brand.pk}/outgoing/", f"/b/{office.brand.pk}/calendar/{on[:7].replace('-', '/')}/"):
        page = office.browser.get(address, follow=True)
        assert page.status_code == 200
        assert at in unescape(page.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "hour", "said"),
    [
        (ROME, "2027-03-28 02:30", "does not exist"),
        (YORK, "2027-03-14 02:30", "does not exist"),
        (HOWE, "2027-10-03 02:15", "does not exist"),
        (ROME, "2027-10-31 02:30", "comes twice"),
        (YORK, "2027-11-07 01:30", "comes twice"),
        (HOWE, "2027-04-04 01:45", "comes twice"),
    ],
)
def test_an_hour_that_is_skipped_or_comes_twice_is_asked_about_in_every_zone(zone: str, hour: str, said: str) -> None:
    office = make_office(zone=zone)
    on, at = hour.split()
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, on=on, at=at))
    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())
    assert not Post.objects.exists()


@cache
def changes_of(zone: str, year: int) -> list[datetime]:
    """Return the minutes of a year at which the clocks of a zone are put forward or back."""
    there, found = ZoneInfo(zone), []
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        low, high = day, day + timedelta(days=1)
        if low.astimezone(there).utcoffset() != high.astimezone(there).utcoffset():
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                same = middle.astimezone(there).utcoffset() == low.astimezone(there).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        day += timedelta(days=1)
    return found


@settings(deadline=None, max_examples=300)
@given(zone=some.sampled_from(ZONES), at=some.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)))
def test_every_instant_has_an_hour_on_the_wall_that_means_it(zone: str, at: datetime) -> None:
    moment = at.replace(second=0, microsecond=0, tzinfo=UTC)
    wall = wall_of(at=moment, zone=zone)
    assert exists(wall=wall, zone=zone)
    assert instant(wall=wall, zone=zone, fold=wall.fold) == moment
    assert is_twice(wall=wall, zone=zone) or instant(wall=wall, zone=zone) == moment


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    zone=some.sampled_from([ROME, YORK, KATHMANDU, HOWE, "Africa/Casablanca", "America/St_Johns", "Europe/Dublin", "Asia/Beirut"]),
    year=some.integers(2027, 2034),
    which=some.integers(0, 3),
    minutes=some.integers(-125, 125),
)
def test_beside_a_change_each_hour_is_missing_plain_or_twice_and_never_guessed(
    zone: str, year: int, which: int, minutes: int
) -> None:
    changes = changes_of(zone, year)
    assume(changes)
    change = changes[which % len(changes)]
    wall = (wall_of(at=change, zone=zone) + timedelta(minutes=minutes)).replace(fold=0)
    meanings = {
        moment
        for step in range(-60 * 5, 60 * 5)
        if wall_of(at=(moment := change + timedelta(minutes=step)), zone=zone).replace(fold=0) == wall
    }
    if not meanings:
        with pytest.raises(HourMissingError):
            instant(wall=wall, zone=zone)
        return
    assert [instant(wall=wall, zone=zone, fold=fold) for fold in range(len(meanings))] == sorted(meanings)
    if len(meanings) == 2:
        with pytest.raises(HourTwiceError):
            instant(wall=wall, zone=zone)


@pytest.mark.django_db
@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(zone=some.sampled_from([ROME, YORK, KATHMANDU, HOWE]), which=some.integers(0, 1), minutes=some.integers(-100, 100))
def test_a_stored_post_means_the_same_instant_when_it_is_read_again(zone: str, which: int, minutes: int) -> None:
    changes = changes_of(zone, 2027) or [datetime(2027, 3, 28, 1, tzinfo=UTC)]
    moment = changes[which % len(changes)] + timedelta(minutes=minutes)
    wall = wall_of(at=moment, zone=zone)
    office = make_office(zone=zone)
    post = make_post(office.brand, [office.channel], wall=wall.replace(fold=0), fold=wall.fold)
    stored = Post.objects.get(pk=post.pk)
    assert stored.due_at == moment
    assert stored.wall == wall.replace(fold=0)
    assert instant(wall=stored.wall, zone=stored.zone, fold=stored.fold) == stored.due_at

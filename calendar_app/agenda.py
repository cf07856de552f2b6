"""The calendar’s reading side: which posts stand where, and in which of the states that people see.

A page costs the same number of queries for two posts and for two thousand.
"""

import calendar
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import Brand, User
from accounts.permissions import Ability
from accounts.scope import brands_of
from accounts.wall import wall_of
from calendar_app.closed_days import holidays_of
from calendar_app.models import Kind, PartMedia, Post, PostMedia, PostStage, Variant
from calendar_app.shown import STATES, ShownState, is_brand_stopped, shown_state, state_name, with_states
from publisher.platforms import adapter_of

__all__ = [
    "STATES",
    "ChannelSign",
    "Day",
    "Filters",
    "HomeDay",
    "Line",
    "Month",
    "ShownState",
    "day",
    "home_day",
    "is_brand_stopped",
    "lines_of",
    "month",
    "shown_state",
    "state_name",
    "with_states",
]

CHIPS_A_DAY = 3
CHANNELS_A_CHIP = 2
KIND_SIGNS = {Kind.INFORMATIONAL: "info", Kind.ARGUMENTATIVE: "talk", Kind.PROMOTIONAL: "tag"}


@dataclass(frozen=True, slots=True)
class ChannelSign:
    """A channel in a chip: two letters, and the name for whoever cannot see them."""

    pk: int
    monogram: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One post in a calendar."""

    pk: int
    title: str
    wall: datetime
    kind: str
    kind_word: "Promise | str"
    kind_sign: str
    state: ShownState
    version: int
    brand_id: int
    asset_id: int | None = None
    channels: tuple[ChannelSign, ...] = ()

    @property
    def shown_channels(self) -> tuple[ChannelSign, ...]:
        """Return the signs that fit into a chip."""
        return self.channels[: CHANNELS_A_CHIP if len(self.channels) == CHANNELS_A_CHIP else 1]

    @property
    def more_channels(self) -> int:
        """Return how many channels the chip does not show."""
        return len(self.channels) - len(self.shown_channels)

    @property
    def is_locked(self) -> bool:
        """Tell whether it can no longer be moved."""
        return self.state.name in {"published", "sending", "unknown", "archived"}


@dataclass(frozen=True, slots=True)
class Day:
    """One cell: the posts shown, those only printed, and how many there are beyond the shown."""

    on: date
    is_out: bool
    is_today: bool
    is_past: bool
    is_weekend: bool
    holiday: str
    lines: tuple[Line, ...] = ()
    rest: tuple[Line, ...] = ()

    @property
    def more(self) -> int:
        """Return how many posts the cell does not show."""
        return len(self.rest)

    @property
    def count(self) -> int:
        """Return how many posts the day has."""
        return len(self.lines) + len(self.rest)


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody wants to see; empty means everything."""

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    channels: frozenset[int] = frozenset()
    campaigns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a brand: whole weeks from Monday, counts for the pills, and the balance of kinds.

    ``total`` counts what the filters leave, ``count_all`` everything; the counts by state, kind and channel are of
    everything in the month, so that every pill says what it would show.
    """

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    total: int
    count_all: int
    states: tuple[tuple[ShownState, int], ...]
    kinds: dict[str, int]
    channels: tuple[tuple[ChannelSign, int], ...]
    is_stopped: bool = False

    @property
    def previous(self) -> date:
        """Return the first of the month before."""
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> date:
        """Return the first of the month after."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def legend(self) -> tuple[ShownState, ...]:
        """Return the states that occur."""
        return tuple(state for state, _count in self.states)

    @property
    def days(self) -> tuple[Day, ...]:
        """Return all days in order."""
        return tuple(day for week in self.weeks for day in week)

    @property
    def agenda(self) -> tuple[Day, ...]:
        """Return the days of the month itself that have posts."""
        return tuple(day for day in self.days if day.count and not day.is_out)

    @property
    def strip(self) -> tuple[Day, ...]:
        """Return the week of today, or the first week of another month."""
        return next((week for week in self.weeks if any(day.is_today for day in week)), self.weeks[0])


@dataclass(frozen=True, slots=True)
class HomeDay:
    """What the home page of the day says about the plan of all the brands that somebody reaches."""

    today: tuple[Line, ...] = ()
    troubled: tuple[Line, ...] = ()
    waiting_for_client: tuple[Line, ...] = ()
    sent_back: tuple[Line, ...] = ()
    to_approve: tuple[Line, ...] = ()


@dataclass(slots=True)
class _Row:
    """A post as light as counting needs it."""

    pk: int
    wall: datetime
    kind: str
    campaign_id: int | None
    state: ShownState
    channels: list[ChannelSign] = field(default_factory=list)


def month(brand: Brand, year: int, number: int, *, filters: Filters | None = None) -> Month:
    """Return a month of a brand in whole weeks, at most three chips a day, in a fixed number of queries."""
    wanted = filters or Filters()
    grid = calendar.Calendar().monthdatescalendar(year, number)
    is_stopped = is_brand_stopped(brand)
    rows = _rows(brand, grid[0][0], grid[-1][-1], is_stopped=is_stopped)
    inside = [row for row in rows if row.wall.month == number and row.state.name != "archived"]
    kept = [row for row in rows if _is_wanted(row, wanted)]
    days = _by_day(kept)
    lines = _lines(kept)
    closed = holidays_of(brand, {year, grid[0][0].year, grid[-1][-1].year})
    today = wall_of(at=timezone.now(), zone=brand.zone).date()
    return Month(
        first=date(year, number, 1),
        weeks=tuple(
            tuple(_day(on, number, today, closed.get(on, ""), [lines[row.pk] for row in days[on]]) for on in week)
            for week in grid
        ),
        total=sum(1 for row in kept if row.wall.month == number),
        count_all=len(inside),
        states=_count_states(inside),
        kinds=dict(Counter(row.kind for row in inside)),
        channels=_count_channels(inside),
        is_stopped=is_stopped,
    )


def day(brand: Brand, on: date, *, filters: Filters | None = None) -> Day:
    """Return a day with all of its posts."""
    wanted = filters or Filters()
    rows = [row for row in _rows(brand, on, on, is_stopped=is_brand_stopped(brand)) if _is_wanted(row, wanted)]
    lines = _lines(rows)
    today = wall_of(at=timezone.now(), zone=brand.zone).date()
    whole = _day(on, on.month, today, holidays_of(brand, {on.year}).get(on, ""), [])
    return Day(
        whole.on,
        whole.is_out,
        whole.is_today,
        whole.is_past,
        whole.is_weekend,
        whole.holiday,
        tuple(lines[row.pk] for row in rows),
    )


def home_day(user: User, *, now: datetime | None = None) -> HomeDay:
    """Return what today asks of somebody, over all their brands: at most ten lines of each."""
    moment = now or timezone.now()
    brands = brands_of(user)
    start = moment.astimezone(ZoneInfo(user.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = with_states(Post.objects.filter(brand__in=brands).exclude(stage=PostStage.ARCHIVED))
    today = mine.filter(due_at__gte=start, due_at__lt=start + timedelta(days=1)).order_by("due_at")
    troubled = mine.filter(Q(delivery__in=[1, 2, 3]), stage=PostStage.APPROVED).order_by("-due_at")
    client = mine.filter(Q(decision="client:asked"), stage=PostStage.IN_REVIEW).order_by("due_at")
    back = mine.filter(stage=PostStage.DRAFT).filter(
        Q(decision__endswith=":changes_requested")
        | Q(decision__endswith=":refused")
        | Q(decision__endswith=":withdrawn")
    )
    asked = mine.filter(
        revisions__approvals__reviewer=user, revisions__approvals__state="asked", stage=PostStage.IN_REVIEW
    ).filter(brand__in=brands_of(user, ability=Ability.APPROVE_INTERNAL))
    groups = [
        list(group[:10])
        for group in (today, troubled, client, back.order_by("due_at"), asked.distinct().order_by("due_at"))
    ]
    lines = _lines([_row(post, shown_state(post)) for group in groups for post in group])
    return HomeDay(*(tuple(lines[post.pk] for post in group) for group in groups))


def lines_of(posts: Iterable[Post]) -> list[Line]:
    """Return posts (from ``with_states``) as lines, in their order, in a fixed number of queries."""
    chosen = list(posts)
    lines = _lines([_row(post, shown_state(post)) for post in chosen])
    return [lines[post.pk] for post in chosen]


def _rows(brand: Brand, first: date, last: date, *, is_stopped: bool) -> list[_Row]:
    """Return every post between two days, light, with its channels: two queries."""
    begin, end = datetime.combine(first, time.min), datetime.combine(last + timedelta(days=1), time.min)
    posts = with_states(Post.objects.filter(brand=brand, wall__gte=begin, wall__lt=end))
    wanted = posts.only("pk", "key", "wall", "kind", "campaign_id", "stage").order_by("wall", "pk")
    rows = [_row(post, shown_state(post, is_stopped=is_stopped)) for post in wanted]
    _add_channels(rows, Variant.objects.filter(post__brand=brand, post__wall__gte=begin, post__wall__lt=end))
    return rows


def _row(post: Post, state: ShownState) -> _Row:
    return _Row(post.pk, post.wall, post.kind, post.campaign_id, state)


def _add_channels(rows: list[_Row], variants: QuerySet[Variant]) -> None:
    signs: dict[int, ChannelSign] = {}
    by_post: dict[int, list[ChannelSign]] = defaultdict(list)
    values = variants.order_by("pk").values_list("post_id", "channel_id", "channel__name", "channel__profile__platform")
    for post_id, channel_id, name, platform in values:
        if channel_id not in signs:
            signs[channel_id] = ChannelSign(channel_id, adapter_of(platform).monogram, name)
        by_post[post_id].append(signs[channel_id])
    for row in rows:
        row.channels = by_post[row.pk]


def _is_wanted(row: _Row, wanted: Filters) -> bool:
    if row.state.name == "archived" and "archived" not in wanted.states:
        return False
    chosen: list[tuple[Collection[object], object]] = [
        (wanted.states, row.state.name),
        (wanted.kinds, row.kind),
        (wanted.campaigns, row.campaign_id),
    ]
    if any(choice and value not in choice for choice, value in chosen):
        return False
    return not wanted.channels or any(channel.pk in wanted.channels for channel in row.channels)


def _by_day(rows: list[_Row]) -> dict[date, list[_Row]]:
    days: dict[date, list[_Row]] = defaultdict(list)
    for row in rows:
        days[row.wall.date()].append(row)
    return days


def _lines(rows: list[_Row]) -> dict[int, Line]:
    """Fill in titles and pictures."""
    ids = [row.pk for row in rows]
    titles = {
        pk: (title, version, brand_id)
        for pk, title, version, brand_id in Post.objects.filter(pk__in=ids).values_list(
            "pk", "title", "version", "brand_id"
        )
    }
    if rows and not any(row.channels for row in rows):
        _add_channels(rows, Variant.objects.filter(post__in=ids))
    pictures = _first_pictures(ids)
    return {
        row.pk: Line(
            pk=row.pk,
            title=titles[row.pk][0],
            wall=row.wall,
            kind=row.kind,
            kind_word=Kind(row.kind).label,
            kind_sign=KIND_SIGNS[Kind(row.kind)],
            state=row.state,
            version=titles[row.pk][1],
            brand_id=titles[row.pk][2],
            asset_id=pictures.get(row.pk),
            channels=tuple(row.channels),
        )
        for row in rows
    }


def _first_pictures(post_ids: list[int]) -> dict[int, int]:
    """Return the first common picture of each post, else the first that any channel gets."""
    own = PartMedia.objects.filter(part__variant__post__in=post_ids, position=0).order_by("-pk")
    common = PostMedia.objects.filter(post__in=post_ids, position=0)
    found = dict(own.values_list("part__variant__post_id", "asset_id"))
    return {**found, **dict(common.values_list("post_id", "asset_id"))}


def _day(on: date, number: int, today: date, holiday: str, lines: list[Line]) -> Day:
    """Return a cell: all posts where three fit, otherwise two and the rest."""
    shown = len(lines) if len(lines) <= CHIPS_A_DAY else CHIPS_A_DAY - 1
    return Day(
        on=on,
        is_out=on.month != number,
        is_today=on == today,
        is_past=on < today,
        is_weekend=on.weekday() >= calendar.SATURDAY,
        holiday=holiday,
        lines=tuple(lines[:shown]),
        rest=tuple(lines[shown:]),
    )


def _count_states(rows: list[_Row]) -> tuple[tuple[ShownState, int], ...]:
    counts = Counter(row.state.name for row in rows)
    return tuple((state, counts[name]) for name, state in STATES.items() if counts[name])


def _count_channels(rows: list[_Row]) -> tuple[tuple[ChannelSign, int], ...]:
    counts = Counter(channel for row in rows for channel in row.channels)
    return tuple(sorted(counts.items(), key=lambda pair: pair[0].name))

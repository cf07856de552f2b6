"""The calendar’s reading side: which posts stand where, and in which of the states that people see.

A page costs the same number of queries for two posts and for two thousand.
"""

import calendar
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from accounts.models import Brand, User
from accounts.permissions import Ability
from accounts.scope import brands_of
from accounts.wall import wall_of
from calendar_app.closed_days import holidays_of
from calendar_app.lines import ChannelSign, Line, lines_from, lines_of
from calendar_app.models import Post, PostStage
from calendar_app.shown import STATES, ShownState, is_brand_stopped, shown_state, state_name, with_states
from calendar_app.sifting import (
    Filters,
    Light,
    Span,
    channel_counts,
    count,
    count_left,
    places_of,
    posts_in,
    sift,
    stopped,
    wanted,
)
from calendar_app.sorts import Sorts, sorts_of

__all__ = [
    "STATES",
    "ChannelSign",
    "Day",
    "Filters",
    "HomeDay",
    "Line",
    "Month",
    "ShownState",
    "Sorts",
    "Week",
    "day",
    "home_day",
    "is_brand_stopped",
    "lines_of",
    "month",
    "search",
    "shown_state",
    "state_name",
    "week",
    "with_states",
]

CHIPS_A_DAY = 3
CHIPS_A_DAY_OF_A_WEEK = 24
LINES_A_DAY_OF_AN_AGENDA = 12
MOST_PRINTED = 200
MOST_FOUND = 100


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
    more: int = 0

    @property
    def holiday_here(self) -> str:
        """Return the one name of the holiday that a cell has room for."""
        return self.holiday.partition("; ")[0]

    @property
    def count(self) -> int:
        """Return how many posts the day has."""
        return len(self.lines) + self.more


@dataclass(frozen=True, slots=True)
class Month:
    """A month of one or more brands: whole weeks from Monday. ``total`` counts what the filters leave."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    total: int
    sorts: Sorts
    is_stopped: bool = False
    prints_all: bool = True

    @property
    def count_all(self) -> int:
        """Return how many posts the month has, filtered or not."""
        return self.sorts.count_all

    @property
    def states(self) -> tuple[tuple[ShownState, int], ...]:
        """Return the states that occur, with their numbers."""
        return self.sorts.states

    @property
    def kinds(self) -> dict[str, int]:
        """Return how many posts each kind has."""
        return self.sorts.kinds

    @property
    def channels(self) -> tuple[tuple[ChannelSign, int], ...]:
        """Return the channels that occur, with their numbers."""
        return self.sorts.channels

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
        return tuple(state for state, _count in self.sorts.states)

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
class Week:
    """Seven days from Monday."""

    days: tuple[Day, ...]
    total: int
    sorts: Sorts
    is_stopped: bool = False

    @property
    def first(self) -> date:
        """Return its Monday."""
        return self.days[0].on

    @property
    def last(self) -> date:
        """Return its Sunday."""
        return self.days[-1].on

    @property
    def previous(self) -> date:
        """Return the Monday before."""
        return self.first - timedelta(days=7)

    @property
    def next(self) -> date:
        """Return the Monday after."""
        return self.first + timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HomeDay:
    """What the home page of the day says about the plan of all the brands that somebody reaches."""

    today: tuple[Line, ...] = ()
    sent_back: tuple[Line, ...] = ()
    to_approve: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a span: the rows that the filters leave, what was counted, and how a day of it is marked."""

    span: Span
    kept: list[Light]
    sorts: Sorts
    today: date
    closed: dict[date, str]
    is_stopped: bool

    def cells(self, days: Iterable[date], *, is_out: Callable[[date], bool], cap: int) -> dict[date, Day]:
        """Return the days, each with at most ``cap`` lines; the others are lines too where they can all be printed."""
        chosen = {on: _of_days(self.kept, on, on) for on in days}
        prints_all = len(self.kept) <= MOST_PRINTED
        shown = [row for rows in chosen.values() for row in (rows if prints_all else rows[:cap])]
        several = {brand.pk: brand for brand in self.span.brands} if len(self.span.brands) > 1 else {}
        lines = lines_from(shown, brands=several)
        return {on: self._cell(on, rows, lines, is_out=is_out(on), cap=cap) for on, rows in chosen.items()}

    def _cell(self, on: date, rows: list[Light], lines: dict[int, Line], *, is_out: bool, cap: int) -> Day:
        """Return a cell: all posts where they fit, otherwise one less and the number of the others."""
        fit = len(rows) if len(rows) <= cap else cap - 1
        return Day(
            on=on,
            is_out=is_out,
            is_today=on == self.today,
            is_past=on < self.today,
            is_weekend=on.weekday() >= calendar.SATURDAY,
            holiday=self.closed.get(on, ""),
            lines=tuple(lines[row.pk] for row in rows[:fit]),
            rest=tuple(lines[row.pk] for row in rows[fit:] if row.pk in lines),
            more=len(rows) - fit,
        )


def month(
    brands: Brand | Sequence[Brand], year: int, number: int, *, filters: Filters | None = None, cap: int = CHIPS_A_DAY
) -> Month:
    """Return a month in whole weeks, at most three chips a day, in a fixed number of queries."""
    grid = calendar.Calendar().monthdatescalendar(year, number)
    first = date(year, number, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    read = _read(brands, Span(_several(brands), grid[0][0], grid[-1][-1]), filters, counted=(first, last))
    days = [on for one in grid for on in one]
    cells = read.cells(days, is_out=lambda on: on.month != number, cap=cap)
    return Month(
        first=first,
        weeks=tuple(tuple(cells[on] for on in one) for one in grid),
        total=len(_of_days(read.kept, first, last)),
        sorts=read.sorts,
        is_stopped=read.is_stopped,
        prints_all=len(read.kept) <= MOST_PRINTED,
    )


def week(brands: Brand | Sequence[Brand], monday: date, *, filters: Filters | None = None) -> Week:
    """Return seven days with all but the fullest days' posts, in a fixed number of queries."""
    days = [monday + timedelta(days=number) for number in range(7)]
    read = _read(brands, Span(_several(brands), days[0], days[-1]), filters, counted=(days[0], days[-1]))
    cells = read.cells(days, is_out=lambda _on: False, cap=CHIPS_A_DAY_OF_A_WEEK)
    return Week(tuple(cells[on] for on in days), len(read.kept), read.sorts, read.is_stopped)


def day(brands: Brand | Sequence[Brand], on: date, *, filters: Filters | None = None) -> Day:
    """Return a day with all of its posts."""
    read = _read(brands, Span(_several(brands), on, on), filters, counted=(on, on))
    return read.cells([on], is_out=lambda _on: False, cap=max(1, len(read.kept)))[on]


def search(brands: Sequence[Brand], words: str) -> tuple[list[Line], int]:
    """Return the posts whose title or text holds every one of the words, the latest first, and how many there are."""
    found = Post.objects.filter(brand__in=[brand.pk for brand in brands]).exclude(stage=PostStage.ARCHIVED)
    for word in words.split()[:8]:
        found = found.filter(_says(word))
    chosen = list(with_states(found).order_by("-due_at", "-pk")[:MOST_FOUND])
    several = {brand.pk: brand for brand in brands} if len(brands) > 1 else {}
    lines = [replace(line, brand=several.get(line.brand_id)) for line in lines_of(chosen)]
    return lines, found.count()


def _says(word: str) -> Q:
    """Return what holds a word; SQLite knows capitals of plain letters alone, so that È is asked for beside è."""
    says = Q()
    for form in {word} if word.isascii() else {word, word.lower(), word.upper()}:
        in_parts = Post.objects.filter(variants__parts__text__icontains=form)
        says |= Q(title__icontains=form) | Q(text__icontains=form) | Q(pk__in=in_parts.values("pk"))
    return says


def _several(brands: Brand | Sequence[Brand]) -> Sequence[Brand]:
    return [brands] if isinstance(brands, Brand) else list(brands)


def _read(
    brands: Brand | Sequence[Brand], span: Span, filters: Filters | None, *, counted: tuple[date, date]
) -> _Read:
    halted = stopped(span.brands)
    rows = sift(span, halted)
    chosen = filters or Filters()
    places = places_of(span) if chosen.any else []
    inside = _of_days(rows, *counted)
    return _Read(
        span=span,
        kept=wanted(rows, chosen, of_channels=posts_in(places, chosen.channels)),
        sorts=sorts_of(
            count_left(inside, chosen, places=places)
            if chosen.any
            else count(inside, channels=channel_counts(Span(span.brands, *counted)))
        ),
        today=_today(span.brands),
        closed=_closed(brands, span),
        is_stopped=len(halted.brands) == len(span.brands) > 0,
    )


def _of_days(rows: list[Light], first: date, last: date) -> list[Light]:
    """Return the rows of some days; rows stand in the order of their hours."""
    begin = bisect_left(rows, first.isoformat(), key=attrgetter("on"))
    return rows[begin : bisect_right(rows, last.isoformat(), lo=begin, key=attrgetter("on"))]


def _today(brands: Sequence[Brand]) -> date:
    """Return what day it is where most of the brands are."""
    zones = Counter(brand.zone for brand in brands)
    zone = zones.most_common(1)[0][0] if zones else timezone.get_current_timezone_name()
    return wall_of(at=timezone.now(), zone=zone).date()


def _closed(brands: Brand | Sequence[Brand], span: Span) -> dict[date, str]:
    """Return the holidays; where several brands stand side by side, those of the country they share."""
    years = {span.first.year, span.last.year}
    if isinstance(brands, Brand):
        return holidays_of(brands, years)
    countries = {brand.country for brand in span.brands}
    return holidays_of(Brand(country=countries.pop()), years) if len(countries) == 1 else {}


def home_day(user: User, *, only: Brand | None = None, now: datetime | None = None) -> HomeDay:
    """Return what today asks of somebody, over all their brands or in one of them: at most ten lines of each."""
    moment = now or timezone.now()
    brands = [only] if only else list(brands_of(user))
    start = moment.astimezone(ZoneInfo(user.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = with_states(Post.objects.filter(brand__in=brands).exclude(stage=PostStage.ARCHIVED))
    today = mine.filter(due_at__gte=start, due_at__lt=start + timedelta(days=1)).order_by("due_at")
    back = mine.filter(stage=PostStage.DRAFT).filter(
        Q(decision__endswith=":changes_requested")
        | Q(decision__endswith=":refused")
        | Q(decision__endswith=":withdrawn")
    )
    asked = mine.filter(
        revisions__approvals__reviewer=user, revisions__approvals__state="asked", stage=PostStage.IN_REVIEW
    ).filter(brand__in=brands_of(user, ability=Ability.APPROVE_INTERNAL))
    groups = [list(group[:10]) for group in (today, back.order_by("due_at"), asked.distinct().order_by("due_at"))]
    several = {brand.pk: brand for brand in brands} if len(brands) > 1 else {}
    found = lines_of(post for group in groups for post in group)
    lines = {line.pk: replace(line, brand=several.get(line.brand_id)) for line in found}
    return HomeDay(*(tuple(lines[post.pk] for post in group) for group in groups))

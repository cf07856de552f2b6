"""A month on paper: every post with its state in words, as large as one sheet allows; a fuller month takes more sheets."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from calendar_app.shown import ShownState
from calendar_app.views.showing import Kinded


@dataclass(frozen=True, slots=True)
class Entry:
    """One post on paper. ``places`` are its channels: two letters and the full name."""

    wall: datetime
    title: str
    state: ShownState
    places: tuple[tuple[str, str], ...] = ()
    picture: str = ""
    kind: Kinded | None = None
    labels: tuple[str, ...] = ()

    def height(self, size: "Size") -> float:
        """Return about how many lines it takes."""
        if size.is_boxed:
            return 2 + _lines(len(self.title), size) + AROUND_A_BOX
        heading = 8 + len(str(self.state.word))
        words = len(self.title) + 2 + sum(len(label) + 1 for label in self.labels)
        lines = ceil((heading + words) / size.letters) if size.flows else _lines(heading, size) + _lines(words, size)
        return lines + BETWEEN


@dataclass(frozen=True, slots=True)
class Size:
    """A size of type: how many letters a line of a day holds, how many lines a sheet, and whether hour, state and
    title follow one another in the same line, and whether each post is a box of its own.
    """

    name: str
    letters: int
    lines: int
    flows: bool = False
    is_boxed: bool = False


def _lines(letters: int, size: Size) -> int:
    return ceil(letters / size.letters)


SIZES = (
    Size("roomy", 22, 42, is_boxed=True),
    Size("even", 26, 49, is_boxed=True),
    Size("plain", 28, 51),
    Size("tight", 31, 58, flows=True),
    Size("fine", 34, 67, flows=True),
)
BETWEEN, AROUND_A_BOX = 0.45, 1.0
SEVERAL = "even"
"""What does not fit at the smallest legible size goes on to further sheets at a comfortable one."""
HEAD_OF_A_DAY, LEAST_OF_A_WEEK, LEAST_OF_BOXES = 1.6, 2.6, 4.4


@dataclass(frozen=True, slots=True)
class PaperDay:
    """A cell; days of other months are there to fill the week and stay empty."""

    on: date
    is_out: bool
    is_weekend: bool
    holiday: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A month with its legend."""

    first: date
    weeks: tuple[tuple[PaperDay, ...], ...]
    total: int
    size: str
    states: tuple[ShownState, ...]
    kinds: tuple[Kinded, ...]
    places: tuple[tuple[str, str], ...]

    @property
    def shows_pictures(self) -> bool:
        """Whether there is room for them."""
        return any(size.is_boxed for size in SIZES if size.name == self.size)


def paper_of(first: date, entries: Iterable[Entry], closed: Mapping[date, str]) -> Paper:
    """Return the sheet of a month; entries of other months are left out."""
    inside = [one for one in entries if (one.wall.year, one.wall.month) == (first.year, first.month)]
    labels = _labels(inside)
    marked = sorted((_labelled(one, labels) for one in inside), key=lambda one: one.wall)
    grid = calendar.Calendar().monthdatescalendar(first.year, first.month)
    weeks = tuple(tuple(_day(on, first, closed.get(on, ""), marked) for on in week) for week in grid)
    return Paper(
        first=first,
        weeks=weeks,
        total=len(marked),
        size=_size(weeks),
        states=tuple({one.state.name: one.state for one in marked}.values()),
        kinds=tuple({one.kind.value: one.kind for one in marked if one.kind}.values()),
        places=tuple((label, name) for (_letters, name), label in labels.items()),
    )


def _day(on: date, first: date, holiday: str, entries: Sequence[Entry]) -> PaperDay:
    return PaperDay(
        on=on,
        is_out=on.month != first.month,
        is_weekend=on.weekday() >= calendar.SATURDAY,
        holiday=holiday if on.month == first.month else "",
        entries=tuple(one for one in entries if one.wall.date() == on),
    )


def _labels(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """Return what stands for each channel; paper has no hover, so channels with the same letters are numbered."""
    places = sorted({place for one in entries for place in one.places})
    found: dict[tuple[str, str], str] = {}
    for letters, name in places:
        alike = [place for place in places if place[0] == letters]
        found[letters, name] = f"{letters}{alike.index((letters, name)) + 1}" if len(alike) > 1 else letters
    return found


def _labelled(entry: Entry, labels: dict[tuple[str, str], str]) -> Entry:
    named = tuple(labels[place] for place in entry.places)
    return Entry(entry.wall, entry.title, entry.state, entry.places, entry.picture, entry.kind, named)


def _size(weeks: tuple[tuple[PaperDay, ...], ...]) -> str:
    """Return the largest size at which everything fits on one sheet."""
    return next((size.name for size in SIZES if _height(weeks, size) <= size.lines), SEVERAL)


def _height(weeks: tuple[tuple[PaperDay, ...], ...], size: Size) -> float:
    busiest = (max(sum(one.height(size) for one in day.entries) for day in week) for week in weeks)
    least = LEAST_OF_BOXES if size.is_boxed else LEAST_OF_A_WEEK
    return sum(max(height + HEAD_OF_A_DAY, least) for height in busiest)

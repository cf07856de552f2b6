"""The lists of *Uscite*: what needs a hand, what goes next, what went; each capped, each with a way to the rest."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publisher import states
from publisher.looks import Row, explained
from publisher.models import Publication
from publisher.waiting import Pauses

PAGE = 100
RELATED = ("channel", "profile", "brand__agency", "after")


@dataclass(frozen=True, slots=True)
class Section:
    """One list: which states, in which order, and how many of it the overview shows."""

    name: str
    title: "str | Promise"
    sign: str
    css: str
    states: tuple[str, ...]
    order: str = "due_at"
    first: int = 20
    proof: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "unknown",
        _("Is it out?"),
        "q",
        "st-err",
        (states.UNKNOWN,),
        proof=("attempts", "attachments__file"),
    ),
    Section("missed", _("Time passed"), "late", "st-err", (states.MISSED,)),
    Section("failed", _("Not published"), "alert", "st-err", (states.FAILED,), proof=("attempts", "attachments__file")),
    Section("held", _("Held by a stop"), "pause", "st-bozza", (states.HELD,)),
    Section(
        "soon", _("Going out next"), "clock", "st-prog", (states.SENDING, states.CLAIMED, states.WAITING), first=30
    ),
    Section("gone", _("Already out"), "sent", "st-pub", (states.PUBLISHED,), order="-due_at", first=15),
)
BY_NAME = {section.name: section for section in SECTIONS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked to see. ``page`` counts from 1 and means something for one list only."""

    state: str = ""
    channel_id: int = 0
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return the part of the address behind the question mark, with some of it changed."""
        values = {"state": self.state, "channel": self.channel_id, **changes}
        kept = "&".join(f"{name}={value}" for name, value in values.items() if value)
        return f"?{kept}" if kept else "?"


@dataclass(frozen=True, slots=True)
class Listed:
    """One list as the page shows it."""

    section: Section
    rows: list[Row]
    count: int = 0
    more: str = ""
    earlier: str = ""


def rows_in(lists: Iterable[Listed]) -> list[Row]:
    """Return the rows of all lists."""
    return [row for one in lists for row in one.rows]


@dataclass(frozen=True, slots=True)
class Pill:
    """A filter of the page."""

    word: "str | Promise"
    address: str
    count: int = 0
    sign: str = ""
    css: str = ""
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what they may do in each brand, and what holds things back just now."""

    pauses: Pauses
    abilities: Mapping[int, Collection[str]] = field(default_factory=dict)


def counts_of(rows: QuerySet[Publication]) -> dict[str, int]:
    """Return how many rows each list holds; what went is not counted, for it grows for ever."""
    open_rows = rows.exclude(state__in=[states.PUBLISHED, states.CANCELED]).order_by()
    by_state = dict(open_rows.values_list("state").annotate(n=Count("pk")))
    return {section.name: sum(by_state.get(state, 0) for state in section.states) for section in SECTIONS}


def lists_of(rows: QuerySet[Publication], wanted: Wanted, *, counts: Mapping[str, int], reader: Reader) -> list[Listed]:
    """Return the lists that have something; each costs the same number of queries however long it is."""
    if wanted.state in BY_NAME:
        section = BY_NAME[wanted.state]
        return [_page(rows, section, wanted, count=counts[section.name], reader=reader)]
    filled = [section for section in SECTIONS if counts[section.name] or section.name == "gone"]
    return [_first(rows, section, wanted, count=counts[section.name], reader=reader) for section in filled]


def _first(rows: QuerySet[Publication], section: Section, wanted: Wanted, *, count: int, reader: Reader) -> Listed:
    found = list(_of(rows, section)[: section.first + 1])
    more = wanted.query(state=section.name) if len(found) > section.first else ""
    return Listed(section, _shown(found[: section.first], section, reader), count, more)


def _page(rows: QuerySet[Publication], section: Section, wanted: Wanted, *, count: int, reader: Reader) -> Listed:
    start = (wanted.page - 1) * PAGE
    found = list(_of(rows, section)[start : start + PAGE + 1])
    more = wanted.query(page=wanted.page + 1) if len(found) > PAGE else ""
    earlier = wanted.query(page=wanted.page - 1) if wanted.page > 1 else ""
    return Listed(section, _shown(found[:PAGE], section, reader), count, more, earlier)


def _of(rows: QuerySet[Publication], section: Section) -> QuerySet[Publication]:
    mine = rows.filter(state__in=section.states).select_related(*RELATED)
    return mine.prefetch_related(*section.proof).order_by(section.order, "pk")


def _shown(found: list[Publication], section: Section, reader: Reader) -> list[Row]:
    return [
        explained(row, reader.pauses, abilities=reader.abilities.get(row.brand_id, ()), proof=bool(section.proof))
        for row in found
    ]


def pills_of(wanted: Wanted, counts: Mapping[str, int]) -> list[Pill]:
    """Return the filter of states: only those that have something, and what went."""
    filled = [section for section in SECTIONS if counts[section.name] or section.name in {"gone", wanted.state}]
    return [
        Pill(
            section.title,
            wanted.query(state=section.name),
            counts[section.name],
            section.sign,
            section.css,
            is_on=wanted.state == section.name,
        )
        for section in filled
    ]

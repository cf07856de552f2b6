"""The filters of the calendar as people see them: pills with numbers, and addresses that carry all of them."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import npgettext

from accounts.scope import row_number
from calendar_app import agenda
from calendar_app.agenda import Filters, ShownState, Sorts
from calendar_app.views.showing import KINDS

# what the address says for each of the filters
NAMES = {"states": "state", "kinds": "kind", "channels": "channel", "campaigns": "campaign", "people": "person"}


@dataclass(frozen=True, slots=True)
class Pill:
    """One filter: what it shows, how many there are, and the address that switches it on or off."""

    css: str
    sign: str
    word: "str | Promise"
    count: int
    address: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The filters as the page shows them; the address carries all of them."""

    states: list[Pill]
    kinds: list[Pill]
    channels: list[Pill]
    campaigns: list[Pill]
    people: list[Pill]
    query: str
    address_of_all: str
    count_all: int

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.query)

    @property
    def in_menu(self) -> list[Pill]:
        """Return what stands in the menu, not in the row."""
        return [*self.kinds, *self.channels, *self.campaigns, *self.people]

    @property
    def chosen(self) -> list[Pill]:
        """Return what is chosen in the menu: it stands in the row too, so that one sees and undoes it."""
        return [pill for pill in self.in_menu if pill.is_on]


def filters_in(query: QueryDict) -> Filters:
    """Return the filters of an address; what it does not know is left out."""

    def rows(name: str) -> frozenset[int]:
        return frozenset(pk for pk in map(row_number, query.getlist(name)) if pk)

    return Filters(
        states=frozenset(query.getlist("state")) & set(agenda.STATES),
        kinds=frozenset(query.getlist("kind")) & set(KINDS),
        channels=rows("channel"),
        campaigns=rows("campaign"),
        people=rows("person"),
    )


def query_of(filters: Filters) -> str:
    """Return the filters as the end of an address, with its question mark; nothing where nothing is filtered."""
    pairs = [
        (NAMES[one.name], str(value)) for one in fields(filters) for value in sorted(getattr(filters, one.name))
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def _toggled(filters: Filters, name: str, value: Any) -> Filters:
    """Return the filters after a pill was pressed: one state at a time, everything else together."""
    chosen = getattr(filters, name)
    kept = chosen - {value} if value in chosen else ({value} if name == "states" else chosen | {value})
    changes: dict[str, Any] = {name: frozenset(kept)}
    return replace(filters, **changes)


def shown_filters(sorts: Sorts, filters: Filters, path: str) -> Shown:
    """Return every pill that has posts, with its count."""

    def pills(name: str) -> Callable[..., Pill]:
        chosen = getattr(filters, name)

        def pill(value: Any, word: Any, count: int, *, sign: str = "", css: str = "") -> Pill:
            address = path + (query_of(_toggled(filters, name, value)) or "?")
            return Pill(css, sign, word, count, address, value in chosen)

        return pill

    state, kind, channel, campaign, person = (pills(name) for name in NAMES)
    kinds = [one for one in KINDS.values() if one.value in sorts.kinds]
    return Shown(
        states=[state(one.name, word_of(one, count), count, sign=one.sign, css=one.css) for one, count in sorts.states],
        kinds=[kind(one.value, one.many, sorts.kinds[one.value], sign=one.sign) for one in kinds],
        channels=[channel(one.pk, one.name, count, sign=one.monogram) for one, count in sorts.channels],
        campaigns=[campaign(one.pk, one.name, one.count) for one in sorts.campaigns],
        people=[person(one.pk, one.name, one.count) for one in sorts.people],
        query=query_of(filters),
        address_of_all=path,
        count_all=sorts.count_all,
    )


def word_of(state: ShownState, count: int) -> str:
    """Return a state in the number that its pill counts."""
    words = {
        "failed": npgettext("posts", "Not published", "Not published", count),
        "unknown": npgettext("posts", "Outcome unknown", "Outcomes unknown", count),
        "missed": npgettext("posts", "Not sent, time passed", "Not sent, time passed", count),
        "refused": npgettext("posts", "Refused by the client", "Refused by the client", count),
        "withdrawn": npgettext("posts", "Approval withdrawn", "Approvals withdrawn", count),
        "draft": npgettext("posts", "Draft", "Drafts", count),
        "approved": npgettext("posts", "Approved", "Approved", count),
        "scheduled": npgettext("posts", "Scheduled", "Scheduled", count),
        "published": npgettext("posts", "Published", "Published", count),
    }
    return words.get(state.name, str(state.word))

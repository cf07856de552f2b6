"""The month and the day: the page that planners look at all day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import npgettext
from django.views.decorators.http import require_GET

from accounts.models import Brand
from accounts.permissions import Ability, abilities_in
from accounts.scope import brand_for, brands_of, row_number
from accounts.wall import wall_of
from calendar_app import agenda
from calendar_app.agenda import Filters, Month, ShownState
from calendar_app.views.showing import KINDS

FIRST_YEAR, LAST_YEAR = 2000, 2100


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
    query: str
    address_of_all: str

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.query)

    @property
    def narrowed(self) -> bool:
        """Whether a kind or a channel is chosen."""
        return any(pill.is_on for pill in [*self.kinds, *self.channels])


def filters_in(query: QueryDict) -> Filters:
    """Return the filters of an address; what it does not know is left out."""
    return Filters(
        states=frozenset(query.getlist("state")) & set(agenda.STATES),
        kinds=frozenset(query.getlist("kind")) & set(KINDS),
        channels=frozenset(pk for pk in map(row_number, query.getlist("channel")) if pk),
    )


def _query(filters: Filters) -> str:
    pairs = [
        *(("state", name) for name in sorted(filters.states)),
        *(("kind", name) for name in sorted(filters.kinds)),
        *(("channel", str(pk)) for pk in sorted(filters.channels)),
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def _toggled(filters: Filters, name: str, value: Any) -> Filters:
    """Return the filters after a pill was pressed: one state at a time, kinds and channels together."""
    chosen = getattr(filters, name)
    kept = chosen - {value} if value in chosen else ({value} if name == "states" else chosen | {value})
    values = {key: getattr(filters, key) for key in ("states", "kinds", "channels")}
    return Filters(**{**values, name: frozenset(kept)})


def shown_filters(month: Month, filters: Filters, path: str) -> Shown:
    """Return every pill that has posts, with its count."""

    def pill(name: str, value: Any, css: str, sign: str, word: Any, count: int) -> Pill:
        on = value in getattr(filters, name)
        return Pill(css, sign, word, count, path + (_query(_toggled(filters, name, value)) or "?"), on)

    return Shown(
        states=[pill("states", one.name, one.css, one.sign, word_of(one, count), count) for one, count in month.states],
        kinds=[
            pill("kinds", kind.value, "", kind.sign, kind.many, month.kinds[kind.value])
            for kind in KINDS.values()
            if month.kinds.get(kind.value)
        ],
        channels=[pill("channels", sign.pk, "", sign.monogram, sign.name, count) for sign, count in month.channels],
        query=_query(filters),
        address_of_all=path,
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


def balance_of(month: Month, brand: Brand) -> list[dict[str, Any]]:
    """Return how many posts of each kind the month has, beside what the brand aims at."""
    total = sum(month.kinds.values())
    if not total and not brand.target_mix:
        return []
    return [
        {
            "sign": kind.sign,
            "word": kind.many,
            "count": month.kinds.get(kind.value, 0),
            "total": max(total, 1),
            "target": brand.target_mix.get(kind.value),
        }
        for kind in KINDS.values()
    ]


@login_required
@require_GET
def current(request: HttpRequest) -> HttpResponse:
    """Lead to this month of the brand that was seen last."""
    mine = brands_of(request.user)
    brand = mine.filter(pk=request.session.get("brand") or 0).first() or mine.order_by("name").first()
    return redirect("brand", brand.pk) if brand else redirect("home")


@login_required
@require_GET
def brand_month(request: HttpRequest, brand: int) -> HttpResponse:
    """Lead to this month of a brand, and remember it."""
    of_brand = brand_for(request, brand)
    request.session["brand"] = of_brand.pk
    today = wall_of(at=timezone.now(), zone=of_brand.zone)
    return redirect("calendar_month", of_brand.pk, today.year, today.month)


@login_required
@require_GET
def month(request: HttpRequest, brand: int, year: int, month: int) -> HttpResponse:
    """Show a month of a brand, as filtered in the address."""
    of_brand = brand_for(request, brand)
    if not 1 <= month <= 12 or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    filters = filters_in(request.GET)
    found = agenda.month(of_brand, year, month, filters=filters)
    abilities = abilities_in(request.user, of_brand)
    context = {
        "brand": of_brand,
        "month": found,
        "filters": shown_filters(found, filters, request.path),
        "balance": balance_of(found, of_brand),
        "has_past": any(one.is_past for one in found.agenda),
        "is_over": all(one.is_past for one in found.agenda),
        "prints_all": found.prints_all,
        "may_write": Ability.WRITE in abilities,
        "may_move": Ability.PLAN in abilities,
        "may_send": Ability.SEND_FOR_APPROVAL in abilities,
    }
    return render(request, "calendar_app/month.html", context)


@login_required
@require_GET
def day(request: HttpRequest, brand: int, year: int, month: int, day: int) -> HttpResponse:
    """Show every post of a day."""
    of_brand = brand_for(request, brand)
    try:
        on = date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise Http404
    filters = filters_in(request.GET)
    context = {
        "brand": of_brand,
        "day": agenda.day(of_brand, on, filters=filters),
        "filters": {"query": _query(filters)},
        "may_write": Ability.WRITE in abilities_in(request.user, of_brand),
    }
    return render(request, "calendar_app/day.html", context)

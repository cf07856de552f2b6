"""Month, week, agenda, day and search, of one brand or of all: the pages that planners look at all day."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Brand
from accounts.scope import brand_for, brands_of
from accounts.wall import wall_of
from calendar_app import agenda
from calendar_app.agenda import Filters, Sorts
from calendar_app.views.ground import Ground, day_or_404, ground_of, monday_of
from calendar_app.views.pills import filters_in, query_of, shown_filters
from calendar_app.views.showing import KINDS

ALL = "all"
"""What the session remembers as *brand* of the calendar for whoever looked at all of them last."""
LONGEST_SEARCH = 200


def balance_of(sorts: Sorts, brand: Brand | None) -> list[dict[str, Any]]:
    """Return how many posts of each kind the month has, beside what the brand aims at."""
    total = sum(sorts.mix.values())
    targets = brand.target_mix if brand else {}
    if not total and not targets:
        return []
    return [
        {
            "sign": kind.sign,
            "word": kind.many,
            "count": sorts.mix.get(kind.value, 0),
            "full": targets.get(kind.value) or max(total, 1),
            "target": targets.get(kind.value),
        }
        for kind in KINDS.values()
    ]


@login_required
@require_GET
def current(request: HttpRequest) -> HttpResponse:
    """Lead to this month of the brand that was seen last, or of all brands if those were."""
    if request.session.get("calendar") == ALL:
        return redirect("calendar_all_now")
    mine = brands_of(request.user)
    brand = mine.filter(pk=request.session.get("brand") or 0).first() or mine.order_by("name").first()
    return redirect("brand", brand.pk) if brand else redirect("home")


@login_required
@require_GET
def brand_month(request: HttpRequest, brand: int) -> HttpResponse:
    """Lead to this month of a brand, and remember it."""
    of_brand = brand_for(request, brand)
    request.session["brand"] = of_brand.pk
    request.session.pop("calendar", None)
    today = wall_of(at=timezone.now(), zone=of_brand.zone)
    return redirect("calendar_month", of_brand.pk, today.year, today.month)


@login_required
@require_GET
def all_month(request: HttpRequest) -> HttpResponse:
    """Lead to this month of all brands, and remember that all were wanted."""
    request.session["calendar"] = ALL
    today = timezone.localdate()
    return redirect("calendar_all", today.year, today.month)


@login_required
@require_GET
def month(request: HttpRequest, year: int, month: int, brand: int | None = None) -> HttpResponse:
    """Show a month, as filtered in the address."""
    ground, filters = ground_of(request, brand), filters_in(request.GET)
    first = day_or_404(year, month)
    found = agenda.month(ground.scope, year, month, filters=filters)
    context = _context(request, ground, found.sorts, filters) | {
        "month": found,
        "balance": balance_of(found.sorts, ground.brand),
        "prints_all": found.prints_all,
        **_past_of(found),
        **_ways(ground, first, found.strip[0].on),
    }
    return render(request, "calendar_app/month.html", context)


@login_required
@require_GET
def month_agenda(request: HttpRequest, year: int, month: int, brand: int | None = None) -> HttpResponse:
    """Show the posts of a month one below the other, day by day."""
    ground, filters = ground_of(request, brand), filters_in(request.GET)
    first = day_or_404(year, month)
    found = agenda.month(ground.scope, year, month, filters=filters, cap=agenda.LINES_A_DAY_OF_AN_AGENDA)
    context = _context(request, ground, found.sorts, filters) | {
        "month": found,
        "balance": balance_of(found.sorts, ground.brand),
        "worded": True,
        **_past_of(found),
        **_ways(ground, first, found.strip[0].on),
    }
    return render(request, "calendar_app/agenda_page.html", context)


@login_required
@require_GET
def week(request: HttpRequest, on: str, brand: int | None = None) -> HttpResponse:
    """Show seven days from a Monday; any other day leads to its Monday."""
    ground, filters = ground_of(request, brand), filters_in(request.GET)
    chosen = _written_day(on)
    monday = monday_of(chosen)
    if monday != chosen:
        return redirect(ground.week_at(monday) + query_of(filters))
    found = agenda.week(ground.scope, monday, filters=filters)
    context = _context(request, ground, found.sorts, filters) | {
        "week": found,
        "worded": True,
        **_ways(ground, found.days[3].on, monday),
    }
    return render(request, "calendar_app/week.html", context)


@login_required
@require_GET
def day(request: HttpRequest, year: int, month: int, day: int, brand: int | None = None) -> HttpResponse:
    """Show every post of a day."""
    ground, filters = ground_of(request, brand), filters_in(request.GET)
    on = day_or_404(year, month, day)
    context = {
        "brand": ground.brand,
        "ground": ground,
        "day": agenda.day(ground.scope, on, filters=filters),
        "back": ground.month_at(on) + query_of(filters),
        "worded": True,
    }
    return render(request, "calendar_app/day.html", context)


@login_required
@require_GET
def search(request: HttpRequest, brand: int | None = None) -> HttpResponse:
    """Show the posts whose title or text holds the words."""
    ground = ground_of(request, brand)
    words = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGEST_SEARCH]
    lines, count = agenda.search(ground.brands, words) if words else ([], 0)
    context = {
        "brand": ground.brand,
        "ground": ground,
        "words": words,
        "lines": lines,
        "count": count,
        "more": count - len(lines),
        "back": ground.today,
        "worded": True,
    }
    return render(request, "calendar_app/search.html", context)


def _context(request: HttpRequest, ground: Ground, sorts: Sorts, filters: Filters) -> dict[str, Any]:
    """Return what every view of the calendar has."""
    return {
        "brand": ground.brand,
        "ground": ground,
        "movable": ground.movable,
        "drawn": {},
        "filters": shown_filters(sorts, filters, request.path),
    }


def _ways(ground: Ground, in_month: date, monday: date) -> dict[str, str]:
    """Return where the other views of the same time are."""
    return {
        "month_address": ground.month_at(in_month),
        "week_address": ground.week_at(monday),
        "agenda_address": ground.agenda_at(in_month),
    }


def _past_of(found: agenda.Month) -> dict[str, bool]:
    """Return whether a month has days with posts that lie behind, and whether it has no others."""
    past = [one.is_past for one in found.agenda]
    return {"has_past": any(past), "is_over": all(past)}


def _written_day(on: str) -> date:
    """Return the day that an address writes as year, month, day."""
    try:
        found = date.fromisoformat(on)
    except ValueError as error:
        raise Http404 from error
    if found.isoformat() != on:
        raise Http404
    return day_or_404(found.year, found.month, found.day)

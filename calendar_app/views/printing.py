"""The month on paper, for the agency and for whoever holds a client’s link: every post, never “+2 others”."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts.models import Brand, GuestLink
from accounts.wall import wall_of
from calendar_app import agenda
from calendar_app.agenda import Line
from calendar_app.closed_days import holidays_of
from calendar_app.views.client import for_guests
from calendar_app.views.client_cards import Card, Deck, deck_of
from calendar_app.views.ground import day_or_404, ground_of
from calendar_app.views.paper import Entry, Paper, paper_of
from calendar_app.views.pills import filters_in, query_of
from calendar_app.views.showing import KINDS

EVERY = 1_000_000
"""A day’s cap that no day reaches."""


def _page(request: HttpRequest, brand: Brand | None, papers: list[Paper], back: str) -> HttpResponse:
    now = wall_of(at=timezone.now(), zone=brand.zone) if brand else timezone.localtime()
    context = {"brand": brand, "papers": papers, "back": back, "now": now}
    return render(request, "calendar_app/print.html", context)


@login_required
@require_GET
def month(request: HttpRequest, year: int, month: int, brand: int | None = None) -> HttpResponse:
    """Show a month of a brand, or of all of them, for paper, as filtered in the address."""
    ground, filters = ground_of(request, brand), filters_in(request.GET)
    first = day_or_404(year, month)
    found = agenda.month(ground.scope, year, month, filters=filters, cap=EVERY)
    entries = [_entry(line) for day in found.days for line in day.lines]
    closed = {day.on: day.holiday for day in found.days}
    back = ground.month_at(first) + query_of(filters)
    return _page(request, ground.brand, [paper_of(first, entries, closed)], back)


def _entry(line: Line) -> Entry:
    """Return a post; where several brands stand side by side, its brand comes before its channels."""
    brand = ((line.brand.initials, line.brand.name),) if line.brand else ()
    return Entry(
        wall=line.wall,
        title=line.title,
        state=line.state,
        places=(*brand, *((channel.monogram, channel.name) for channel in line.channels)),
        picture=reverse("asset_picture", args=[line.asset_id, 96]) if line.asset_id else "",
        kind=KINDS[line.kind],
    )


@require_safe
@for_guests
def of_pack(request: HttpRequest, link: GuestLink) -> HttpResponse:
    """Show the months of what a client was asked about: these posts, with what was decided."""
    deck = deck_of(link)
    brand = deck.pack.brand
    entries = [_entry_of(card, deck) for card in deck.cards]
    months = _months(entries)
    closed = holidays_of(brand, {first.year for first in months})
    papers = [paper_of(first, entries, closed) for first in months]
    return _page(request, brand, papers, reverse("client_pack", args=[link.public_id]))


def _months(entries: Iterable[Entry]) -> list[date]:
    return sorted({one.wall.date().replace(day=1) for one in entries})


def _entry_of(card: Card, deck: Deck) -> Entry:
    """Return a card: what became of it where there is something to say, otherwise what was decided."""
    cover = card.face.cover
    return Entry(
        wall=card.wall,
        title=card.face.revision.title,
        state=card.delivery or card.state,
        places=tuple((place.monogram, f"{place.name} ({place.platform})") for place in card.face.places),
        picture=reverse("client_picture", args=[deck.link.public_id, cover.pk, 160]) if cover else "",
    )

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
from accounts.scope import brand_for
from accounts.wall import wall_of
from calendar_app import agenda
from calendar_app.agenda import Line
from calendar_app.views.client import for_guests
from calendar_app.views.client_cards import Card, Deck, deck_of
from calendar_app.views.ground import day_or_404
from calendar_app.views.paper import Entry, Paper, paper_of
from calendar_app.views.pills import filters_in, query_of
from calendar_app.views.showing import KINDS

EVERY = 1_000_000
"""A day’s cap that no day reaches."""


def _page(request: HttpRequest, brand: Brand, papers: list[Paper], back: str) -> HttpResponse:
    now = wall_of(at=timezone.now(), zone=brand.zone)
    context = {"brand": brand, "papers": papers, "back": back, "now": now}
    return render(request, "calendar_app/print.html", context)


@login_required
@require_GET
def month(request: HttpRequest, brand: int, year: int, month: int) -> HttpResponse:
    """Show a month of a brand for paper, as filtered in the address."""
    of_brand = brand_for(request, brand)
    first = day_or_404(year, month)
    filters = filters_in(request.GET)
    found = agenda.month(of_brand, year, month, filters=filters, cap=EVERY)
    entries = [_entry(line) for day in found.days for line in day.lines]
    back = reverse("calendar_month", args=[of_brand.pk, year, month]) + query_of(filters)
    return _page(request, of_brand, [paper_of(of_brand, first, entries)], back)


def _entry(line: Line) -> Entry:
    return Entry(
        wall=line.wall,
        title=line.title,
        state=line.state,
        places=tuple((channel.monogram, channel.name) for channel in line.channels),
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
    papers = [paper_of(brand, first, entries) for first in _months(entries)]
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

"""What lost its hour: each post with a way to a new one, and all of them at once, with their distances kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import Brand, User
from accounts.permissions import Ability, abilities_in, require
from accounts.scope import brand_for, row_number
from accounts.wall import HourMissingError, HourTwiceError, wall_of
from calendar_app import drafting
from calendar_app.models import Post
from calendar_app.refusals import Refusal
from publisher import outbox
from publisher.looks import Row, shown
from publisher.models import Publication, PublicationKind
from publisher.states import MISSED
from publisher.stopping import missed_under, stops_reaching
from publisher.views.outgoing import person

MOST = 100
MOST_DAYS = 366
WEEK = 7


@dataclass(frozen=True, slots=True)
class Lost:
    """One post whose hour passed, and the channels on which it did."""

    post: Post
    rows: list[Row]


def _rows(brand: Brand, stop_id: int) -> Iterable[Publication]:
    """Return the brand's missed posts, or those that one stop made miss."""
    mine = Publication.objects.filter(brand=brand, state=MISSED, kind=PublicationKind.POST)
    stop = stops_reaching(brand).filter(pk=stop_id).first() if stop_id else None
    if stop is not None:
        mine = mine.filter(pk__in=missed_under(stop).values("pk"))
    return mine.select_related("channel", "profile", "brand").order_by("due_at", "pk")[: MOST * 3]


def _lost(brand: Brand, stop_id: int) -> list[Lost]:
    """Return them by post, earliest first."""
    by_key: dict[Any, list[Row]] = {}
    for row in _rows(brand, stop_id):
        by_key.setdefault(row.origin_key, []).append(shown(row))
    posts = {post.key: post for post in Post.objects.filter(brand=brand, key__in=by_key).select_related("brand__agency")}
    return [Lost(posts[key], rows) for key, rows in by_key.items() if key in posts][:MOST]


def days_ahead(lost: Iterable[Lost]) -> int:
    """Return by how many days all must move so that the earliest is still to come, half an hour from now or later."""
    soonest = timezone.now() + timedelta(minutes=30)
    waits = [(wall_of(at=soonest, zone=one.post.zone) - one.post.wall) / timedelta(days=1) for one in lost]
    return max(1, *(int(wait) + 1 for wait in waits)) if waits else 1


@login_required
@require_http_methods(["GET", "POST"])
def missed(request: HttpRequest, brand: int) -> HttpResponse:
    """List what lost its hour; move the chosen ones by whole days, or give them up."""
    of_brand = brand_for(request, brand)
    stop_id = row_number(request.GET.get("stop", ""))
    lost = _lost(of_brand, stop_id)
    if request.method == "POST":
        require(request.user, Ability.PLAN, of_brand)
        chosen = _chosen(request, lost)
        if not chosen:
            messages.warning(request, _("Nothing was chosen: nothing was changed."))
        elif request.POST.get("act") == "drop":
            _drop(request, of_brand, chosen)
        else:
            _move(request, chosen, days=min(max(1, row_number(request.POST.get("act", ""))), MOST_DAYS))
        is_rest = len(chosen) < len(lost)
        return HttpResponseRedirect(request.get_full_path() if is_rest else reverse("outgoing", args=[of_brand.pk]))
    days = days_ahead(lost)
    context = {
        "brand": of_brand,
        "lost": lost,
        "by_stop": bool(stop_id),
        "days": days,
        "weeks": -(-days // WEEK) * WEEK,
        "abilities": abilities_in(request.user, of_brand),
    }
    return render(request, "calendar_app/missed.html", context)


def _chosen(request: HttpRequest, lost: list[Lost]) -> list[Lost]:
    """Return those that were ticked, of those that stand on the page."""
    ticked = {row_number(one) for one in request.POST.getlist("post")}
    return [one for one in lost if one.post.pk in ticked]


def _drop(request: HttpRequest, brand: Brand, chosen: list[Lost]) -> None:
    """Give them up; the posts stay."""
    require(request.user, Ability.SCHEDULE, brand)
    for row in (row for one in chosen for row in one.rows):
        try:
            outbox.drop(row.publication, by=person(request))
        except outbox.TooLateError:
            messages.warning(request, _("Somebody was faster with “%(text)s”.") % {"text": _begun(row.publication)})
    said = ngettext("%(n)d post will not go out. It stays.", "%(n)d posts will not go out. They stay.", len(chosen))
    messages.success(request, said % {"n": len(chosen)})


def _move(request: HttpRequest, chosen: list[Lost], *, days: int) -> None:
    """Move each through the calendar's own door, which keeps what was agreed."""
    kept = voided = 0
    for one in chosen:
        moved = _moved(request, one.post, days=days, by=person(request))
        kept += moved is not None and not moved.voided
        voided += moved is not None and moved.voided
    if kept:
        said = ngettext("%(n)d post has a new time.", "%(n)d posts have a new time.", kept)
        messages.success(request, said % {"n": kept})
    if voided:
        said = ngettext(
            "%(n)d post moved further than agreed: it is a draft again and has to be approved.",
            "%(n)d posts moved further than agreed: they are drafts again and have to be approved.",
            voided,
        )
        messages.warning(request, said % {"n": voided})


def _moved(request: HttpRequest, post: Post, *, days: int, by: User) -> drafting.Moved | None:
    """Move one post; say why where that cannot be."""
    try:
        return drafting.move(post, wall=post.wall + timedelta(days=days), by=by)
    except Refusal as refusal:
        why = refusal.words()
    except (HourMissingError, HourTwiceError):
        why = _("On that day the clocks change at this time. Move it by hand.")
    messages.warning(request, _("“%(title)s”: %(why)s") % {"title": post.title, "why": why})
    return None


def _begun(row: Publication) -> str:
    return str(row.content.get("text", ""))[:40]

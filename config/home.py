"""The home of the day: what goes out, what is broken, what waits for whom, and what is missing, over all brands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Brand, User
from accounts.permissions import Ability, abilities_among
from accounts.scope import brands_of, visible_to
from calendar_app import agenda, outlook
from calendar_app.agenda import HomeDay
from calendar_app.outlook import Outlook, Wait
from calendar_app.views.showing import KINDS
from community.models import Conversation, ConversationState
from config.shell import WANTS_A_HAND
from publisher.models import Channel, ChannelState, Publication, among
from publisher.views.outgoing import person, rows_of

MOST_TROUBLES = 5
MOST_CONVERSATIONS = 4
MOST_BRANDS = 6


@dataclass(frozen=True, slots=True)
class BrandWaits:
    """Those who keep a brand waiting."""

    brand: Brand
    rows: list[Wait]


def _groups(day: HomeDay) -> list[dict[str, Any]]:
    """Return what waits for the reader’s own hand; empty groups are left out."""
    found = [
        {"title": _("You are asked to decide"), "lines": day.to_approve},
        {"title": _("Sent back by the client"), "lines": day.sent_back},
    ]
    return [group for group in found if group["lines"]]


def _waits(brands: Sequence[Brand], user: User) -> list[BrandWaits]:
    """Return whom others wait for, by brand; the brand with the nearest deadline comes first."""
    by_brand: dict[int, list[Wait]] = {}
    for row in outlook.waits(brands, user=user):
        by_brand.setdefault(row.brand_id, []).append(row)
    known = {brand.pk: brand for brand in brands}
    return [BrandWaits(known[pk], rows) for pk, rows in by_brand.items()]


def _comments(user: User) -> dict[str, Any]:
    """Return the conversations that wait longest for an answer, and how many there are."""
    mine = visible_to(Conversation.objects.filter(state=ConversationState.OPEN), user, ability=Ability.READ_INBOX)
    waiting = mine.select_related("brand", "channel__profile").order_by(
        "-urgency", F("waiting_since_at").asc(nulls_last=True), "-last_inbound_at", "pk"
    )
    numbers = mine.aggregate(all=Count("pk"), own=Count("pk", filter=Q(assignee=user)))
    return {"rows": list(waiting[:MOST_CONVERSATIONS]), "count": numbers["all"], "mine": numbers["own"]}


def _missing(brands: Sequence[Brand], abilities: Mapping[int, frozenset[Ability]]) -> list[Outlook]:
    """Return what the next two weeks lack, for those who can do something about it: the most pressing first."""
    planned = [brand for brand in brands if Ability.WRITE in abilities.get(brand.pk, ())]
    found = outlook.outlooks(planned) if planned else []
    return sorted(found, key=lambda one: (-one.unready.count, one.count - one.aim, one.brand.name))


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the day."""
    user = person(request)
    brands = list(brands_of(user).select_related("agency").order_by("name"))
    abilities = abilities_among(user, brands)
    day = agenda.home_day(user)
    troubled = visible_to(Publication.objects.filter(among(WANTS_A_HAND)).select_related("brand"), user)
    lost = visible_to(Channel.objects.filter(state=ChannelState.LOST, archived_at=None).select_related("brand"), user)
    missing = _missing(brands, abilities)
    context = {
        "now": timezone.now(),
        "day": day,
        "several": len(brands) > 1,
        "plans": any(Ability.WRITE in able for able in abilities.values()),
        "groups": _groups(day),
        "troubled": [
            replace(row, abilities=abilities.get(row.publication.brand_id, frozenset()))
            for row in rows_of(troubled.order_by("-due_at"), most=MOST_TROUBLES)
        ],
        "troubled_count": troubled.count(),
        "lost": list(lost.order_by("name")),
        "comments": _comments(user),
        "waits": _waits(brands, user),
        "missing": missing[:MOST_BRANDS],
        "missing_more": len(missing) - MOST_BRANDS,
        "kinds": KINDS,
    }
    return render(request, "home.html", context)

"""The home of the day: what goes out, what is broken, what waits for whom, and what is missing, over all brands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Brand, Membership, Role, User
from accounts.permissions import Ability, abilities_among
from accounts.scope import brands_of, row_number, visible_to
from calendar_app import agenda, outlook
from calendar_app.agenda import HomeDay
from calendar_app.models import Post
from calendar_app.outlook import Outlook, Wait
from calendar_app.views.showing import KINDS
from community.models import Conversation, ConversationState
from config.shell import WANTS_A_HAND
from publisher.models import Channel, ChannelState, Publication, among
from publisher.views.outgoing import person, rows_of

MOST_TROUBLES = 5
MOST_CONVERSATIONS = 4
MOST_BRANDS = 6
MOST_LINES = 10
CAPPED = {"today", "g-asked", "g-back"}


@dataclass(frozen=True, slots=True)
class BrandWaits:
    """Those who keep a brand waiting."""

    brand: Brand
    rows: list[Wait]


def _groups(day: HomeDay) -> list[dict[str, Any]]:
    """Return what waits for the reader’s own hand; empty groups are left out."""
    found = [
        {"id": "g-asked", "title": _("You are asked to decide"), "lines": day.to_approve, "worded": False},
        {"id": "g-back", "title": _("Sent back by the client"), "lines": day.sent_back, "worded": True},
    ]
    return [group for group in found if group["lines"]]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """A brand without a post, and what is there already of what it needs."""

    brand: Brand
    abilities: frozenset[Ability]
    has_channel: bool
    has_client: bool


def _brands(user: User) -> "QuerySet[Brand, Any]":
    """Return somebody’s brands, each with what a first post needs."""
    here = OuterRef("pk")
    clients = Membership.objects.filter(brand=here, role=Role.CLIENT)
    return (
        brands_of(user)
        .select_related("agency")
        .annotate(
            has_posts=Exists(Post.objects.filter(brand=here)),
            has_channel=Exists(Channel.objects.filter(brand=here, archived_at=None)),
            has_client=Exists(clients),
        )
        .order_by("name")
    )


def _first_steps(brands: Sequence[Any], abilities: Mapping[int, frozenset[Ability]]) -> list[FirstSteps]:
    """Return the brands that somebody can plan for and that have no post yet."""
    able = [(brand, abilities.get(brand.pk, frozenset())) for brand in brands if not brand.has_posts]
    return [
        FirstSteps(brand, may, brand.has_channel, brand.has_client) for brand, may in able if Ability.WRITE in may
    ]


def _counted(name: str, count: int) -> str:
    """Return a number as it is said: those that are capped may be more."""
    return f"{count}+" if name in CAPPED and count == MOST_LINES else str(count)


def _summary(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the page in one line: what there is of each, and where on the page it stands."""
    day: HomeDay = found["day"]
    awaited = [row for group in found["waits"] for row in group.rows]
    parts = [
        ("broken", _("To fix"), found["troubled_count"] + len(found["lost"]), "alert", "st-err"),
        ("today", _("Today"), len(day.today), "send", ""),
        ("g-asked", _("Yours to decide"), len(day.to_approve), "half", "st-rev"),
        ("g-back", _("Sent back"), len(day.sent_back), "reply", "st-mod"),
        ("waits", _("Waiting for others"), sum(row.count for row in awaited), "hour", "st-att"),
        ("comments", _("Comments"), found["comments"]["count"], "inbox", ""),
        ("missing", _("To complete"), sum(one.lack_count for one in found["missing"]), "cal", ""),
    ]
    return [
        {"id": name, "word": word, "count": _counted(name, count), "sign": sign, "css": css}
        for name, word, count, sign, css in parts
        if count
    ]


def _waits(brands: Sequence[Brand], user: User) -> list[BrandWaits]:
    """Return whom others wait for, by brand; the brand with the nearest deadline comes first."""
    by_brand: dict[int, list[Wait]] = {}
    for row in outlook.waits(brands, user=user):
        by_brand.setdefault(row.brand_id, []).append(row)
    known = {brand.pk: brand for brand in brands}
    return [BrandWaits(known[pk], rows) for pk, rows in by_brand.items()]


def _comments(user: User, brands: Sequence[Brand]) -> dict[str, Any]:
    """Return the conversations that wait longest for an answer, and how many there are."""
    opened = Conversation.objects.filter(state=ConversationState.OPEN, brand__in=[brand.pk for brand in brands])
    mine = visible_to(opened, user, ability=Ability.READ_INBOX)
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
    """Show the day, of all brands or of the one that the address names."""
    user = person(request)
    every = list(_brands(user))
    only = next((brand for brand in every if brand.pk == row_number(request.GET.get("brand", ""))), None)
    brands = [only] if only else every
    abilities = abilities_among(user, brands)
    steps = _first_steps(brands, abilities)
    begun = [brand for brand in brands if brand.pk not in {one.brand.pk for one in steps}]
    missing = _missing(begun, abilities)
    context = {
        "now": timezone.now(),
        "only": only,
        "day": agenda.home_day(user, only=only),
        "several": len(brands) > 1,
        "plans": any(Ability.WRITE in able for able in abilities.values()),
        "steps": steps[:MOST_BRANDS],
        "comments": _comments(user, brands),
        "waits": _waits(brands, user),
        "missing": missing[:MOST_BRANDS],
        "missing_more": len(missing) - MOST_BRANDS,
        "kinds": KINDS,
        **_hand(brands, user, abilities),
    }
    context |= {"groups": _groups(context["day"]), "summary": _summary(context)}
    return render(request, "home.html", context)


def _hand(brands: Sequence[Brand], user: User, abilities: Mapping[int, frozenset[Ability]]) -> dict[str, Any]:
    """Return what is broken: publications in trouble, and channels that have to be reconnected."""
    pks = [brand.pk for brand in brands]
    troubled = Publication.objects.filter(among(WANTS_A_HAND), brand__in=pks).select_related("brand")
    lost = Channel.objects.filter(state=ChannelState.LOST, archived_at=None, brand__in=pks).select_related("brand")
    mine = visible_to(troubled, user)
    rows = rows_of(mine.order_by("-due_at"), most=MOST_TROUBLES)
    return {
        "troubled": [replace(row, abilities=abilities.get(row.publication.brand_id, frozenset())) for row in rows],
        "troubled_count": mine.count(),
        "lost": list(visible_to(lost, user).order_by("name")),
    }

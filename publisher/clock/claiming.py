"""T - 5 s: take what is due soon, fairly, so that other clocks leave it alone."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from publisher import states
from publisher.clock.calls import host_of
from publisher.clock.hours import Hours
from publisher.clock.pace import Pace
from publisher.limits import in_turns, within
from publisher.models import Profile, Publication
from publisher.states import move

LOOK_AHEAD = 4
FULL = 0.75
COLUMNS = ("pk", "brand_id", "profile_id", "profile__platform", "profile__server", "next_at", "fence", "prepared_at")


@dataclass(frozen=True, slots=True)
class Held:
    """A claimed row as the clock remembers it."""

    pk: int
    brand_id: int
    profile_id: int
    platform: str
    host: str
    send_at: float
    fence: int
    is_prepared: bool
    server: str = ""
    look_at: float = 0.0


def claim(
    *, owner: str, hours: Hours, pace: Pace, held: Collection[Held] = (), shut: Collection[str] = ()
) -> list[Held]:
    """Move due rows to claimed and return them. ``held`` is what this clock has already, ``shut`` hosts left alone.

    Brands that hold a quarter already come last and never fill the last quarter of the room; for the others there is
    a quarter more of it. However much one brand has due, and however its platform hangs, another's single post finds
    its place.
    """
    by_brand = Counter(one.brand_id for one in held)
    greedy = {brand for brand, count in by_brand.items() if count >= pace.held * (1 - FULL)}
    room = int(pace.held * (2 - FULL if greedy else 1)) - len(held)
    if room <= 0:
        return []
    got = _claim(owner=owner, hours=hours, pace=pace, held=held, room=room, without=(greedy, shut))
    room = int(pace.held * FULL) - len(held) - len(got)
    if greedy and room > 0:
        got += _claim(owner=owner, hours=hours, pace=pace, held=[*held, *got], room=room, without=(set(), shut))
    return got


def _claim(
    *,
    owner: str,
    hours: Hours,
    pace: Pace,
    held: Collection[Held],
    room: int,
    without: tuple[Collection[int], Collection[str]],
) -> list[Held]:
    now = hours.now_at()
    by_profile = Counter(one.profile_id for one in held)
    full = [profile for profile, count in by_profile.items() if count >= pace.held_per_profile]
    due = due_rows(now=now, until=now + timedelta(seconds=pace.claim_ahead_s)).exclude(profile__in=full)
    due = due.exclude(brand__in=list(without[0]))
    found = [one for one in _read(due.order_by("next_at", "pk")[: LOOK_AHEAD * room]) if one.host not in without[1]]
    fair = in_turns(found, held=Counter(one.brand_id for one in held))
    wanted = within(fair, room=len(fair), per_profile=pace.held_per_profile, held=by_profile)
    got: list[Held] = []
    while wanted and len(got) < room:
        size = min(pace.batch, room - len(got))
        got += _take(wanted[:size], owner=owner, until=now + timedelta(seconds=pace.lease_s))
        wanted = wanted[size:]
    return got


def due_rows(*, now: datetime, until: datetime) -> QuerySet[Publication]:
    """Return what waits, falls due before ``until``, and whose profile may be called."""
    may_call = Q(profile__paused_until=None) | Q(profile__paused_until__lte=now)
    may_call &= Q(profile__breaker_until=None) | Q(profile__breaker_until__lte=now)
    return Publication.objects.filter(may_call, state=states.WAITING, next_at__lte=until, late_after__gte=now)


def _read(rows: QuerySet[Publication]) -> Iterable[Held]:
    for pk, brand, profile, platform, server, next_at, fence, prepared_at in rows.values_list(*COLUMNS):
        host = host_of(Profile(platform=platform, server=server))
        yield Held(pk, brand, profile, platform, host, next_at.timestamp(), fence, prepared_at is not None, server)


def _take(wanted: list[Held], *, owner: str, until: datetime) -> list[Held]:
    """Move those that nobody else has locked or moved meanwhile; one short transaction."""
    with transaction.atomic():
        rows = Publication.objects.filter(pk__in=[one.pk for one in wanted], state=states.WAITING)
        free = set(rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "fence"))
        taken = [one for one in wanted if (one.pk, one.fence) in free]
        rows = Publication.objects.filter(pk__in=[one.pk for one in taken])
        won = move(rows, to=states.CLAIMED, since=["waiting"], owner=owner, fence=F("fence") + 1, lease_until=until)
        if won != len(taken):
            raise RuntimeError("rows that were locked have moved")
    return [replace(one, fence=one.fence + 1) for one in taken]


def renew(held: Collection[Held], *, owner: str, hours: Hours, pace: Pace) -> None:
    """Hold on to what is still claimed."""
    until = hours.now_at() + timedelta(seconds=pace.lease_s)
    rows = Publication.objects.filter(pk__in=[one.pk for one in held], owner=owner, state=states.CLAIMED)
    rows.update(lease_until=until)


def let_go(*, owner: str, pks: Collection[int] | None = None) -> int:
    """Give claimed rows back: nothing of them has left."""
    rows = Publication.objects.filter(owner=owner, state=states.CLAIMED)
    rows = rows if pks is None else rows.filter(pk__in=list(pks))
    return move(rows, to=states.WAITING, since=["claimed"], owner="", lease_until=None)

"""The hand on the brake: stops of every scope, and lifting them without a burst."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import Agency, Brand, User
from publisher import states
from publisher.clock.flags import open_stops, reach_of
from publisher.models import Channel, Publication, Stop, StopScope
from publisher.signals import tell_outcome
from publisher.states import move

SPACING = timedelta(seconds=5)
LIFTING = timedelta(minutes=1)
ABOUT_TO_GO = timedelta(seconds=1)
STOOD = ("held", "waiting", "claimed")


@dataclass(frozen=True, slots=True)
class Resumed:
    """What lifting a stop gave back to the clock, and what had missed its window meanwhile."""

    waiting: list[Publication]
    missed: list[Publication]


def stop(  # noqa: PLR0913  (scope, its object, reason and person: one sentence)
    *,
    scope: str,
    reason: str,
    by: User | None,
    agency: Agency | None = None,
    brand: Brand | None = None,
    channel: Channel | None = None,
    origin_key: uuid.UUID | None = None,
) -> Stop:
    """Set a stop; where one of that scope is open already, return it. From now on nothing of it is armed or sent."""
    where: dict[str, Any] = {
        "agency": agency if scope == StopScope.AGENCY else None,
        "brand": brand if scope in {StopScope.BRAND, StopScope.POST} else None,
        "channel": channel if scope == StopScope.CHANNEL else None,
        "origin_key": origin_key if scope == StopScope.POST else None,
    }
    needed = {"post": "origin_key"}.get(scope, scope)
    if scope != StopScope.ALL and where[needed] is None:
        raise ValueError(f"a stop of scope {scope} needs its {needed}")
    try:
        with transaction.atomic():
            made = Stop.objects.create(scope=scope, reason=reason[:300], by=by, **where)
            record("stop.set", by=by, **_whose(made), subject=made, data={"scope": scope, "reason": reason})
    except IntegrityError:
        same = {"all": {}}.get(scope, {needed: where.get(needed)})
        return Stop.objects.get(scope=scope, lifted_at=None, **same)
    return made


def _whose(found: Stop) -> dict[str, Any]:
    """Return the brand or agency under which the audit lists a stop."""
    brand = found.brand or (found.channel.brand if found.channel else None)
    return {"brand": brand, "agency": None if brand else found.agency}


@transaction.atomic
def resume(stop: Stop, *, by: User | None, reason: str = "") -> Resumed:
    """Lift a stop. What it kept back goes to the clock within its window, one after the other; the rest is missed.

    That is what a clock has put aside, and what no clock came to look at while the stop was open.
    ``reason`` is kept where somebody lifts what another side stopped.
    """
    now = timezone.now()
    waiting: list[Publication] = []
    if Stop.objects.filter(pk=stop.pk, lifted_at=None).update(lifted_at=now, lifted_by=by):
        why = {"reason": reason[:300]} if reason else {}
        record("stop.lifted", by=by, **_whose(stop), subject=stop, data={"scope": stop.scope, **why})
    stop.lifted_at, stop.lifted_by = now, by
    others = open_stops()
    queues: dict[int, datetime] = defaultdict(lambda: now)
    overdue = Q(state__in=[states.WAITING, states.CLAIMED], next_at__lte=now + ABOUT_TO_GO)
    kept_back = covered_by(stop).filter(Q(state=states.HELD) | overdue).select_related("channel", "brand")
    for row in kept_back.order_by("due_at", "pk"):
        if others.cover(reach_of(row)):
            continue
        _give_back(row, now=now, queues=queues)
        if row.state == states.WAITING:
            waiting.append(row)
    return Resumed(waiting, list(missed_under(stop)))


def missed_under(stop: Stop) -> QuerySet[Publication]:
    """Return what lost its hour while a stop was open and is still neither given another nor given up."""
    rows = covered_by(stop).filter(
        state=states.MISSED, problem_code="window_passed_stopped", state_at__gte=stop.since_at
    )
    rows = rows if stop.lifted_at is None else rows.filter(state_at__lte=stop.lifted_at + LIFTING)
    return rows.select_related("channel", "brand").order_by("due_at", "pk")


def _give_back(row: Publication, *, now: datetime, queues: dict[int, datetime]) -> None:
    """Let a row wait for its turn, or say that its window has passed."""
    rows = Publication.objects.filter(pk=row.pk)
    if now > row.late_after:
        if move(rows, to=states.MISSED, since=STOOD, next_at=None, problem_code="window_passed_stopped"):
            row.state = states.MISSED
            tell_outcome(publication_id=row.pk, state=states.MISSED)
        return
    turn = max(row.due_at, queues[row.profile_id])
    queues[row.profile_id] = turn + SPACING
    next_at = None if row.after_id and row.reply_to == "" else turn
    free: dict[str, Any] = {"owner": "", "lease_until": None, "next_at": next_at}
    is_back = move(rows, to=states.WAITING, since=["held", "claimed"], problem_code="", **free)
    if is_back or rows.filter(state=states.WAITING).update(next_at=next_at):
        row.state = states.WAITING


def covered_by(stop: Stop) -> QuerySet[Publication]:
    """Return the publications that a stop reaches."""
    where = {
        StopScope.ALL: Q(),
        StopScope.AGENCY: Q(brand__agency=stop.agency_id),
        StopScope.BRAND: Q(brand=stop.brand_id),
        StopScope.CHANNEL: Q(channel=stop.channel_id),
        StopScope.POST: Q(origin_key=stop.origin_key),
    }
    return Publication.objects.filter(where[StopScope(stop.scope)])


def stops_reaching(brand: Brand) -> QuerySet[Stop]:
    """Return the stops, lifted ones too, that reach something of a brand."""
    reach = Q(scope=StopScope.ALL) | Q(agency=brand.agency_id) | Q(brand=brand.pk) | Q(channel__brand=brand.pk)
    return Stop.objects.filter(reach)


def open_stop_for(*, brand: Brand, channel: Channel | None = None, origin_key: uuid.UUID | None = None) -> Stop | None:
    """Return the widest open stop that reaches a brand, one of its channels, or one origin."""
    reach = Q(scope="all") | Q(scope="agency", agency=brand.agency_id) | Q(scope="brand", brand=brand.pk)
    if channel is not None:
        reach |= Q(scope="channel", channel=channel.pk)
    if origin_key is not None:
        reach |= Q(scope="post", origin_key=origin_key)
    order = {"all": 0, "agency": 1, "brand": 2, "channel": 3, "post": 4}
    found = Stop.objects.filter(reach, lifted_at=None)
    return min(found, key=lambda one: order[one.scope], default=None)

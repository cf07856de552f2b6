"""Rows whose clock died or whose hour passed: given back, doubted, or missed."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from publisher import states
from publisher.clock.owners import is_dead
from publisher.clock.pace import Pace
from publisher.models import AHEAD, IN_HAND, Attempt, Outcome, Publication, among
from publisher.states import move

log = logging.getLogger(__name__)

MOST = 300
OVER: Mapping[str, Any] = {"next_at": None, "prepare_next_at": None, "news": states.MISSED}


def close_open_attempts(publication_ids: Iterable[int], *, now: datetime) -> int:
    """Close tries whose process is gone: nobody knows what became of them."""
    left_open = Attempt.objects.filter(publication__in=list(publication_ids), finished_at=None)
    return left_open.update(finished_at=now, outcome=Outcome.UNKNOWN, note="process_died")


def give_up(rows: QuerySet[Publication], *, now: datetime, pace: Pace) -> int:
    """Take rows from a clock that will not come back: what was only claimed waits again, what was leaving is doubtful."""
    found = list(rows.order_by("lease_until").values_list("pk", "state", "fence")[:MOST])
    count = 0
    for pk, state, fence in found:
        with transaction.atomic():
            mine = Publication.objects.filter(pk=pk, fence=fence)
            if state == states.CLAIMED:
                count += move(mine, to=states.WAITING, since=["claimed"], owner="", lease_until=None)
            elif state == states.SENDING:
                count += _doubt(mine, pk, now=now, pace=pace)
            else:
                count += mine.filter(state=states.UNKNOWN).update(owner="", lease_until=None)
    return count


def _doubt(mine: QuerySet[Publication], pk: int, *, now: datetime, pace: Pace) -> int:
    """Move one row from sending to unknown and close its try; the look-up comes a while after the call left."""
    attempt = Attempt.objects.filter(publication=pk, finished_at=None).first()
    left_at = attempt.started_at if attempt else now
    look_at = left_at + timedelta(seconds=pace.looks_s[0])
    values = {
        "owner": "",
        "lease_until": None,
        "next_at": look_at,
        "problem_code": "process_died",
        "error_class": "unknown",
    }
    won = move(mine, to=states.UNKNOWN, since=["sending"], **values)
    if won:
        close_open_attempts([pk], now=now)
        log.warning("a call was under way when its process died", extra={"publication": pk})
    return won


def expire(*, now: datetime, pace: Pace) -> int:
    """Give up rows whose lease ran out."""
    return give_up(Publication.objects.filter(among(IN_HAND), lease_until__lt=now), now=now, pace=pace)


def release(owner: str, *, now: datetime, pace: Pace) -> int:
    """Give up at once what a clock held that is known to be dead. ``owner`` may be the beginning of its name."""
    held = Publication.objects.filter(among(IN_HAND))
    doubted = Publication.objects.filter(state=states.UNKNOWN, lease_until__isnull=False)
    return sum(give_up(rows.filter(owner__startswith=owner), now=now, pace=pace) for rows in (held, doubted))


def release_dead(*, now: datetime, pace: Pace) -> int:
    """Give up what clocks of this machine held that live no more."""
    holding = Publication.objects.filter(among(IN_HAND)).exclude(owner="").values_list("owner", flat=True)
    doubting = Publication.objects.filter(state=states.UNKNOWN, lease_until__isnull=False).values_list(
        "owner", flat=True
    )
    owners = {*holding.distinct(), *doubting.distinct()}
    return sum(release(owner, now=now, pace=pace) for owner in owners if is_dead(owner))


def miss(*, now: datetime) -> int:
    """Say of what waits or is held that its window has passed. It is never sent late."""
    late = Publication.objects.filter(among(AHEAD), late_after__lt=now)
    count = 0
    for pk, state in list(late.order_by("late_after").values_list("pk", "state")[:MOST]):
        code = "window_passed_stopped" if state == states.HELD else "window_passed"
        with transaction.atomic():
            rows = Publication.objects.filter(pk=pk, late_after__lt=now)
            count += move(rows, to=states.MISSED, since=[state], **OVER, problem_code=code)
    return count

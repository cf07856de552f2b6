"""Where no clock lives, the queue sends what is overdue: by the same code, under the same fences, a little late."""

import logging
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from publisher import states
from publisher.clock.claiming import due_rows
from publisher.clock.hours import ticks
from publisher.clock.loop import Clock
from publisher.clock.pace import Pace, pace_of_settings
from publisher.heartbeat import clock_is_alive
from publisher.models import IN_HAND, Attempt, Outcome, Publication, among

log = logging.getLogger(__name__)

SILENT = timedelta(seconds=30)
MOST_S = 40.0
"""How long it takes on new work; what is in flight then is finished, well within a task's time."""


def stand_in(*, most_s: float = MOST_S) -> int:
    """Send what is overdue, if no clock was heard lately, and return how many posts went out.

    Rows are claimed and armed exactly as by a clock, so one that comes back meanwhile, or another of these, finds
    them taken: nothing goes twice. It beats no clock's heart, so that people see that none lives.
    """
    if is_a_clock_alive() or not is_anything_overdue():
        return 0
    log.warning("no clock lives: the queue sends what is overdue")
    began, clock = timezone.now(), Clock(pace=modest(pace_of_settings()))
    try:
        work(clock, until=ticks() + most_s)
    finally:  # a task that is ended by its time-out leaves no threads behind
        clock.crew.end()
        clock.keeper.crew.end()
    out = Attempt.objects.filter(owner=clock.owner, outcome=Outcome.RECEIPT, started_at__gte=began - SILENT)
    return out.filter(finished_at__gte=began).count()


def modest(pace: Pace) -> Pace:
    """Return a pace for a visitor in a worker of the queue: few threads, nothing taken before its hour."""
    return replace(pace, threads=16, side_threads=4, held=64, batch=16, claim_ahead_s=0.0, warm_ahead_s=0.0)


def is_a_clock_alive() -> bool:
    """Tell whether any clock was heard lately; it beats every few seconds."""
    return clock_is_alive()


def is_anything_overdue() -> bool:
    """Tell whether something has to go, to be given back, or to be looked up."""
    now = timezone.now()
    left = Publication.objects.filter(among(IN_HAND), lease_until__lt=now)
    doubtful = Publication.objects.filter(state=states.UNKNOWN, next_at__lte=now)
    return any(rows.exists() for rows in (due_rows(now=now, until=now), left, doubtful))


def work(clock: Clock, *, until: float) -> None:
    """Turn the clock by hand until nothing is overdue, a clock is heard again, or the time is over; then finish."""
    clock.hours.read()
    while ticks() < until and not is_a_clock_alive() and (clock.is_busy() or is_anything_overdue()):
        clock.flags.read()
        clock.keeper.recover()
        clock.keeper.work_inbox(wait_s=0.01)
        clock.turn()
    clock.stop()
    while clock.is_busy() or clock.keeper.is_busy():
        clock.flags.read()
        clock.keeper.work_inbox(wait_s=0.01)
        clock.turn()
    clock.keeper.tell_news()

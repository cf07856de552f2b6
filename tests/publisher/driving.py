"""A clock whose rounds a test turns by hand, in the test's own thread; only the calls are made by threads."""

import time
from collections.abc import Callable
from typing import Any

from publisher.clock.loop import Clock
from publisher.clock.pace import Pace
from publisher.models import Publication

QUICK: dict[str, Any] = {
    "poll_s": 0.01,
    "keep_s": 0.0,
    "arm_ahead_s": 0.2,
    "warm_ahead_s": 0.0,
    "batch_s": 0.005,
    "looks_s": (0.05, 0.1, 0.15),
    "replays_s": (0.05, 0.1, 0.15),
    "threads": 8,
    "side_threads": 2,
}


def make_clock(owner: str = "", **pace: Any) -> Clock:
    """Return a clock in a hurry."""
    values: dict[str, Any] = {"pace": Pace(**{**QUICK, **pace})}
    return Clock(**values, **({"owner": owner} if owner else {}))


def turn(clock: Clock) -> None:
    """Turn once: stops, the keeper's second, the main round."""
    clock.flags.read()
    clock.keeper.work_inbox(wait_s=0.001)
    clock.keeper.each_second()
    clock.turn()


def drive(clock: Clock, until: Callable[[], bool], *, patience_s: float = 20.0) -> None:
    """Turn until something is true."""
    end = time.monotonic() + patience_s
    while not until():
        assert time.monotonic() < end, (
            f"not in time: {list(Publication.objects.values_list('pk', 'state', 'problem_code'))}"
        )
        turn(clock)


def drive_to(clock: Clock, row: Publication, state: str, *, patience_s: float = 20.0) -> Publication:
    """Turn until a row stands in a state, and return it as stored."""
    drive(clock, lambda: Publication.objects.filter(pk=row.pk, state=state).exists(), patience_s=patience_s)
    return Publication.objects.get(pk=row.pk)

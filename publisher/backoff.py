"""When to try again after a call that surely was not done: pure decisions."""

import random
from datetime import datetime, timedelta

FIRST_S = 5.0
LONGEST_S = 600.0
SHARE_OF_CHANCE = 0.25


def pause_s(tries: int, *, chance: float | None = None) -> float:
    """Return seconds after so many tries: five, doubled each time up to ten minutes, a quarter of it by chance."""
    chance = random.random() if chance is None else chance  # noqa: S311  (spreads calls; no secret)
    whole = min(LONGEST_S, FIRST_S * 2.0 ** max(0, min(tries, 32) - 1))
    return whole * (1 - SHARE_OF_CHANCE + SHARE_OF_CHANCE * chance)


def next_try(
    *, now: datetime, tries: int, late_after: datetime, retry_at: datetime | None = None, chance: float | None = None
) -> datetime:
    """Return the hour of the next try: not before the platform allows it; beyond the window means that it is missed.

    The last moment of the window is always tried when there is room for it, so that a long pause does not cost
    a post that could still go out.
    """
    wanted = now + timedelta(seconds=pause_s(tries, chance=chance))
    if retry_at is not None:
        wanted = max(wanted, retry_at) if retry_at > now else wanted
    last = late_after - timedelta(seconds=FIRST_S)
    earliest = max(now + timedelta(seconds=FIRST_S), retry_at or now)
    return last if wanted > last >= earliest else wanted

"""Breakers: after several failures in a row a profile or host is left alone, then asked with one call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 5
FIRST_S = 30.0
LONGEST_S = 600.0
MOST_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Breaker:
    """As stored: failures in a row, and until when nothing is asked."""

    failures: int = 0
    until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether nothing may be asked now."""
        return self.until is not None and self.until > now

    def is_trying(self, now: datetime) -> bool:
        """Tell whether exactly one call may go, to see."""
        return self.failures >= FAILURES and not self.is_open(now)


def after_failure(breaker: Breaker, *, now: datetime, many: int = 1) -> Breaker:
    """Return the breaker after calls that failed together: thirty seconds at the fifth, doubled up to ten minutes."""
    if breaker.is_open(now):
        return breaker
    if breaker.failures + many < FAILURES:
        return Breaker(breaker.failures + many, None)
    rounds = 0 if breaker.failures < FAILURES else min(MOST_ROUNDS, breaker.failures - FAILURES + 1)
    return Breaker(FAILURES + rounds, now + timedelta(seconds=min(LONGEST_S, FIRST_S * 2.0**rounds)))


def after_success() -> Breaker:
    """Return a closed breaker."""
    return Breaker()

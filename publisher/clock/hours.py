"""What time it is: the database's clock decides, a steady counter carries it between readings."""

import logging
import time
from datetime import UTC, datetime

from django.db import connection

log = logging.getLogger(__name__)

STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def ticks() -> float:
    """Return steady seconds that go on while the machine sleeps, where the system can tell."""
    return time.clock_gettime(STEADY)


class Hours:
    """The database's clock as last read. One writer reads it; any thread asks it."""

    def __init__(self, *, skew_s: float = 0.5) -> None:
        self._skew_s = skew_s
        self._offset = time.time() - ticks()
        self.skew = 0.0

    def read(self) -> None:
        """Ask the database. SQLite lives on this machine, so its clock is ours."""
        before = ticks()
        now = self._asked() if connection.vendor == "postgresql" else time.time()
        after = ticks()
        self._offset = now - (before + after) / 2
        skew = now - time.time()
        if abs(skew) > self._skew_s >= abs(self.skew):
            log.warning("this machine and the database differ by %.1f seconds", skew)
        self.skew = skew

    def _asked(self) -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            return float(cursor.fetchone()[0])

    def now(self) -> float:
        """Return seconds since 1970 by the database's clock."""
        return ticks() + self._offset

    def now_at(self) -> datetime:
        """Return the same as an aware time."""
        return datetime.fromtimestamp(self.now(), UTC)

    def until(self, hour: float) -> float:
        """Return how many seconds are left to an hour.

        Both clocks must have reached it, so that nothing is early by either; unless they are far apart: then the
        database's counts alone.
        """
        left = hour - self.now()
        return left if abs(self.skew) > self._skew_s else max(left, hour - time.time())

"""How many calls a caller may make in five minutes, said in Mastodon's headers."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

WINDOW_S = 300


@dataclass(slots=True)
class RateLimit:
    """Counts calls per token (or address) in fixed windows; generous unless told otherwise."""

    limit: int = 1_000_000
    window: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, who: str) -> tuple[bool, dict[str, str]]:
        """Whether this call is still allowed, and the headers that say so."""
        window = int(time.time()) // WINDOW_S
        if window != self.window:
            self.window = window
            self.counts.clear()
        used = self.counts[who] = self.counts.get(who, 0) + 1
        reset = datetime.fromtimestamp((window + 1) * WINDOW_S, tz=UTC)
        return used <= self.limit, headers(limit=self.limit, remaining=max(0, self.limit - used), reset=reset)


def headers(*, limit: int, remaining: int, reset: datetime) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }

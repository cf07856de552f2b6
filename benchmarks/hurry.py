"""A clock in a hurry: every delay of doubts and leases a tenth or less, so that a crash is over within seconds."""

from typing import Any

from publisher import backoff, breaker

PACE: dict[str, Any] = {
    "looks_s": (1.0, 2.0, 4.0),
    "replays_s": (1.0, 2.0, 4.0),
    "lease_s": 5.0,
    "call_s": 6.0,
    "sweep_s": 6.0,
}
LONGEST_LEASE_S = 7.5


def shorten() -> None:
    """Shorten the pauses after failures, which no setting changes: a tenth of the product's."""
    backoff.FIRST_S, backoff.LONGEST_S = 0.5, 60.0
    breaker.FIRST_S, breaker.LONGEST_S = 3.0, 60.0

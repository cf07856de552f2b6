"""A clock in a hurry: every delay of doubts and leases a tenth or less, so that a crash is over within seconds."""

from typing import Any

PACE: dict[str, Any] = {
    "looks_s": (1.0, 2.0, 4.0),
    "replays_s": (1.0, 2.0, 4.0),
    "lease_s": 5.0,
    "call_s": 6.0,
}
LONGEST_LEASE_S = 7.5

"""Record keys for platforms whose records the client names: time-ordered ids of thirteen signs."""

import secrets
from datetime import datetime

SIGNS = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH = 13


def record_key(at: datetime) -> str:
    """Return a key that sorts by time: 53 bits of microseconds and ten random bits, five to a sign.

    Hours are planned to the minute, so the place within the second is drawn too: two posts of one account and one hour
    must not get the same name.
    """
    micros = int(at.timestamp()) * 1_000_000 + secrets.randbelow(1_000_000)
    number = (micros << 10) | secrets.randbits(10)
    return "".join(SIGNS[(number >> (5 * place)) & 31] for place in reversed(range(LENGTH)))

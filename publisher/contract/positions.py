"""Where a reading of news ended, for lists that bring some of them late: a time that overlaps, and names of what was told."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

OVERLAP = timedelta(minutes=5)
KEPT, NAME = 36, 6  # so many short names of six signs fit into a cursor beside its time


@dataclass(frozen=True, slots=True)
class Position:
    """Up to when everything was told, and what was told since."""

    since: datetime
    told: frozenset[str]

    def is_new(self, name: str, at: datetime) -> bool:
        """Tell whether this was not told yet."""
        return at >= self.since and short(name) not in self.told


def position_of(cursor: str) -> Position | None:
    """Read a position; what is none begins anew."""
    time, _, names = cursor.partition(" ")
    try:
        since = datetime.fromtimestamp(float(time), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Position(since, frozenset(names[at : at + NAME] for at in range(0, len(names), NAME)))


def cursor_after(read: Mapping[str, datetime], here: Position | None) -> str:
    """Return the position after everything that was read, old and new, by name with its time."""
    rows = sorted(read.items(), key=lambda one: one[1])
    overlap = rows[-1][1] - OVERLAP
    recent = [(name, at) for name, at in rows if at >= overlap][-KEPT:]
    since = max(recent[0][1] if len(recent) == KEPT else overlap, here.since if here else overlap)
    return f"{since.timestamp():.3f} {''.join(short(name) for name, _ in recent)}"


def short(name: str) -> str:
    """Return a short name that tells this one from its neighbours."""
    return urlsafe_b64encode(hashlib.sha256(name.encode(errors="replace")).digest()).decode()[:NAME]

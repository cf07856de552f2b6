"""States of a publication, the moves that are allowed, and the one function that moves rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model
from django.db.models.functions import Now

from publisher.bulk import update_each

WAITING = "waiting"
HELD = "held"
CLAIMED = "claimed"
SENDING = "sending"
UNKNOWN = "unknown"
PUBLISHED = "published"
FAILED = "failed"
MISSED = "missed"
CANCELED = "canceled"

MOVES: dict[str, frozenset[str]] = {
    WAITING: frozenset({CLAIMED, HELD, CANCELED, MISSED, FAILED}),
    HELD: frozenset({WAITING, CANCELED, MISSED}),
    CLAIMED: frozenset({SENDING, WAITING, HELD, CANCELED, MISSED, FAILED}),
    SENDING: frozenset({PUBLISHED, FAILED, WAITING, UNKNOWN}),
    UNKNOWN: frozenset({PUBLISHED, WAITING, FAILED}),
    FAILED: frozenset({WAITING, CANCELED}),
    MISSED: frozenset({CANCELED}),
    PUBLISHED: frozenset(),
    CANCELED: frozenset(),
}
"""From a state to those it may go to; nothing leads out of the last two."""

LIVE = frozenset({WAITING, HELD, CLAIMED, SENDING, UNKNOWN, PUBLISHED})
"""States in which the same part of the same origin may exist only once per profile."""

CANCELABLE = frozenset({WAITING, HELD, CLAIMED})
"""States from which a withdrawal still reaches the row: nothing has left."""

TROUBLED = frozenset({FAILED, UNKNOWN, MISSED, HELD})


class MoveNotAllowedError(ValueError):
    """The table of moves has no such way: a mistake of the program, never of a person."""


class Rows(Protocol):
    """As much of a queryset as moving needs."""

    def filter(self, **lookups: Any) -> "Rows":
        """Narrow."""

    def update(self, **values: Any) -> int:
        """Write, and return how many rows matched."""


def sources_of(to: str) -> frozenset[str]:
    """Return the states from which a row may go to ``to``."""
    return frozenset(state for state, targets in MOVES.items() if to in targets)


def move(rows: Rows, *, to: str, since: Iterable[str] | None = None, **values: Any) -> int:
    """Move the rows that still stand in an allowed state, and return how many did: one conditional UPDATE.

    ``since`` narrows the states they may come from. The check, the lock and the move are the same statement, so
    of two that want the same row one wins. ``values`` are written with it; a condition such as the fence belongs
    into ``rows``.
    """
    return rows.filter(state__in=_checked(to, since)).update(state=to, state_at=Now(), **values)


def move_each(
    model: type[Model],
    wanted: Sequence[tuple[int, int, Mapping[str, Any]]],
    *,
    to: str,
    since: Iterable[str],
    at: datetime,
) -> int:
    """Move many rows, each under its own fence and with values of its own, by few conditional UPDATEs.

    ``wanted`` holds id, fence and values; all have the same columns. The same check as in ``move``, for a few hundred
    receipts that come back within the same second.
    """
    states = _checked(to, since)
    rows = [{"id": pk, "fence": fence, **values} for pk, fence, values in wanted]
    return update_each(model, rows, by=("id", "fence"), same={"state": to, "state_at": at}, where={"state": states})


def _checked(to: str, since: Iterable[str] | None) -> list[str]:
    """Return the states that rows may come from. Raises MoveNotAllowedError for a way that the table has not."""
    allowed = sources_of(to)
    wanted = allowed if since is None else frozenset(since)
    if not wanted or not wanted <= allowed:
        raise MoveNotAllowedError(f"no way from {sorted(wanted - allowed) or 'anywhere'} to {to!r}")
    return sorted(wanted)

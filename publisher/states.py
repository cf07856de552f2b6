"""States of a publication, the moves that are allowed, and the one function that moves rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import connection
from django.db.models import Model
from django.db.models.functions import Now

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
    """Move many rows, each under its own fence and with values of its own, by one prepared conditional UPDATE.

    ``wanted`` holds id, fence and values; all have the same columns. The same check as in ``move``, without building
    the same statement anew for each row: a few hundred receipts come back within the same second.
    """
    states = _checked(to, since)
    if not wanted:
        return 0
    names = ["state", "state_at", *wanted[0][2]]
    quote, fields = connection.ops.quote_name, model._meta
    columns = ", ".join(f"{quote(str(fields.get_field(name).column))} = %s" for name in names)  # type: ignore[union-attr]  # plain columns only
    holes = ", ".join(["%s"] * len(states))
    sql = f"UPDATE {quote(fields.db_table)} SET {columns} WHERE id = %s AND fence = %s AND state IN ({holes})"  # noqa: S608  (names are the model's own, values are parameters)
    rows = []
    for pk, fence, values in wanted:
        written = {"state": to, "state_at": at, **values}
        rows.append([*(_stored(model, name, written[name]) for name in names), pk, fence, *states])
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


def _stored(model: type[Model], name: str, value: Any) -> Any:
    """Return a value as the driver takes it."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)  # type: ignore[union-attr]  # plain columns only


def _checked(to: str, since: Iterable[str] | None) -> list[str]:
    """Return the states that rows may come from. Raises MoveNotAllowedError for a way that the table has not."""
    allowed = sources_of(to)
    wanted = allowed if since is None else frozenset(since)
    if not wanted or not wanted <= allowed:
        raise MoveNotAllowedError(f"no way from {sorted(wanted - allowed) or 'anywhere'} to {to!r}")
    return sorted(wanted)

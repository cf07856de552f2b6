"""States of a post and of an approval, the moves that are allowed, and the one function per machine that moves rows."""

from collections.abc import Iterable
from typing import Any, Protocol

POST_MOVES: dict[str, frozenset[str]] = {
    "staged": frozenset({"draft"}),
    "draft": frozenset({"in_review", "approved", "archived"}),
    "in_review": frozenset({"draft", "approved", "archived"}),
    "approved": frozenset({"draft", "archived"}),
    "archived": frozenset({"draft"}),
}
"""A draft becomes approved at once only where the brand's rule asks nobody."""

APPROVAL_MOVES: dict[str, frozenset[str]] = {
    "asked": frozenset({"approved", "changes_requested", "refused", "expired", "void", "not_objected"}),
    "approved": frozenset({"withdrawn", "void"}),
    "changes_requested": frozenset(),
    "refused": frozenset(),
    "expired": frozenset(),
    "withdrawn": frozenset(),
    "not_objected": frozenset({"withdrawn", "void"}),
    "void": frozenset(),
}

UPLOAD_MOVES: dict[str, frozenset[str]] = {
    "read": frozenset({"asked"}),
    "asked": frozenset({"in", "read"}),
    "in": frozenset(),
}


class MoveNotAllowedError(ValueError):
    """The table has no such way: a mistake of the program, never of a person."""


class Rows(Protocol):
    """As much of a queryset as moving needs."""

    def filter(self, **lookups: Any) -> "Rows":
        """Narrow."""

    def update(self, **values: Any) -> int:
        """Write, and return how many rows matched."""


def move_post(posts: Rows, *, to: str, since: Iterable[str] | None = None, **values: Any) -> int:
    """Move the posts that still stand in an allowed stage, and return how many did."""
    return posts.filter(stage__in=_sources(POST_MOVES, to, since)).update(stage=to, **values)


def move_approval(approvals: Rows, *, to: str, since: Iterable[str] | None = None, **values: Any) -> int:
    """Move the approvals that still stand in an allowed state, and return how many did."""
    return approvals.filter(state__in=_sources(APPROVAL_MOVES, to, since)).update(state=to, **values)


def move_upload(uploads: Rows, *, to: str, since: Iterable[str] | None = None, **values: Any) -> int:
    """Move the uploaded plans that still stand in an allowed state, and return how many did."""
    return uploads.filter(state__in=_sources(UPLOAD_MOVES, to, since)).update(state=to, **values)


def _sources(moves: dict[str, frozenset[str]], to: str, since: Iterable[str] | None) -> list[str]:
    allowed = {state for state, targets in moves.items() if to in targets}
    wanted = allowed if since is None else set(since)
    if not wanted or not wanted <= allowed:
        raise MoveNotAllowedError(f"no way from {sorted(wanted - allowed) or 'anywhere'} to {to!r}")
    return sorted(wanted)

"""Whose turn it is: the one function that moves conversations."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from community.models import Conversation

MOVES: dict[str, frozenset[str]] = {
    "open": frozenset({"waiting", "closed"}),
    "waiting": frozenset({"open", "closed"}),
    "closed": frozenset({"open", "waiting"}),
}


def move(conversations: "QuerySet[Conversation]", *, to: str) -> int:
    """Set rows to a state where they may go there now; return how many went."""
    sources = [source for source, targets in MOVES.items() if to in targets]
    return conversations.filter(state__in=sources).update(state=to)

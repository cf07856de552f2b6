"""The lists of the inbox: what waits for us, what is mine, what waits for the person, what is done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Brand, User
from accounts.permissions import Ability
from accounts.scope import visible_to
from community.models import Conversation, ConversationState

ROWS_ON_A_PAGE = 30


class View(StrEnum):
    """A list of the inbox."""

    OPEN = "open"
    MINE = "mine"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of one list. ``counts`` holds the number of rows of every list."""

    view: View
    rows: list[Conversation]
    counts: dict[str, int]
    page: int
    channel_id: int | None = None

    @property
    def has_more(self) -> bool:
        """Tell whether another page follows."""
        return self.page * ROWS_ON_A_PAGE < self.counts[self.view]

    @property
    def has_less(self) -> bool:
        """Tell whether a page stands before."""
        return self.page > 1


def belonging(view: View, user: User) -> Q:
    """Return which conversations a list holds. A thread in which nobody wrote is in none."""
    spoken = Q(last_inbound_at__isnull=False)
    match view:
        case View.OPEN:
            return Q(state=ConversationState.OPEN)
        case View.MINE:
            return spoken & Q(assignee=user) & ~Q(state=ConversationState.CLOSED)
        case View.WAITING:
            return Q(state=ConversationState.WAITING)
        case View.CLOSED:
            return spoken & Q(state=ConversationState.CLOSED)


def within(user: User, brand: Brand | None, channel_id: int | None = None) -> QuerySet[Conversation]:
    """Return the conversations of a brand, or of all brands whose inbox a person may read."""
    if brand is None:
        conversations = visible_to(Conversation.objects.all(), user, ability=Ability.READ_INBOX)
    else:
        conversations = Conversation.objects.filter(brand=brand)
    return conversations.filter(channel=channel_id) if channel_id else conversations


def listing(
    user: User, brand: Brand | None, *, view: View = View.OPEN, page: int = 1, channel_id: int | None = None
) -> Listing:
    """Return a page of a list; two questions to the database, however long the list is."""
    conversations = within(user, brand, channel_id)
    tally: dict[str, Any] = {one.value: Count("pk", filter=belonging(one, user)) for one in View}
    counts = conversations.aggregate(**tally)
    last = max(1, -(-counts[view] // ROWS_ON_A_PAGE))
    page = min(max(1, page), last)
    start = (page - 1) * ROWS_ON_A_PAGE
    rows = conversations.filter(belonging(view, user)).select_related("channel__profile", "brand", "assignee")
    shown = _ordered(rows, view)[start : start + ROWS_ON_A_PAGE]
    return Listing(view, list(shown), counts, page, channel_id)


def _ordered(conversations: QuerySet[Conversation], view: View) -> QuerySet[Conversation]:
    """Most urgent first where somebody waits, newest first elsewhere."""
    if view in {View.OPEN, View.MINE}:
        return conversations.order_by("-urgency", F("waiting_since_at").asc(nulls_last=True), "-last_inbound_at", "pk")
    return conversations.order_by("-last_inbound_at", "-pk")

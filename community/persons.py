"""What we know of somebody who writes: facts of this brand only, and no more than helps to answer."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from community.models import Comment, Direction, Identity


@dataclass(frozen=True, slots=True)
class Facts:
    """A person as one brand knows them."""

    identity: Identity
    comments: int
    first_at: datetime | None
    last_at: datetime | None


def facts_of(identity: Identity) -> Facts:
    """Return how often and since when this account has written to the brand."""
    theirs = Comment.objects.filter(identity=identity, direction=Direction.INBOUND)
    found = theirs.aggregate(comments=Count("pk"), first_at=Min("remote_at"), last_at=Max("remote_at"))
    return Facts(identity=identity, **found)

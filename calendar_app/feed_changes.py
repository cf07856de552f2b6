"""Raising the number by which calendar programs learn that an event has changed."""

from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from calendar_app.models import Post


def bump(post: Post) -> None:
    """Tell subscribed calendars that a reader would see something change; in the same transaction as the change."""
    bump_all([post.pk])
    post.refresh_from_db(fields=["feed_sequence", "feed_changed_at"])


def bump_all(post_ids: Iterable[int]) -> None:
    """Tell it of many posts at once."""
    Post.objects.filter(pk__in=list(post_ids)).update(
        feed_sequence=F("feed_sequence") + 1, feed_changed_at=timezone.now()
    )

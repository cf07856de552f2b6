"""News from downstairs: each becomes a task, so that the clock is held up by nothing of ours."""

from typing import Any

from django.dispatch import receiver
from django_q.tasks import async_task

from accounts.signals import link_renewed
from calendar_app.models import PackLink
from publisher.signals import channel_lost, publication_failed, publication_published, publication_troubled


@receiver(publication_published)
@receiver(publication_failed)
def hear_outcome(*, publication_id: int, **_news: Any) -> None:
    """A post is out, or is not, or nobody knows."""
    async_task("calendar_app.tasks.note_delivery", publication_id)


@receiver(publication_troubled)
def hear_trouble(*, publication_id: int, **_news: Any) -> None:
    """Preparing found something before the hour."""
    async_task("calendar_app.tasks.note_trouble", publication_id)


@receiver(channel_lost)
def hear_lost(*, channel_id: int, **_news: Any) -> None:
    """A channel has to be connected again."""
    async_task("calendar_app.tasks.note_lost", channel_id)


@receiver(link_renewed)
def follow_link(*, old_id: int, new_id: int, **_news: Any) -> None:
    """A fresh link opens the packs of the one it takes the place of; in the same transaction."""
    for pack_id in PackLink.objects.filter(link=old_id).values_list("pack_id", flat=True):
        PackLink.objects.get_or_create(pack_id=pack_id, link_id=new_id)

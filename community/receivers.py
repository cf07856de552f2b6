"""News from the publisher: each becomes a task, so that the clock is held up by nothing of ours."""

from typing import Any

from django.dispatch import receiver
from django_q.tasks import async_task

from publisher.signals import comments_waiting, publication_failed, publication_published


@receiver(publication_published)
@receiver(publication_failed)
def note_outcome(*, publication_id: int, **_news: Any) -> None:
    """A post is out, or an answer is, or is not."""
    async_task("community.tasks.note_outcome", publication_id)


@receiver(comments_waiting)
def wake(*, stream_id: int, **_news: Any) -> None:
    """The clock says that a thread is due."""
    async_task("community.tasks.sync_stream", stream_id)

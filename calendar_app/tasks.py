"""What the queue does for the plan. Each task takes ids, may run twice, and may be lost: the sweep finds what it forgot."""

from datetime import timedelta

from django.utils import timezone

from calendar_app import alerts, deadlines, deliveries, plan_uploads
from calendar_app.models import Post, PostStage

STAGED_FOR = timedelta(hours=6)


def note_delivery(publication_id: int) -> None:
    """Take notice of an outcome."""
    deliveries.note_delivery(publication_id)


def note_trouble(publication_id: int) -> None:
    """Tell what preparing found."""
    deliveries.note_trouble(publication_id)


def note_lost(channel_id: int) -> None:
    """Tell that a channel is lost."""
    deliveries.note_lost(channel_id)


def bring_in_upload(upload_id: int) -> None:
    """Let an uploaded plan in."""
    plan_uploads.bring_in_upload(upload_id)


def sweep() -> None:
    """Once a minute: end questions, write letters, raise numbers, go on with imports and clear away what died of them."""
    deadlines.expire_questions()
    deadlines.tell_decisions()
    deliveries.sweep_deliveries()
    deliveries.sweep_troubles()
    alerts.tell()
    Post.every.filter(stage=PostStage.STAGED, created_at__lt=timezone.now() - STAGED_FOR).delete()
    plan_uploads.sweep_uploads()

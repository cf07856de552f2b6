"""What django-q2 does for the publisher: it may run late or twice, takes ids only, and a sweep finds what was lost."""

from datetime import datetime, timedelta

from django.utils import timezone
from django_q.models import Failure, Success

from publisher.channels import read_stale_again
from publisher.clock import preparing
from publisher.heartbeat import beat

KEPT = timedelta(days=14)


def preflight(publication_id: int) -> None:
    """Prepare one publication ten minutes before its hour."""
    preparing.preflight(publication_id)


def canary() -> None:
    """Say that the queue works."""
    beat("q2")


def sweep() -> None:
    """Forget tasks that are long over, and read again what servers allow."""
    before: datetime = timezone.now() - KEPT
    Failure.objects.filter(stopped__lt=before).delete()
    Success.objects.filter(stopped__lt=before).delete()
    read_stale_again()

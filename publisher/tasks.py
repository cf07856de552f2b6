"""What django-q2 does for the publisher: it may run late or twice, takes ids only, and a sweep finds what was lost."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django_q.models import Failure, Success
from django_q.tasks import async_task

from publisher import outage
from publisher.channels import read_stale_again
from publisher.clock import preparing
from publisher.clock.keeper import SWEEPS
from publisher.clock.loop import Clock
from publisher.clock.standing_in import stand_in

KEPT = timedelta(days=14)
HOURLY = timedelta(hours=1)
LONG = "long"
MOST_AT_ONCE = 500


def preflight(publication_id: int) -> None:
    """Prepare one publication ten minutes before its hour."""
    preparing.preflight(publication_id)


def canary() -> None:
    """Do nothing: that this comes back is the sign of life, and the one who takes the receipt writes it down."""


def look_after_the_clock() -> None:
    """While no clock lives: tell people, send what is due in its place, and wake what it would have woken.

    Each main cluster gives itself this task every half minute, since nobody else is sure to live then: a schedule of the
    library fires whenever it likes, the web may be elsewhere, and the supervisor has no hands for work.
    """
    if not outage.note():
        return
    if cache.add("publisher.sweeps", 1, timeout=60):
        for name in SWEEPS:
            async_task(name)
    visitor = Clock()
    visitor.hours.read()
    visitor.keeper.ring()
    stand_in()


def sweep() -> None:
    """Once an hour, hand over what may take minutes, to the cluster for long work where there is one."""
    if cache.add("publisher.housekeeping", 1, timeout=int(HOURLY.total_seconds())):
        async_task("publisher.tasks.keep_house", **to_long())


def keep_house() -> None:
    """Forget tasks that are long over, and read again what servers allow. Cut off in the middle, it goes on next hour."""
    before: datetime = timezone.now() - KEPT
    for kind in (Failure, Success):
        while over := list(kind.objects.filter(stopped__lt=before).values_list("pk", flat=True)[:MOST_AT_ONCE]):
            kind.objects.filter(pk__in=over).delete()
    read_stale_again()


def to_long() -> dict[str, str]:
    """Return what sends a task to the cluster for long work; nothing where there is none."""
    return {"cluster": LONG} if settings.LONG_WORKERS else {}

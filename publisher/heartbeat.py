"""Signs of life: one row per process, rewritten in place."""

import os
import socket
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from publisher.models import Heartbeat

FORGOTTEN = timedelta(days=1)
CLOCK = "clock"
QUEUE = "q2"


def beat(name: str, *, detail: dict[str, Any] | None = None) -> None:
    """Say that this process lives."""
    Heartbeat.objects.update_or_create(
        name=name,
        host=socket.gethostname()[:120],
        pid=os.getpid(),
        defaults={"at": timezone.now(), "detail": detail or {}},
    )


def farewell(name: str) -> None:
    """Take this process off the list."""
    Heartbeat.objects.filter(name=name, host=socket.gethostname()[:120], pid=os.getpid()).delete()


def last_beat(name: str) -> datetime | None:
    """Return when any process of that name was last heard."""
    return Heartbeat.objects.filter(name=name).order_by("-at").values_list("at", flat=True).first()


def is_heard(name: str, *, within: timedelta) -> bool:
    """Tell whether any process of that name gave a sign lately, wherever it runs."""
    return Heartbeat.objects.filter(name=name, at__gte=timezone.now() - within).exists()


def clock_is_alive() -> bool:
    """Tell whether a clock runs somewhere."""
    return is_heard(CLOCK, within=timedelta(seconds=settings.CLOCK_SILENCE_S))


def forget_old() -> int:
    """Remove rows of processes that have been silent for a day."""
    return Heartbeat.objects.filter(at__lt=timezone.now() - FORGOTTEN).delete()[0]

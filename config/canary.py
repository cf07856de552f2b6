"""The queue's canary, as the supervisor listens to it. A cluster can hang for good without ending."""

import platform
from datetime import datetime, timedelta

from django.conf import settings
from django_q.tasks import async_task

from publisher.models import Heartbeat

NAME = "q2"


def ask_to_sing() -> None:
    """Put the canary’s task into the queue; the clock does so too, but a queue must not seem dead because the clock is."""
    async_task("publisher.tasks.canary")


def patience() -> timedelta:
    """Return how long a cluster may be silent: its longest task and a minute."""
    longest: int = settings.Q_CLUSTER["timeout"]
    return timedelta(seconds=longest + 60)


def last_song() -> datetime | None:
    """Return when this host’s cluster last gave a sign of life."""
    here = Heartbeat.objects.filter(name=NAME, host=platform.node()[:120])
    return here.order_by("-at").values_list("at", flat=True).first()

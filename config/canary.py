"""The queue's canary: a task that says the workers live. A cluster can hang for good without ending."""

import platform
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from publisher.models import Heartbeat

NAME = "q2"
CLUSTER = 0  # a beat speaks for the whole cluster of a host: which worker sang does not matter
EVERY = timedelta(seconds=30)


def sing() -> None:
    """Run inside a worker: this host's cluster lives."""
    Heartbeat.objects.update_or_create(
        name=NAME, host=platform.node(), pid=CLUSTER, defaults={"at": timezone.now()}
    )


def ask_to_sing() -> None:
    """Put the canary's task into the queue. It is worthless after a while, and is written down nowhere."""
    async_task("config.canary.sing", save=False)


def patience() -> timedelta:
    """How long a cluster may be silent: its longest task and a minute."""
    return timedelta(seconds=settings.Q_CLUSTER["timeout"] + 60)


def last_song() -> datetime | None:
    """When this host's cluster last gave a sign of life."""
    return Heartbeat.objects.filter(name=NAME, host=platform.node()).values_list("at", flat=True).first()

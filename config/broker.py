"""The queue's brokers: the library's own, which besides hand this cluster a task of ours now and then.

A canary that came through the shared queue would be taken by any cluster, and prove nothing about the others. This one
is put into the hands of the very cluster that asked, right after the broker answered: when it comes back, then broker,
pusher, worker and monitor of this cluster live. It needs neither clock nor web.
"""

import time
import uuid
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_q.brokers import Broker
from django_q.brokers.orm import ORM
from django_q.signing import SignedPackage

from config.clusters import NAME

CANARY = "publisher.tasks.canary"
WATCH = "publisher.tasks.look_after_the_clock"


class Singing(Broker):  # type: ignore[misc]  # the library has no types
    """A broker that adds this cluster's own tasks to what it took from the queue."""

    _due: dict[str, float]

    def dequeue(self) -> list[tuple[object, str]]:
        """Take from the queue, and add what this cluster owes itself. Asking the broker waits where there is nothing."""
        return [*(super().dequeue() or ()), *self._own()]

    def own_tasks(self) -> tuple[str, ...]:
        """Return what recurs in this cluster."""
        is_main = self.list_key in {NAME, f"django_q:{NAME}:q"}
        return (CANARY, WATCH) if is_main else (CANARY,)

    def _own(self) -> list[tuple[object, str]]:
        now = time.monotonic()
        due: dict[str, float] = self.__dict__.setdefault("_due", {})
        ripe = [name for name in self.own_tasks() if due.get(name, 0.0) <= now]
        due.update(dict.fromkeys(ripe, now + settings.CANARY_EVERY_S))
        return [(None, SignedPackage.dumps(_package(name))) for name in ripe]


class OrmBroker(Singing, ORM):  # type: ignore[misc]  # the library has no types
    """Tasks in the database."""


def _package(name: str) -> dict[str, Any]:
    """Return a task as the library packs it; nobody waits for its receipt."""
    return {
        "id": uuid.uuid4().hex,
        "name": name.rpartition(".")[2],
        "func": name,
        "args": (),
        "kwargs": {},
        "started": timezone.now(),
        "ack_failure": True,
    }

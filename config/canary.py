"""Signs of life of the queue's clusters. One can hang for good without ending, so that the supervisor has to listen.

A sign is written by a cluster's last process, the one that hands in receipts, whenever any task has come all the way
through; ``config.broker`` sees to it that there is one every twenty seconds.
"""

import inspect
import logging
import platform
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.dispatch import receiver
from django.utils import timezone
from django_q.conf import Conf
from django_q.signals import post_execute, pre_execute

from config.clusters import LONG, NAME
from publisher.heartbeat import QUEUE, beat
from publisher.logs import begin
from publisher.models import Heartbeat

log = logging.getLogger(__name__)

SELDOM_S = 5.0
BIRTH = timedelta(seconds=30)  # on a busy machine a cluster that is killed before it could sing would never sing
CHILDREN = {"qcluster": NAME, "long": LONG}  # processes as the supervisor names them, with their clusters
_sung: dict[str, float] = {}


def sign_of(cluster: str) -> str:
    """Return the name under which a cluster is heard."""
    return QUEUE if cluster == NAME else f"{QUEUE} {cluster}"


@receiver(post_execute)
def sing(**_given: Any) -> None:
    """Say that a task has come through. This stands between receipts, so that a database that fails may not end it."""
    name = sign_of(Conf.CLUSTER_NAME)
    now = time.monotonic()
    if now - _sung.get(name, float("-inf")) < min(SELDOM_S, settings.CANARY_EVERY_S):
        return
    try:
        close_old_connections()
        beat(name)
    except (DatabaseError, InterfaceError):
        log.exception("the queue’s sign of life was not stored")
        return
    _sung[name] = now


@receiver(pre_execute)
def name_the_work(*, func: Callable[..., object] | None, task: Mapping[str, Any], **_given: Any) -> None:
    """Let every line that a task logs say which task it is and of which rows it speaks."""
    names = [name.removesuffix("_id") for name in inspect.signature(func).parameters] if func else []
    begin(task=task["func"], **dict(zip(names, task["args"], strict=False)))


def patience(cluster: str = NAME) -> timedelta:
    """Return how long a cluster may be silent: its longest task and a minute."""
    longest: int = settings.Q_CLUSTER["ALT_CLUSTERS"].get(cluster, settings.Q_CLUSTER)["timeout"]
    return timedelta(seconds=longest + settings.QUEUE_GRACE_S)


def expected() -> list[str]:
    """Return the clusters that this installation has."""
    return [NAME, LONG] if settings.LONG_WORKERS else [NAME]


def last_song(cluster: str = NAME) -> datetime | None:
    """Return when this host’s cluster last gave a sign of life."""
    here = Heartbeat.objects.filter(name=sign_of(cluster), host=platform.node()[:120])
    return here.order_by("-at").values_list("at", flat=True).first()


def silent(ages: Mapping[str, float]) -> list[str]:
    """Return which of these processes, each with its age in seconds, are clusters that have been silent for too long."""
    now = timezone.now()
    found = []
    for name in ages.keys() & CHILDREN.keys():
        age, song = timedelta(seconds=ages[name]), last_song(CHILDREN[name])
        has_sung = song is not None and now - song < age
        silence = now - song if song is not None and has_sung else age - BIRTH
        if silence > patience(CHILDREN[name]):
            found.append(name)
    return found

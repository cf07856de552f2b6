"""What waits in the queue and since when, as far as its broker can tell."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.signing import b62_decode
from django.db.models import Count, Min, Q
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ


@dataclass(frozen=True, slots=True)
class Backlog:
    """Tasks that wait; those that workers have, where the broker knows it; and when the first was put in."""

    waiting: int
    taken: int | None
    since: datetime | None


def cluster_names() -> list[str]:
    """Return the queue's clusters by name, the main one first; one that was switched off may have left tasks."""
    return [settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]]


def backlog(name: str | None = None) -> Backlog | None:
    """Return what waits for one cluster, without a name for the main one; None when the broker does not answer."""
    return in_redis(name) if settings.Q_CLUSTER.get("redis") else in_database(name or settings.Q_CLUSTER["name"])


def in_database(name: str) -> Backlog:
    """Count tasks by whether a worker has them. ``lock`` is when a task was put in, until it is taken."""
    waits = Q(lock__lte=timezone.now())
    rows = OrmQ.objects.filter(key=name)
    found = rows.aggregate(n=Count("pk"), w=Count("pk", filter=waits), since=Min("lock", filter=waits))
    return Backlog(found["w"], found["n"] - found["w"], found["since"])


def in_redis(name: str | None) -> Backlog | None:
    """Count waiting tasks; Redis does not know those that workers have."""
    try:
        broker = get_broker(name)
        waiting, head = int(broker.queue_size()), broker.connection.lindex(broker.list_key, 0)
    except Exception:  # noqa: BLE001  (whichever error the client has: a queue that is away is a finding, not a failure)
        return None
    return Backlog(waiting, None, put_in_at(head) if head else None)


def put_in_at(payload: bytes) -> datetime | None:
    """Return the hour in the signature of a task, without opening the task."""
    parts = payload.decode(errors="replace").rsplit(":", 2)
    try:
        return datetime.fromtimestamp(b62_decode(parts[1]), timezone.get_default_timezone())
    except (IndexError, ValueError, OverflowError, OSError):
        return None

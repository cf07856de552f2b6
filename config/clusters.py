"""How the queue's clusters are set up, so that no task is repeated while it runs and none waits for ever."""

from collections.abc import Mapping
from typing import Any

NAME = "palinsesto"
LONG = "long"
BULK = 10
MOST_TRIES = 5
AT_LEAST_RETRY_S = 900
ACK_S = 60


def limits(*, workers: int, timeout: int) -> dict[str, int]:
    """Return sizes and times that fit each other.

    A task counts as lost after ``retry`` seconds, and that time begins when the cluster takes it in: it covers the wait
    behind all that was taken in with it, each as slow as can be, and the receipt.
    """
    queue_limit = 2 * workers
    rounds = -(-(queue_limit + BULK + workers) // workers)
    retry = max(AT_LEAST_RETRY_S, rounds * timeout + ACK_S)
    return {"workers": workers, "timeout": timeout, "retry": retry, "queue_limit": queue_limit, "bulk": BULK}


def clusters(*, workers: int, timeout: int, long_workers: int, long_timeout: int, redis: str) -> dict[str, Any]:
    """Return django-q2's settings.

    The scheduler is off: one bad row of it stops all others, and what recurs here is found by the hour in its own row.
    Statistics of each half second stay in the process: they would be two writes a second for nobody.
    """
    broker: Mapping[str, str] = (
        {"redis": redis, "broker_class": "config.redis_broker.RedisBroker"}
        if redis
        else {"orm": "default", "broker_class": "config.broker.OrmBroker"}
    )
    return {
        "name": NAME,
        **limits(workers=workers, timeout=timeout),
        "ack_failures": True,
        "max_attempts": MOST_TRIES,
        "save_limit": -1,
        "poll": 0.2,
        "recycle": 500,
        "max_rss": 250_000,
        "catch_up": False,
        "scheduler": False,
        "cache": "process",
        "label": "Palinsesto",
        "ALT_CLUSTERS": {LONG: limits(workers=max(1, long_workers), timeout=long_timeout)},
        **broker,
    }

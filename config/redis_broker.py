"""The queue in Redis: apart from the other broker, for only large installations have the library."""

from django_q.brokers.redis_broker import Redis

from config.broker import Singing


class RedisBroker(Singing, Redis):  # type: ignore[misc]  # the library has no types
    """Tasks in Redis."""

"""Positions of reading comments: who reads, from where, and when next."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from publisher.models import Publication, Stream

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
FIRST_READING = timedelta(seconds=5)


def follow(publication: Publication) -> Stream | None:
    """Begin to read the thread under a post that is out; None where the platform gave no id to read by."""
    if not publication.remote_id:
        return None
    stream, _ = Stream.objects.get_or_create(
        channel_id=publication.channel_id,
        name=f"thread:{publication.remote_id}",
        defaults={"next_at": timezone.now() + FIRST_READING},
    )
    return stream


def claim_stream(stream_id: int, owner: str) -> Stream | None:
    """Take a stream for one reading, or return None while somebody else reads it.

    ``owner`` is for the log; the fence in the row that comes back is what guards the writing.
    """
    now = timezone.now()
    free = Stream.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), pk=stream_id)
    with transaction.atomic():
        if not free.update(lease_until=now + LEASE, fence=F("fence") + 1):
            return None
        stream = Stream.objects.select_related("channel__profile", "channel__brand").get(pk=stream_id)
    log.debug("a thread is being read", extra={"stream": stream_id, "owner": owner})
    return stream


def done(stream: Stream, *, cursor: str, next_at: datetime | None, found: bool) -> bool:
    """Write where the reading ended and when the next is due; False when somebody else took over meanwhile."""
    rows = Stream.objects.filter(pk=stream.pk, fence=stream.fence)
    empty_reads = 0 if found else stream.empty_reads + 1
    return bool(rows.update(cursor=cursor, next_at=next_at, lease_until=None, empty_reads=empty_reads))


def due_streams(*, now: datetime, limit: int) -> list[int]:
    """Return streams whose hour has come and that nobody reads."""
    free = Stream.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), next_at__lte=now)
    return list(free.order_by("next_at").values_list("pk", flat=True)[:limit])


def put_off(stream_ids: list[int], *, until: datetime) -> None:
    """Ring again at ``until`` should the reading be lost on its way."""
    Stream.objects.filter(pk__in=stream_ids, next_at__lt=until).update(next_at=until)

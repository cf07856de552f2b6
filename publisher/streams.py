"""Positions of reading comments: who reads, from where, and when next."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.utils import timezone

from publisher.contract.base import ReadsMentions
from publisher.models import Channel, Publication, Stream
from publisher.platforms import adapter_of

log = logging.getLogger(__name__)

NOTIFICATIONS, THREAD = "notifications", "thread:"
WHEN = DateTimeField()
LEASE = timedelta(minutes=3)
FIRST_READING = timedelta(seconds=5)


def follow(publication: Publication) -> Stream | None:
    """Begin to read the thread under a post that is out; None where the platform gave no id to read by."""
    if not publication.remote_id:
        return None
    stream, _ = Stream.objects.get_or_create(
        channel_id=publication.channel_id,
        name=f"{THREAD}{publication.remote_id}",
        defaults={"next_at": timezone.now() + FIRST_READING},
    )
    listen(publication.channel)
    return stream


def listen(channel: Channel) -> Stream | None:
    """Begin to hear in which threads of a channel somebody writes, or hear at once; None where nobody tells us.

    A post that just went out, or a sign-in that was just tried, proves that the platform answers: no pause is left.
    """
    adapter, now = adapter_of(channel.profile.platform), timezone.now()
    if not isinstance(adapter, ReadsMentions) or not adapter.tells_of_answers:
        return None
    stream, is_new = Stream.objects.get_or_create(channel=channel, name=NOTIFICATIONS, defaults={"next_at": now})
    if not is_new:
        wake(channel.pk, [NOTIFICATIONS])
    return stream


def wake(channel_id: int, names: Iterable[str]) -> int:
    """Have streams of a channel read now; return how many were not due anyway. What has ended stays ended."""
    now = timezone.now()
    return Stream.objects.filter(channel=channel_id, name__in=names, next_at__gt=now).update(next_at=now)


def claim_stream(stream_id: int, owner: str) -> Stream | None:
    """Take a stream for one reading, or return None while somebody else reads it.

    ``owner`` is for the log; the fence in the row that comes back is what guards the writing.
    """
    now = timezone.now()
    free = Stream.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), pk=stream_id)
    later = Case(When(next_at__lte=now, then=Value(now + LEASE, output_field=WHEN)), default=F("next_at"))
    with transaction.atomic():
        if not free.update(lease_until=now + LEASE, fence=F("fence") + 1, next_at=later):
            return None
        stream = Stream.objects.select_related("channel__profile", "channel__brand").get(pk=stream_id)
    log.debug("a thread is being read", extra={"stream": stream_id, "owner": owner})
    return stream


def done(stream: Stream, *, cursor: str, next_at: datetime | None, found: bool) -> bool:
    """Write where the reading ended and when the next is due; False when somebody else took over meanwhile.

    A stream that was woken while it was read stays due: the reading may have begun before what it was woken for.
    """
    rows = Stream.objects.filter(pk=stream.pk, fence=stream.fence)
    empty_reads = 0 if found else stream.empty_reads + 1
    is_woken = Q(next_at__lte=timezone.now()) & ~Q(next_at=stream.next_at)
    next_due = Case(When(is_woken, then=F("next_at")), default=Value(next_at, output_field=WHEN))
    return bool(rows.update(cursor=cursor, next_at=next_due, lease_until=None, empty_reads=empty_reads))


def due_streams(*, now: datetime, limit: int) -> list[int]:
    """Return streams whose hour has come and that nobody reads."""
    free = Stream.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), next_at__lte=now)
    return list(free.order_by("next_at").values_list("pk", flat=True)[:limit])


def put_off(stream_ids: list[int], *, until: datetime) -> None:
    """Ring again at ``until`` should the reading be lost on its way."""
    Stream.objects.filter(pk__in=stream_ids, next_at__lt=until).update(next_at=until)

"""The bell of a channel: one reading says in which of its threads somebody wrote, and those are read at once."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Max
from django.utils import timezone

from community.models import Comment, Conversation, ConversationKind
from community.reading import Reading, read_pages
from community.sync import AGAIN_AFTER, SHARE_S, back_off, leave
from publisher.contract.base import ReadsMentions
from publisher.contract.content import RemoteComment
from publisher.contract.errors import AdapterError, Rejected, SignIn
from publisher.models import Channel, ChannelState, Publication, PublicationState, Stream
from publisher.platforms import adapter_of
from publisher.renewing import fresh_call_of
from publisher.streams import THREAD, claim_stream, done, wake

log = logging.getLogger(__name__)

# How long ago something last happened on the channel, and how long the next reading may wait.
RHYTHM = (
    (timedelta(hours=2), timedelta(seconds=10)),
    (timedelta(days=3), timedelta(seconds=15)),
    (timedelta(days=14), timedelta(minutes=1)),
)
SELDOM = timedelta(minutes=5)
SPREAD_S = 3
MOST_PAGES = 10


def hear(stream_id: int, *, owner: str) -> int | None:
    """Wake the threads in which somebody wrote; return how many. None where somebody else is at it."""
    stream = claim_stream(stream_id, owner)
    if stream is None:
        return None
    channel = stream.channel
    if channel.archived_at or channel.state != ChannelState.CONNECTED:
        leave(stream, until=None if channel.archived_at else timezone.now() + AGAIN_AFTER[SignIn])
        return 0
    try:
        reading = _read(stream)
    except AdapterError as problem:
        _stay_away(stream, problem)
        return 0
    rung = wake(channel.pk, threads_with(reading.comments, channel=channel))
    done(stream, cursor=reading.cursor, next_at=timezone.now() + pause(stream, rung=rung), found=rung > 0)
    return rung


def _read(stream: Stream) -> Reading:
    """Read what is new. Raises the adapter's errors."""
    adapter = adapter_of(stream.channel.profile.platform)
    if not isinstance(adapter, ReadsMentions):
        raise Rejected("cannot_read_comments")
    return read_pages(partial(adapter.mentions, fresh_call_of(stream.channel)), cursor=stream.cursor, most=MOST_PAGES)


def _stay_away(stream: Stream, problem: AdapterError) -> None:
    """Leave a bell that we may not hear silent: the channel is sound, and its threads keep their own rhythm."""
    if problem.code == "scope_missing":
        log.info("no bell: %s", problem.code, extra={"stream": stream.pk})
        leave(stream, until=timezone.now() + AGAIN_AFTER[Rejected])
    else:
        back_off(stream, stream.channel, problem)


def threads_with(mentions: Iterable[RemoteComment], *, channel: Channel) -> set[str]:
    """Return the streams of the threads in which these stand and are not yet here. What hangs nowhere is left out."""
    said = {one.remote_id: {one.parent_remote_id, one.root_remote_id} - {""} for one in mentions if not one.is_ours}
    known = set(Comment.objects.filter(channel=channel, remote_id__in=said).values_list("remote_id", flat=True))
    above = {one for remote_id, places in said.items() if remote_id not in known for one in places}
    threads = Conversation.objects.filter(channel=channel, kind=ConversationKind.THREAD)
    roots = [
        *threads.filter(root_remote_id__in=above).values_list("root_remote_id", flat=True),
        *threads.filter(comments__remote_id__in=above).values_list("root_remote_id", flat=True),
    ]
    return {f"{THREAD}{root}" for root in roots}


def pause(stream: Stream, *, rung: int) -> timedelta:
    """Return how long the next reading may wait; each thread that is read now has its share of what may be asked."""
    last = _last_life(stream.channel)
    silence = timezone.now() - last if last else timedelta.max
    wait = next((wait for until, wait in RHYTHM if silence < until), SELDOM)
    return max(wait, timedelta(seconds=SHARE_S * rung)) + timedelta(seconds=stream.pk % SPREAD_S)


def _last_life(channel: Channel) -> datetime | None:
    """Return when last something went out or came in."""
    out = Publication.objects.filter(channel=channel, state=PublicationState.PUBLISHED)
    times = (
        out.aggregate(at=Max("published_at"))["at"],
        Conversation.objects.filter(channel=channel).aggregate(at=Max("last_inbound_at"))["at"],
    )
    return max((one for one in times if one), default=None)

"""Bringing comments home: one visit to one thread, and when to come again."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from community.models import Comment, Conversation, ConversationKind, Visibility
from community.reading import Reading, read_thread, receipt_of
from community.storing import Difference, Visit, store
from publisher.channels import mark_lost
from publisher.contract.base import Call, LooksUpComments, ReadsComments
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.models import Channel, ChannelState, Stream
from publisher.platforms import adapter_of
from publisher.renewing import EXPIRED, fresh_call_of, note_expired
from publisher.streams import NOTIFICATIONS, THREAD, claim_stream, done

log = logging.getLogger(__name__)

# How old a post is, and how long the next look may wait.
RHYTHM = (
    (timedelta(hours=2), timedelta(seconds=15)),
    (timedelta(days=1), timedelta(minutes=1)),
    (timedelta(days=3), timedelta(minutes=5)),
    (timedelta(days=14), timedelta(minutes=30)),
)
RARELY = timedelta(hours=6)
LIVELY = timedelta(hours=1)
STILL_WARM = timedelta(days=1)
SPREAD_S = 6
MOST_LOOKED_UP = 250
BELL_LATE = timedelta(seconds=20)
BESIDE_A_BELL = timedelta(minutes=1)  # who answers somebody else in a thread of ours rings no bell
SHARE_S = 2  # seconds between two readings of one channel: half of what Mastodon allows, the rest is for publishing
SOON = timedelta(minutes=1)
AGAIN_AFTER = {Rejected: RARELY, SignIn: timedelta(minutes=15), Unavailable: timedelta(minutes=2)}
AGAIN = timedelta(minutes=1)
RENEWED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Synced:
    """What one visit brought."""

    new: int = 0
    edited: int = 0
    vanished: int = 0
    problem: str = ""


def sync_stream(stream_id: int, *, owner: str) -> Synced | None:
    """Visit one thread. None where somebody else is at it, or where there is no such stream any more."""
    stream = claim_stream(stream_id, owner)
    if stream is None:
        return None
    conversation = _conversation_of(stream)
    if conversation is None or conversation.publication is None:
        leave(stream, until=None)
        return Synced(problem="no_thread")
    if conversation.channel.state != ChannelState.CONNECTED or conversation.channel.archived_at:
        leave(stream, until=timezone.now() + AGAIN_AFTER[SignIn])
        return Synced(problem="channel_lost")
    try:
        visit = _visit(stream, conversation)
    except AdapterError as problem:
        return Synced(problem=back_off(stream, conversation.channel, problem))
    difference = store(visit, is_still_mine=_lease_check(stream))
    is_found = bool(difference)
    next_at = timezone.now() + pause(conversation, stream, is_found=is_found)
    done(stream, cursor=visit.reading.cursor, next_at=next_at, found=is_found)
    return _synced(difference)


def _synced(difference: Difference) -> Synced:
    return Synced(new=len(difference.new), edited=len(difference.edited), vanished=len(difference.vanished))


def _conversation_of(stream: Stream) -> Conversation | None:
    if not stream.name.startswith(THREAD):
        return None
    now = timezone.now()
    streams = Stream.objects.filter(channel=OuterRef("channel"))
    soon = streams.filter(next_at__lte=now + SOON)
    bell = streams.filter(name=NOTIFICATIONS, next_at__lte=now + BELL_LATE)
    counted = soon.order_by().values("channel").annotate(number=Count("pk")).values("number")
    return (
        Conversation.objects.filter(
            channel=stream.channel_id, kind=ConversationKind.THREAD, root_remote_id=stream.name.removeprefix(THREAD)
        )
        .select_related("brand", "publication", "channel__profile", "channel__connection", "channel__brand")
        .annotate(neighbours=Coalesce(Subquery(counted, output_field=IntegerField()), 1), has_bell=Exists(bell))
        .first()
    )


def _visit(stream: Stream, conversation: Conversation) -> Visit:
    """Read the thread. Raises the adapter's errors."""
    adapter = adapter_of(conversation.channel.profile.platform)
    publication = conversation.publication
    if not isinstance(adapter, ReadsComments) or publication is None:
        raise Rejected("cannot_read_comments")
    call = fresh_call_of(conversation.channel)
    reading = read_thread(adapter, call, receipt_of(publication), cursor=stream.cursor)
    if isinstance(adapter, LooksUpComments) and not reading.is_whole and reading.cursor != stream.cursor:
        reading = replace(reading, gone=reading.gone | _gone(adapter, call, conversation, reading))
    lives = timedelta(seconds=adapter.text_lives_s) if adapter.text_lives_s else None
    return Visit(conversation, reading, timezone.now(), lives)


def _gone(adapter: LooksUpComments, call: Call, conversation: Conversation, reading: Reading) -> frozenset[str]:
    """Ask one by one for what we know and the listing leaves out: not listed is not gone."""
    seen = {comment.remote_id for comment in reading.comments}
    known = Comment.objects.filter(conversation=conversation, fetched_at__lt=reading.began_at)
    shown = known.exclude(visibility=Visibility.VANISHED).order_by("-remote_at").values_list("remote_id", flat=True)
    missing = [remote_id for remote_id in shown if remote_id not in seen][:MOST_LOOKED_UP]
    return frozenset(missing) - adapter.still_there(call, missing) if missing else frozenset()


def _lease_check(stream: Stream) -> Callable[[], bool]:
    return lambda: Stream.objects.filter(pk=stream.pk, fence=stream.fence).exists()


def pause(conversation: Conversation, stream: Stream, *, is_found: bool) -> timedelta:
    """Return how long the next look may wait: by age, by what goes on, and by how many threads share the channel."""
    now = timezone.now()
    publication = conversation.publication
    went_out = publication.published_at if publication else None
    wait = _by_age(now - (went_out or now))
    last = now if is_found else conversation.last_inbound_at
    if last is not None:
        wait = min(wait, _by_activity(now - last))
    if getattr(conversation, "has_bell", False):
        wait = max(wait, BESIDE_A_BELL)
    share = timedelta(seconds=SHARE_S * int(getattr(conversation, "neighbours", 1)))
    return max(wait, share) + timedelta(seconds=stream.pk % SPREAD_S)


def _by_age(age: timedelta) -> timedelta:
    return next((wait for until, wait in RHYTHM if age < until), RARELY)


def _by_activity(quiet: timedelta) -> timedelta:
    if quiet < LIVELY:
        return RHYTHM[0][1]
    return RHYTHM[2][1] if quiet < STILL_WARM else RARELY


def back_off(stream: Stream, channel: Channel, problem: AdapterError) -> str:
    """Say what kept us away and come again later: a thread that cannot be read holds up nobody."""
    log.warning("stream not read: %s", problem.code, extra={"stream": stream.pk})
    until = timezone.now() + AGAIN_AFTER.get(type(problem), AGAIN)
    if isinstance(problem, SignIn):
        mark_lost(channel, code=problem.code)
    if isinstance(problem, Unavailable):
        until = max(until, problem.retry_at or until, channel.profile.paused_until or until)
    if problem.code == EXPIRED:
        note_expired(channel)
        until = timezone.now() + RENEWED
    leave(stream, until=until)
    return problem.code


def leave(stream: Stream, *, until: datetime | None) -> None:
    """Give a stream back as it was."""
    done(stream, cursor=stream.cursor, next_at=until, found=False)

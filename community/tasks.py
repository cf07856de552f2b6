"""What the queue's workers do for this package: ids in, idempotent, never crashing the queue."""

import logging
import os
from datetime import timedelta

from django.utils import timezone

from community import bells, deeds, replies, retention, threads
from community.models import ModerationAct
from community.sync import sync_stream as visit
from publisher.models import Publication, PublicationKind, PublicationState, Stream
from publisher.streams import NOTIFICATIONS, done

log = logging.getLogger(__name__)

AFTER_A_CRASH = timedelta(minutes=5)
MOST_IN_ONE_SWEEP = 500


def sync_stream(stream_id: int) -> None:
    """Bring the comments of one thread home, or hear in which threads of a channel somebody wrote."""
    is_bell = Stream.objects.filter(pk=stream_id, name=NOTIFICATIONS).exists()
    read = bells.hear if is_bell else visit
    try:
        read(stream_id, owner=f"sync-{os.getpid()}")
    except Exception:
        # One thread that trips us up must not be asked for again every second, nor hold up the others.
        stream = Stream.objects.filter(pk=stream_id).first()
        if stream is not None:
            done(stream, cursor=stream.cursor, next_at=timezone.now() + AFTER_A_CRASH, found=False)
        raise


def note_outcome(publication_id: int) -> None:
    """Keep what became of a publication."""
    publication = Publication.objects.select_related("brand", "channel", "profile").filter(pk=publication_id).first()
    if publication is None:
        return
    if publication.state == PublicationState.PUBLISHED:
        threads.note_published(publication)
    elif publication.kind in {PublicationKind.REPLY, PublicationKind.PRIVATE_MESSAGE}:
        replies.note_failed(publication)


def perform_act(act_id: int) -> None:
    """Carry out what a moderator asked for about a comment."""
    acts = ModerationAct.objects.select_related(
        "comment__channel__profile", "comment__channel__connection", "comment__conversation", "comment__identity"
    )
    act = acts.filter(pk=act_id).first()
    if act is not None:
        deeds.perform(act)


def sweep() -> None:
    """Find what a lost task forgot, and drop words whose time is over."""
    left = threads.unnoted().select_related("brand", "channel", "profile").order_by("-published_at")
    threads.catch_up(left[:MOST_IN_ONE_SWEEP])
    for act_id in deeds.forgotten_acts():
        perform_act(act_id)
    replies.let_wait_what_was_taken_back()
    retention.drop_expired_texts(now=timezone.now())

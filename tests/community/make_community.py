"""Conversations, comments and their publications, made plainly."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Brand
from community.models import Comment, Conversation, Direction, Identity
from community.sync import Synced, sync_stream
from community.threads import open_thread
from community.waiting import link_parents, recount
from publisher.models import Channel, Publication, PublicationState, Stream
from tests.make import make_brand
from tests.publisher.make_publisher import make_channel, make_publication

NUMBER = count(1)


def make_fake_channel(brand: Brand | None = None, **fields: Any) -> Channel:
    """Return a channel on the platform that exists only in these tests."""
    fields = {"platform": "fake", "remote_id": f"us{next(NUMBER)}", **fields}
    return make_channel(brand or make_brand(), **fields)


def make_out(channel: Channel, remote_id: str = "", **fields: Any) -> Publication:
    """Return a post that is out."""
    fields = {"published_at": timezone.now(), "url": "https://social.example/post", **fields}
    remote_id = remote_id or f"root{next(NUMBER)}"
    return make_publication(channel, state=PublicationState.PUBLISHED, remote_id=remote_id, **fields)


def make_thread(channel: Channel | None = None, remote_id: str = "root", **fields: Any) -> Conversation:
    """Return the conversation under a post that is out."""
    return open_thread(make_out(channel or make_fake_channel(), remote_id, **fields))


def make_comment(
    conversation: Conversation, text: str = "Buongiorno.", *, name: str = "Luca", **fields: Any
) -> Comment:
    """Return a stranger's comment, counted; ``minutes_ago`` says when it was written."""
    at = timezone.now() - timedelta(minutes=fields.pop("minutes_ago", 1))
    profile = conversation.channel.profile
    identity, _ = Identity.objects.get_or_create(
        brand=conversation.brand,
        platform=profile.platform,
        server=profile.server,
        remote_id=name.lower()[:60],
        defaults={"handle": f"@{name.lower()}"[:255], "shown_name": name},
    )
    usual = {"direction": Direction.INBOUND, "identity": identity, "remote_at": at, "fetched_at": at}
    comment = Comment.objects.create(
        brand=conversation.brand,
        conversation=conversation,
        channel=conversation.channel,
        text=text,
        **{"remote_id": f"c{next(NUMBER)}", **usual, **fields},
    )
    link_parents(conversation)
    recount(conversation.pk)
    return comment


def read(conversation: Conversation) -> Synced:
    """Visit the thread once, whoever read it before."""
    stream = Stream.objects.get(channel=conversation.channel, name=f"thread:{conversation.root_remote_id}")
    done = sync_stream(stream.pk, owner="a test")
    assert done is not None
    return done

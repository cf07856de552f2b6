"""The register of channels, outgoing posts, stops and the listening desk."""

from typing import Any

from accounts.permissions import Ability
from tests.security.routes import Open, Route, brand
from tests.security.world import Side

PRIVATE = "the same bytes for ever, for this browser alone"
NETWORK = "asks the platform: tests/publisher/test_channels.py"
ABLE = "only where the platform can: tests/community/test_deeds.py"


def channel(side: Side) -> dict[str, Any]:
    return {"brand": side.brand.pk, "channel": side.channel.pk}


def publication(side: Side) -> dict[str, Any]:
    return {"pk": side.publication.pk}


def conversation(side: Side) -> dict[str, Any]:
    assert side.comment
    return {"pk": side.conversation.pk}


def comment(side: Side) -> dict[str, Any]:
    return {"pk": side.comment.pk}


def draft(side: Side) -> dict[str, Any]:
    return {"pk": side.reply.pk}


PUBLISHER: dict[str, Route] = {
    "channels": Route(get=Ability.READ, made=brand),
    "channel_connect": Route(post=Ability.CONNECT, made=brand, unaudited=NETWORK),
    "channel_sign_in": Route(
        post=Ability.CONNECT, made=lambda side: {"brand": side.brand.pk, "platform": "bluesky"}, unaudited=NETWORK
    ),
    "channel_reconnect": Route(get=Ability.CONNECT, post=Ability.CONNECT, made=channel, unaudited=NETWORK),
    "channel_check": Route(post=Ability.CONNECT, made=channel, unaudited=NETWORK),
    "channel_disconnect": Route(
        get=Ability.CONNECT, post=Ability.CONNECT, made=channel, body=lambda _s: {}, verb="channel.disconnected"
    ),
    "media_file": Route(get=Ability.READ, made=lambda s: {"pk": s.rendition.pk}, cached=PRIVATE),
    "outgoing": Route(get=Ability.READ, made=brand),
    "outgoing_all": Route(get=Open.SIGNED_IN),
    "publication_retry": Route(post=Ability.SCHEDULE, made=publication, body=lambda _s: {}, verb="publication.retried"),
    "publication_settle": Route(
        post=Ability.SCHEDULE, made=publication, unaudited="only where the outcome is unknown: tests/publisher"
    ),
    "publication_drop": Route(post=Ability.SCHEDULE, made=publication, body=lambda _s: {}, verb="publication.dropped"),
    "stops": Route(
        get=Ability.READ,
        post=Ability.STOP,
        made=brand,
        body=lambda _s: {"reach": "brand", "reason": "Too much noise."},
        verb="stop.set",
        foreign={"reach": lambda s: f"channel:{s.channel.pk}"},
    ),
    "stop_lift": Route(
        post=Ability.STOP,
        made=lambda s: {"brand": s.brand.pk, "pk": s.stop.pk},
        body=lambda _s: {},
        verb="stop.lifted",
    ),
}

COMMUNITY: dict[str, Route] = {
    "inbox_all": Route(get=Open.SIGNED_IN),
    "inbox_all_rows": Route(get=Open.SIGNED_IN),
    "inbox": Route(get=Ability.READ_INBOX, made=brand),
    "inbox_rows": Route(get=Ability.READ_INBOX, made=brand),
    "conversation": Route(get=Ability.READ_INBOX, made=conversation),
    "conversation_stream": Route(get=Ability.READ_INBOX, made=conversation),
    "conversation_writing": Route(
        post=Ability.MODERATE, made=conversation, unaudited="says who is writing just now, kept for seconds"
    ),
    "conversation_answer": Route(
        post=Ability.MODERATE,
        made=conversation,
        body=lambda s: {"comment": s.comment.pk, "text": "Thank you for writing."},
        verb="comment.answered",
        foreign={"comment": lambda s: s.comment.pk},
    ),
    "conversation_note": Route(
        post=Ability.MODERATE, made=conversation, body=lambda _s: {"text": "Ask Enzo."}, verb="conversation.noted"
    ),
    "conversation_assign": Route(
        post=Ability.MODERATE,
        made=conversation,
        body=lambda s: {"to": s.owner.pk},
        verb="conversation.assigned",
        foreign={"to": lambda s: s.owner.pk},
    ),
    "conversation_close": Route(
        post=Ability.MODERATE, made=conversation, body=lambda _s: {}, verb="conversation.closed"
    ),
    "conversation_reopen": Route(
        post=Ability.MODERATE, made=conversation, unaudited="only a closed one: tests/community"
    ),
    "comment_like": Route(post=Ability.MODERATE, made=comment, body=lambda _s: {}, verb="comment.liked"),
    "comment_unlike": Route(post=Ability.MODERATE, made=comment, unaudited="only what is liked: tests/community"),
    "comment_hide": Route(post=Ability.MODERATE, made=comment, unaudited=ABLE),
    "comment_show": Route(post=Ability.MODERATE, made=comment, unaudited=ABLE),
    "comment_mute": Route(post=Ability.MODERATE, made=comment, unaudited=ABLE),
    "comment_unmute": Route(post=Ability.MODERATE, made=comment, unaudited=ABLE),
    "comment_report": Route(post=Ability.MODERATE, made=comment, unaudited=ABLE),
    "comment_handled": Route(post=Ability.MODERATE, made=comment, body=lambda _s: {}, verb="comment.handled"),
    "answer_retry": Route(post=Ability.MODERATE, made=draft, body=lambda _s: {}, verb="publication.retried"),
    "answer_settle": Route(post=Ability.MODERATE, made=draft, unaudited="only an unknown outcome: tests/community"),
    "answer_rewrite": Route(post=Ability.MODERATE, made=draft, unaudited="tests/community"),
}

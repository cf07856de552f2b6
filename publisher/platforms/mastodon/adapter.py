"""Publishing to Mastodon and its relatives."""

import time
from datetime import timedelta
from typing import Any, ClassVar

from publisher.contract.answers import dictionary
from publisher.contract.base import Call
from publisher.contract.calling import now, read_json, sure
from publisher.contract.content import Content, Found, Media, Prepared, Receipt, Ticket
from publisher.contract.errors import Rejected, Unavailable
from publisher.contract.http import UPLOAD, FilePart
from publisher.contract.text import with_link
from publisher.platforms.mastodon import sign_in
from publisher.platforms.mastodon.calls import ask
from publisher.platforms.mastodon.comments import Comments
from publisher.platforms.mastodon.lookup import Finds, receipt_of
from publisher.platforms.mastodon.mentions import Mentions

UNUSED_MEDIA_LIVES = timedelta(hours=20)
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
NARROW = {"public": 0, "unlisted": 1, "private": 2, "direct": 3}


class MastodonAdapter(Finds, Comments, Mentions):
    """Speaks the Mastodon client API; differences of the software stand in ``software.py``."""

    slug: ClassVar[str] = "mastodon"
    name: ClassVar[str] = "Mastodon"
    monogram: ClassVar[str] = "Ma"
    kinds: ClassVar[frozenset[str]] = frozenset({"post", "part", "first_comment", "reply"})

    def check(self, call: Call) -> Found:
        """Ask who the token belongs to and what the server allows."""
        return sign_in.check(call)

    def prepare(self, call: Call, content: Content, ticket: Ticket) -> Prepared:  # noqa: ARG002  (nothing is named yet)
        """Upload the pictures with their alternative text and wait until the server has worked through them."""
        if not content.media:
            return {"media_ids": []}
        uploaded = [upload(call, media) for media in content.media]
        for media_id in (media_id for media_id, is_ready in uploaded if not is_ready):
            wait_for(call, media_id)
        until = (now() + UNUSED_MEDIA_LIVES).isoformat()
        return {"media_ids": [media_id for media_id, _ in uploaded], "until": until}

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        """Create the status. The key goes along only where it is honoured (elsewhere a failed try would burn it)."""
        headers = {"Idempotency-Key": f"{ticket.key}:{call.target.remote_id}"} if self.honours_key(call.target) else {}
        gone = "reply_target_gone" if content.reply_to else "prepared_stale" if content.media else "not_found"
        body = body_of(content, prepared)
        answer = ask(call, "POST", "/api/v1/statuses", wrote=True, gone=gone, json=body, headers=headers)
        return sure(answer, receipt_of, "id", "content")


def body_of(content: Content, prepared: Prepared) -> dict[str, Any]:
    """Return the status as the API wants it. Visibility is always said: an account's own default may be another."""
    warning = str(content.options.get("content_warning", ""))
    visibility = str(content.options.get("visibility") or "public")
    above = str(content.reply_extra.get("visibility") or "public")
    body: dict[str, Any] = {
        "status": with_link(content.text, content.link),
        "media_ids": list(prepared.get("media_ids", ())),
        "visibility": max(visibility, above, key=lambda one: NARROW.get(one, 0)),
        "sensitive": bool(warning or content.options.get("sensitive")),
        "spoiler_text": warning,
    }
    if content.language:
        body["language"] = content.language
    if content.reply_to:
        body["in_reply_to_id"] = content.reply_to
    return body


def upload(call: Call, media: Media) -> tuple[str, bool]:
    """Upload one file; return its id and whether it is ready. Repeating leaves an unused copy that the server removes."""
    form = {"description": media.alt, **({"focus": media.focus} if media.focus else {})}
    files = [FilePart("file", media.path, media.mime, f"{media.key[:40]}.{media.mime.rpartition('/')[2]}")]
    try:
        answer = ask(call, "POST", "/api/v2/media", data=form, files=files, timeouts=UPLOAD)
    except Rejected as error:
        if error.code != "not_found":
            raise
        answer = ask(call, "POST", "/api/v1/media", data=form, files=files, timeouts=UPLOAD)
    media_id = str(dictionary(read_json(answer)).get("id") or "")
    if not media_id:
        raise Unavailable("server_not_reached", scope="host", note="no media id", status=answer.status)
    return media_id, answer.status != 202


def wait_for(call: Call, media_id: str) -> None:
    """Ask until the file is worked through. Raises Rejected when it failed, Unavailable when it takes long."""
    for pause in PAUSES_S:
        time.sleep(pause)
        if ask(call, "GET", f"/api/v1/media/{media_id}").status == 200:
            return
    raise Unavailable("media_processing", retry_at=now() + timedelta(seconds=30))

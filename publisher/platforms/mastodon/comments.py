"""Reading the thread under a status, answering, favouriting."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from publisher.contract.answers import dictionary, moment, web_address
from publisher.contract.base import Call, LikesComments, ReadsComments, RepliesToComments
from publisher.contract.content import CommentPage, Person, Receipt, RemoteComment, Target
from publisher.contract.errors import Rejected
from publisher.contract.text import clean_html, plain_of
from publisher.platforms.mastodon.calls import ask, now, read
from publisher.platforms.mastodon.software import software_of

WHOLE = 4096
THREAD_BYTES = 20_000_000


class Comments(ReadsComments, RepliesToComments, LikesComments):
    """What this API offers under a status. Nobody can hide or delete other people's words here."""

    def comments(self, call: Call, root: Receipt, cursor: str) -> CommentPage:
        """Return the thread; it comes in one piece. The cursor is a digest of it: unchanged means nothing new."""
        try:
            thread = dictionary(
                read(call, f"/api/v1/statuses/{quote(root.remote_id, safe='')}/context", max_bytes=THREAD_BYTES)
            )
        except Rejected as error:
            if error.code == "not_found":
                raise Rejected("post_gone", status=error.status, request_id=error.request_id) from None
            raise
        rows = [row for row in thread.get("descendants") or () if isinstance(row, dict)]
        found = [comment for row in rows if (comment := comment_of(row, root, call.target)) is not None]
        found.sort(key=lambda comment: (comment.at, len(comment.remote_id), comment.remote_id))
        seen = digest_of(found)
        if seen == cursor:
            return CommentPage((), cursor=cursor)
        is_whole = software_of(call.target.software).whole_thread and len(rows) < WHOLE and len(found) == len(rows)
        return CommentPage(tuple(found), cursor=seen, is_whole=is_whole)

    def reply_text(self, text: str, person_handle: str, target: Target) -> str:  # noqa: ARG002  (the same everywhere)
        """Put the person's name in front: this API tells nobody who is not named in the text."""
        handle = "@" + person_handle.lstrip("@")
        if handle == "@" or handle.lower() in text.lower().split():
            return text
        return f"{handle} {text}"

    def like(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:  # noqa: ARG002  (the id is enough)
        """Favourite it; twice is once."""
        act(call, remote_id, "favourite")

    def unlike(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:  # noqa: ARG002  (the id is enough)
        """Take the favourite back; twice is once."""
        act(call, remote_id, "unfavourite")


def act(call: Call, remote_id: str, verb: str) -> None:
    """Do what may be done twice. Raises Rejected for a comment that is gone."""
    try:
        ask(call, "POST", f"/api/v1/statuses/{quote(remote_id, safe='')}/{verb}")
    except Rejected as error:
        if error.code == "not_found":
            raise Rejected("comment_gone", status=error.status, request_id=error.request_id) from None
        raise


def digest_of(found: list[RemoteComment]) -> str:
    """Return a short digest of who said what and when it was edited."""
    digest = hashlib.sha256()
    for comment in found:
        digest.update(f"{comment.remote_id}\0{comment.edited_at}\0{comment.text}\0".encode())
    return digest.hexdigest()[:32]


def comment_of(row: dict[str, Any], root: Receipt, target: Target) -> RemoteComment | None:
    """Return a comment, or None for something that is none."""
    account = dictionary(row.get("account"))
    at = when(row.get("created_at"))
    remote_id, who = str(row.get("id") or ""), str(account.get("id") or "")
    if not remote_id or not who or at is None:
        return None
    visibility = str(row.get("visibility") or "public")
    acct = str(account.get("acct") or account.get("username") or who)
    warning = str(row.get("spoiler_text") or "").strip()
    html = clean_html(str(row.get("content") or ""))
    return RemoteComment(
        remote_id=remote_id[:255],
        parent_remote_id=str(row.get("in_reply_to_id") or root.remote_id)[:255],
        root_remote_id=root.remote_id,
        person=Person(
            remote_id=who[:255],
            handle=f"@{acct}"[:255],
            name=str(account.get("display_name") or acct)[:255],
            url=web_address(account.get("url")),
        ),
        text=f"{warning}\n\n{plain_of(html)}".strip(),
        html=clean_html(f"<p>{plain_of(warning)}</p>") + html if warning else html,
        at=at,
        url=web_address(row.get("url") or row.get("uri")),
        edited_at=when(row.get("edited_at")),
        language=str(row.get("language") or "")[:16],
        is_private=visibility in {"private", "direct"},
        is_ours=who == target.remote_id,
        extra={"visibility": visibility, "media": descriptions(row)},
    )


def when(value: Any) -> datetime | None:
    """Return an aware instant."""
    return moment(str(value), now=now()) if value else None


def descriptions(row: dict[str, Any]) -> list[dict[str, str]]:
    """Return kind and description of what hangs on a comment; the files of strangers stay where they are."""
    media = row.get("media_attachments")
    return [
        {"type": str(one.get("type") or "")[:20], "description": str(one.get("description") or "")[:1500]}
        for one in (media if isinstance(media, list) else ())[:20]
        if isinstance(one, dict)
    ]

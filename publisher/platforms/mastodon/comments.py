"""Reading the thread under a status, answering, favouriting."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from publisher.contract.answers import dictionary, web_address
from publisher.contract.base import Call, LikesComments, ReadsComments, RepliesToComments
from publisher.contract.content import CommentPage, Person, Receipt, RemoteComment, Target
from publisher.contract.text import addressed, clean_html, plain_of
from publisher.contract.threads import descriptions, when, whole_thread
from publisher.platforms.mastodon.calls import ask, read
from publisher.platforms.mastodon.software import software_of

WHOLE, THREAD_BYTES = 4096, 20_000_000


class Comments(ReadsComments, RepliesToComments, LikesComments):
    """What this API offers under a status. Nobody can hide or delete other people's words here."""

    def comments(self, call: Call, root: Receipt, cursor: str) -> CommentPage:
        """Return the thread; it comes in one piece. The cursor is a digest of it: unchanged means nothing new."""
        path = f"/api/v1/statuses/{quote(root.remote_id, safe='')}/context"
        thread = dictionary(read(call, path, max_bytes=THREAD_BYTES, gone="post_gone"))
        rows = [row for row in thread.get("descendants") or () if isinstance(row, dict)]
        found = [comment for row in rows if (comment := comment_of(row, root, call.target)) is not None]
        is_whole = software_of(call.target.software).whole_thread and len(found) == len(rows) < WHOLE
        return whole_thread(found, cursor=cursor, is_whole=is_whole)

    def reply_text(self, text: str, person_handle: str, target: Target) -> str:  # noqa: ARG002  (the same everywhere)
        """Put the person's name in front: this API tells nobody who is not named in the text."""
        return addressed(text, person_handle)

    def like(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:  # noqa: ARG002  (the id is enough)
        """Favourite it; twice is once."""
        ask(call, "POST", f"/api/v1/statuses/{quote(remote_id, safe='')}/favourite", gone="comment_gone")

    def unlike(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:  # noqa: ARG002  (the id is enough)
        """Take the favourite back; twice is once."""
        ask(call, "POST", f"/api/v1/statuses/{quote(remote_id, safe='')}/unfavourite", gone="comment_gone")


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
        extra={"visibility": visibility, "media": descriptions(row.get("media_attachments"))},
    )

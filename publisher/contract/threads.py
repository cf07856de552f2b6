"""A thread that comes in one piece: in order, with a cursor that says whether anything changed."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from publisher.contract.answers import moment
from publisher.contract.calling import now
from publisher.contract.content import CommentPage, RemoteComment


def whole_thread(
    found: list[RemoteComment], *, cursor: str, is_whole: bool, gone: Collection[str] = ()
) -> CommentPage:
    """Return the thread oldest first, or nothing where it is still as the cursor saw it."""
    found = sorted(found, key=lambda comment: (comment.at, by_age(comment.remote_id)))
    digest = hashlib.sha256()
    for comment in found:
        shown = f"{comment.remote_id}\0{comment.edited_at}\0{comment.text}\0{comment.is_hidden:d}\0"
        digest.update(shown.encode(errors="surrogatepass"))
    digest.update("\0".join(sorted(gone)).encode())
    seen = digest.hexdigest()[:32]
    if seen == cursor:
        return CommentPage((), cursor=cursor)
    return CommentPage(tuple(found), seen, is_whole=is_whole, gone=tuple(sorted(gone)))


def when(value: Any) -> datetime | None:
    """Return an aware instant, or None."""
    return moment(str(value), now=now()) if value else None


def descriptions(media: Any) -> list[dict[str, str]]:
    """Return kind and description of what hangs on a comment; the files of strangers stay where they are."""
    return [
        {"type": str(one.get("type") or "")[:20], "description": str(one.get("description") or "")[:1500]}
        for one in (media if isinstance(media, list) else ())[:20]
        if isinstance(one, dict)
    ]


def by_age(remote_id: str) -> tuple[int, str]:
    """Return what ids are ordered by: numbers of any length, and names of one length that begin with the time."""
    return len(remote_id), remote_id

"""Reading who speaks to the account: answers, mentions and quotes, with a cursor of our own."""

from datetime import datetime
from typing import Any, ClassVar

from publisher.contract.atproto.calls import query
from publisher.contract.atproto.shown_records import Node, comment_of, objects
from publisher.contract.base import Call, ReadsMentions
from publisher.contract.content import CommentPage
from publisher.contract.positions import cursor_after, position_of
from publisher.contract.threads import when
from publisher.platforms.bluesky.comments import THREAD_BYTES

REASONS = ("reply", "mention", "quote")
MOST, MOST_PAGES = 100, 10


class Mentions(ReadsMentions):
    """Walks the notifications back to where the last reading ended. What is seen here stays unread in the app."""

    tells_of_answers: ClassVar[bool] = True

    def mentions(self, call: Call, cursor: str) -> CommentPage:
        """Return what was said since the cursor, or the newest page where there is none yet."""
        here = position_of(cursor)
        rows = notifications(call, since=here.since if here else None)
        later = {uri: row for uri, (at, row) in rows.items() if here is None or here.is_new(uri, at)}
        if not later:
            return CommentPage((), cursor=cursor)
        found = [comment_of(row, call.target) for row in later.values()]
        told = sorted((one for one in found if one), key=lambda one: (one.at, one.remote_id))
        following = cursor_after({uri: at for uri, (at, _) in rows.items()}, here)
        return CommentPage(tuple(told), cursor=following, next_cursor=following)


def notifications(call: Call, *, since: datetime | None) -> dict[str, tuple[datetime, Node]]:
    """Return by address what was said since then, or on the newest page, each with when the index took it in."""
    rows, params = dict[str, tuple[datetime, Node]](), dict[str, Any](limit=MOST, reasons=REASONS)
    for _ in range(MOST_PAGES):
        told = query(call, "app.bsky.notification.listNotifications", params=params, max_bytes=THREAD_BYTES)
        page = [(at, row) for row in objects(told.get("notifications")) if (at := when(row.get("indexedAt")))]
        rows |= {str(row.get("uri")): (at, row) for at, row in page if row.get("reason") in REASONS}
        params["cursor"] = str(told.get("cursor") or "")
        if since is None or not params["cursor"] or any(at < since for at, _ in page):
            break
    return rows

"""Reading who mentions the account: answers under its posts are among them."""

from typing import Any, ClassVar

from publisher.contract.base import Call, ReadsMentions
from publisher.contract.content import CommentPage, Receipt
from publisher.contract.errors import Unavailable
from publisher.contract.threads import by_age
from publisher.platforms.mastodon.calls import read
from publisher.platforms.mastodon.comments import THREAD_BYTES, comment_of

MOST, KIND = 80, "mention"
UNKNOWN_ROOT = Receipt(remote_id="", url="")


class Mentions(ReadsMentions):
    """Walks the notifications forward. Relatives that ignore a parameter are put right here."""

    tells_of_answers: ClassVar[bool] = True

    def mentions(self, call: Call, cursor: str) -> CommentPage:
        """Return the page right after the cursor, or the newest one where there is none yet."""
        params: list[tuple[str, Any]] = [("types[]", KIND), ("limit", MOST), ("include_filtered", "true")]
        told = read(
            call,
            "/api/v1/notifications",
            params=[*params, *([("min_id", cursor)] if cursor else [])],
            max_bytes=THREAD_BYTES,
        )
        if not isinstance(told, list):
            raise Unavailable("server_not_reached", scope="host", note="no list")
        rows = {str(row["id"])[:255]: row for row in told if isinstance(row, dict) and row.get("id")}
        later = sorted((one for one in rows if by_age(one) > by_age(cursor)), key=by_age)
        if not later:
            return CommentPage((), cursor=cursor)
        statuses = [rows[one].get("status") for one in later if rows[one].get("type") == KIND]
        found = [comment_of(one, UNKNOWN_ROOT, call.target) for one in statuses if isinstance(one, dict)]
        return CommentPage(tuple(one for one in found if one), cursor=later[-1], next_cursor=later[-1])

"""Did it go out? Read our own latest statuses and look for the one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from publisher.contract.answers import Answer
from publisher.contract.base import Call
from publisher.contract.calling import now, read_json
from publisher.contract.content import Content, Look, Prepared, Receipt, Ticket
from publisher.contract.errors import Rejected, Unavailable
from publisher.contract.looking import Row, alike, walk
from publisher.contract.text import AT_DOMAIN, plain_of, with_link
from publisher.contract.threads import when
from publisher.platforms.mastodon.calls import ask
from publisher.platforms.mastodon.limits import Limits

PAGE, MOST_PAGES = 40, 5


class Finds(Limits):
    """Looks through our own latest statuses."""

    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:
        """Return the receipt of a match. A server that does not list its statuses leaves the doubt."""
        try:
            look = walk(
                pages(call),
                since=ticket.started_at or now() - timedelta(hours=1),
                made_at=lambda status: when(status.get("created_at")),
                is_it=lambda status: is_it(status, content, prepared, call),
                receipt_of=receipt_of,
                text_of=words_of,
            )
        except Rejected:
            return Look(None, complete=False)
        return replace(look, complete=look.complete and self.listing_is_complete(call.target))


def pages(call: Call) -> Iterator[tuple[list[Row], Answer, bool]]:
    """Yield pages of our own statuses, newest first."""
    params: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
    for _ in range(MOST_PAGES):
        answer = ask(call, "GET", f"/api/v1/accounts/{call.target.remote_id}/statuses", params=params)
        if not isinstance(statuses := read_json(answer), list):
            raise Unavailable("server_not_reached", scope="host", note="no list")
        rows = [status for status in statuses if isinstance(status, dict) and status.get("id")]
        yield rows, answer, len(rows) < PAGE
        params["max_id"] = rows[-1]["id"]


def is_it(status: Row, content: Content, prepared: Prepared, call: Call) -> bool:
    """Say whether this status is what the try sent: the same files, or the same words, under the same post."""
    application, ours = status.get("application"), call.target.limits.get("application")
    if ours and isinstance(application, dict) and application.get("name") not in {None, "", ours}:
        return False
    if str(status.get("in_reply_to_id") or "") != content.reply_to:
        return False
    media_ids = [str(media.get("id")) for media in status.get("media_attachments") or ()]
    if media_ids or prepared.get("media_ids"):
        return media_ids == [str(one) for one in prepared.get("media_ids", ())]
    wanted = str(content.options.get("content_warning", "")) + with_link(content.text, content.link)
    return alike(AT_DOMAIN.sub(r"\1", wanted), AT_DOMAIN.sub(r"\1", words_of(status)))


def words_of(status: Row) -> str:
    """Return what a status says, its warning first."""
    return str(status.get("spoiler_text") or "") + plain_of(str(status.get("content") or ""))


def receipt_of(status: Row) -> Receipt:
    """Return the receipt that a status is."""
    uri = str(status.get("uri") or "")[:500]
    return Receipt(
        remote_id=str(status["id"]),
        url=str(status.get("url") or uri)[:500],
        uri=uri,
        published_at=when(status.get("created_at")),
        extra={"visibility": str(status.get("visibility") or "")},
    )

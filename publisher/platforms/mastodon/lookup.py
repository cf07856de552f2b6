"""Did it go out? Read our own latest statuses and look for the one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from publisher.contract.answers import Answer, NotJson, moment
from publisher.contract.base import Call
from publisher.contract.content import Content, Look, Prepared, Receipt, Ticket
from publisher.contract.errors import Rejected, Unavailable
from publisher.contract.text import folded, plain_of
from publisher.platforms.mastodon.calls import ask, now
from publisher.platforms.mastodon.limits import AT_DOMAIN, words
from publisher.platforms.mastodon.software import software_of

PAGE = 40
MOST_PAGES = 5
BLUR = timedelta(seconds=5)
BLUR_WITHOUT_CLOCK = timedelta(minutes=2)


def find(call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:
    """Return the receipt of a match. Complete when the whole listing since the first try was read."""
    since = ticket.started_at or now() - timedelta(hours=1)
    try:
        for statuses, shift in pages(call):
            start = since + shift
            matches = [status for status in statuses if is_it(status, content, prepared, start, call)]
            if matches:
                return Look(receipt_of(matches[-1]), complete=True)
            if not statuses or len(statuses) < PAGE or is_older(statuses[-1], start):
                return Look(None, complete=software_of(call.target.software).lists_own)
    except Rejected:
        return Look(None, complete=False)
    return Look(None, complete=False)


def pages(call: Call) -> Iterator[tuple[list[dict[str, Any]], timedelta]]:
    """Yield pages of our own statuses, newest first, and how far the server's clock is ahead of ours."""
    params: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
    for _ in range(MOST_PAGES):
        answer = ask(call, "GET", f"/api/v1/accounts/{call.target.remote_id}/statuses", params=params)
        try:
            statuses = answer.json()
        except NotJson:
            raise Unavailable("server_not_reached", scope="host", note="no JSON") from None
        if not isinstance(statuses, list):
            raise Unavailable("server_not_reached", scope="host", note="no list")
        rows = [status for status in statuses if isinstance(status, dict) and status.get("id")]
        yield rows, clock_shift(answer)
        if not rows:
            return
        params["max_id"] = rows[-1]["id"]


def clock_shift(answer: Answer) -> timedelta:
    """Return what to add to our time to get the server's, a little on the safe side."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return -BLUR_WITHOUT_CLOCK
    return theirs - now() - BLUR if theirs.tzinfo else -BLUR_WITHOUT_CLOCK


def made_at(status: dict[str, Any]) -> datetime | None:
    """Return when the server made it."""
    return moment(str(status.get("created_at") or ""), now=now())


def is_older(status: dict[str, Any], start: datetime) -> bool:
    """Say whether a status is surely from before the first try."""
    at = made_at(status)
    return at is not None and at < start


def is_it(status: dict[str, Any], content: Content, prepared: Prepared, start: datetime, call: Call) -> bool:
    """Say whether this status is what the try sent: the same files, or the same words, after the first try left."""
    if is_older(status, start) or str(status.get("in_reply_to_id") or "") != content.reply_to:
        return False
    application = status.get("application")
    ours = call.target.limits.get("application")
    if ours and isinstance(application, dict) and application.get("name") not in {None, "", ours}:
        return False
    if media_ids := [str(one) for one in prepared.get("media_ids", ())]:
        return [str(media.get("id")) for media in status.get("media_attachments") or ()] == media_ids
    wanted = str(content.options.get("content_warning", "")) + words(content)
    there = str(status.get("spoiler_text") or "") + plain_of(str(status.get("content") or ""))
    return not status.get("media_attachments") and alike(wanted) == alike(there)


def alike(text: str) -> str:
    """Return a text without what the server writes otherwise: white space, and the domain of a mention."""
    return folded(AT_DOMAIN.sub(r"\1", text))


def receipt_of(status: dict[str, Any]) -> Receipt:
    """Return the receipt that a status is."""
    uri = str(status.get("uri") or "")
    return Receipt(
        remote_id=str(status["id"]),
        url=str(status.get("url") or uri)[:500],
        uri=uri[:500],
        published_at=made_at(status),
        extra={"visibility": str(status.get("visibility") or "")},
    )

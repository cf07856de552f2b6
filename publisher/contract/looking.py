"""Looking a post up after doubt: walk our own latest posts back to the hour of the first try."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from publisher.contract.answers import Answer
from publisher.contract.calling import now
from publisher.contract.content import Look, Receipt, SeenPost
from publisher.contract.text import folded

BLUR = timedelta(seconds=5)
BLUR_WITHOUT_CLOCK = timedelta(minutes=2)
NEAREST, EXCERPT = 3, 240
Row = dict[str, Any]


def clock_shift(answer: Answer) -> timedelta:
    """Return what to add to our time to get the server's, a little on the safe side."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return -BLUR_WITHOUT_CLOCK
    return theirs - now() - BLUR if theirs.tzinfo else -BLUR_WITHOUT_CLOCK


def walk(
    pages: Iterable[tuple[list[Row], Answer, bool]],
    *,
    since: datetime,
    made_at: Callable[[Row], datetime | None],
    is_it: Callable[[Row], bool],
    receipt_of: Callable[[Row], Receipt],
    text_of: Callable[[Row], str] = lambda _row: "",
) -> Look:
    """Return the earliest match since the first try. Pages come newest first, each with "is it the last".

    Complete when everything since then was read; whether the platform lists everything is for the adapter to say.
    Where there is no match, the look names the posts nearest to the try, for a person to recognise.
    """
    read: list[Row] = []

    def without(*, complete: bool) -> Look:
        near = sorted(read, key=lambda row: abs((made_at(row) or since) - since))[:NEAREST]
        seen = [(receipt_of(row), row) for row in near]
        nearest = [SeenPost(one.remote_id, one.url, made_at(row), text_of(row)[:EXCERPT]) for one, row in seen]
        return Look(None, complete=complete, read=len(read), nearest=tuple(nearest))

    for rows, answer, is_last in pages:
        read += rows
        start = since + clock_shift(answer)
        young = [row for row in rows if (made_at(row) or start) >= start]
        matches = [row for row in young if is_it(row)]
        if matches:
            return Look(receipt_of(matches[-1]), complete=True)
        if is_last or len(young) < len(rows):
            return without(complete=True)
    return without(complete=False)


def alike(one: str, other: str) -> bool:
    """Say whether two sides wrote down the same words; white space and Unicode form do not count."""
    return folded(one) == folded(other)

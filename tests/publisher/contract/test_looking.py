"""A look-up that finds nothing names what it saw, for the person who has to decide."""

from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.contract.answers import Answer
from publisher.contract.content import Receipt
from publisher.contract.looking import walk

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def row(name: str, *, minutes: int) -> dict[str, Any]:
    return {"id": name, "at": NOON + timedelta(minutes=minutes), "text": f"words of {name}"}


def test_the_posts_nearest_to_the_try_are_named_and_all_that_were_read_are_counted() -> None:
    rows = [row("after", minutes=9), row("just after", minutes=1), row("before", minutes=-5), row("long ago", minutes=-90)]
    look = walk(
        iter([(rows, Answer(status=200, headers={}, body=b""), True)]),
        since=NOON,
        made_at=lambda one: one["at"],
        is_it=lambda _one: False,
        receipt_of=lambda one: Receipt(remote_id=one["id"], url=f"https://social.example/{one['id']}"),
        text_of=lambda one: str(one["text"]),
    )
    assert (look.receipt, look.complete, look.read) == (None, True, 4)
    assert [seen.remote_id for seen in look.nearest] == ["just after", "before", "after"]
    assert look.nearest[0].text == "words of just after"

"""Notifications as the relatives of this family might really answer them."""

from typing import Any

import pytest

from publisher.contract.errors import Unavailable
from tests.publisher.contract.mastodon.test_family import ADAPTER, Scripted, call

ASKED = "GET /api/v1/notifications?types%5B%5D=mention&limit=80&include_filtered=true"


def told(number: object, kind: str = "mention", **status: Any) -> dict[str, Any]:
    """Return one notification, as section 3 of the notes shows it (Mastodon 4.5)."""
    written = {
        "id": f"s{number}",
        "in_reply_to_id": "115",
        "account": {"id": "998877", "acct": "ida@fjord.example.net"},
        "created_at": "2026-08-14T09:42:12.000Z",
        "content": "<p>@havn Do you have gluten free?</p>",
        **status,
    }
    return {"id": str(number), "type": kind, "created_at": "2026-08-14T09:42:12.000Z", "status": written}


def test_without_a_cursor_the_newest_page_is_asked_and_then_forward() -> None:
    door = Scripted((ASKED, 200, [told(12), told(9)]), (f"{ASKED}&min_id=12", 200, []))
    page = ADAPTER.mentions(call(door), "")
    assert [one.remote_id for one in page.comments] == ["s9", "s12"]
    assert (page.cursor, page.next_cursor) == ("12", "12")
    end = ADAPTER.mentions(call(door), page.next_cursor)
    assert (end.comments, end.cursor, end.next_cursor) == ((), "12", "")


def test_other_news_are_passed_over_where_a_relative_tells_them_too() -> None:
    follow = {"id": "15", "type": "follow", "status": None}
    page = ADAPTER.mentions(call(Scripted((ASKED, 200, [follow, told(14, "favourite"), told(13)]))), "9")
    assert [one.remote_id for one in page.comments] == ["s13"]
    assert page.cursor == "15"


def test_a_relative_that_ignores_the_cursor_tells_nothing_twice() -> None:
    door = Scripted(*[("GET", 200, [told(10), told(9), told(8)])] * 2)
    page = ADAPTER.mentions(call(door), "9")
    assert [one.remote_id for one in page.comments] == ["s10"]
    assert not ADAPTER.mentions(call(door), page.cursor).comments


def test_names_that_are_no_numbers_are_walked_as_well() -> None:
    first, second = "01K2M4X7Y8Z9A0B1C2D3E4F5G6", "01K2M4X7Y8Z9A0B1C2D3E4F5G7"
    page = ADAPTER.mentions(call(Scripted(("GET", 200, [told(second), told(first)]))), first)
    assert (page.cursor, len(page.comments)) == (second, 1)


@pytest.mark.parametrize("row", [{}, None, "x", {"id": "5"}, {"id": "5", "type": "mention", "status": {"id": "1"}}])
def test_what_is_no_notification_is_left_out(row: Any) -> None:
    page = ADAPTER.mentions(call(Scripted(("GET", 200, [row, told(3)]))), "")
    assert [one.remote_id for one in page.comments] == ["s3"]


def test_something_else_than_a_list_is_no_answer() -> None:
    with pytest.raises(Unavailable):
        ADAPTER.mentions(call(Scripted(("GET", 200, {"error": "maintenance"}))), "")

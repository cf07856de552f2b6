"""Headers are written by strangers: whatever stands there, an answer is read and never breaks."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.contract.answers import Answer, moment, quota_of, wait_until

NOW = datetime(2026, 8, 14, 9, tzinfo=UTC)
ODD = ["²", "9" * 5000, "999999999999999", "nan", "inf", "-inf", "0001-01-01T00:00:00+14:00", "\x00", "1e308"]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_header_is_passed_over(odd: str) -> None:
    answer = Answer(200, {"x-ratelimit-remaining": "7", "x-ratelimit-limit": odd, "x-ratelimit-reset": odd}, b"")
    assert quota_of(answer, now=NOW)["left"] == 7
    assert "reset_at" not in quota_of(answer, now=NOW)
    odd_count = Answer(200, {"x-ratelimit-remaining": odd, "retry-after": odd}, b"")
    assert set(quota_of(odd_count, now=NOW)) <= {"left"}
    assert wait_until(odd_count, now=NOW) is None


def test_a_server_that_counts_in_milliseconds_is_understood() -> None:
    assert moment("1786700100000", now=NOW) == datetime(2026, 8, 14, 9, 35, tzinfo=UTC)


def test_a_wait_of_days_is_cut() -> None:
    assert wait_until(Answer(429, {"retry-after": "999999"}, b""), now=NOW) == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-14T09:35:00.000000Z", datetime(2026, 8, 14, 9, 35, tzinfo=UTC)),
        ("1786700100", datetime(2026, 8, 14, 9, 35, tzinfo=UTC)),
        ("Fri, 14 Aug 2026 09:35:00 GMT", datetime(2026, 8, 14, 9, 35, tzinfo=UTC)),
        ("60", datetime(2026, 8, 14, 9, 1, tzinfo=UTC)),
        ("0.5", datetime(2026, 8, 14, 9, 0, 0, 500000, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_an_instant_is_read_as_servers_write_it(text: str, expected: datetime | None) -> None:
    assert moment(text, now=datetime(2026, 8, 14, 9, tzinfo=UTC)) == expected


def test_nobody_makes_us_wait_longer_than_a_day_or_into_the_past() -> None:
    now = datetime(2026, 8, 14, 9, tzinfo=UTC)
    assert wait_until(Answer(429, {"retry-after": "9999999"}, b""), now=now) == now + timedelta(days=1)
    assert wait_until(Answer(429, {"x-ratelimit-reset": "2020-01-01T00:00:00Z"}, b""), now=now) == now
    assert wait_until(Answer(429, {}, b""), now=now) is None


def test_the_quota_is_kept_as_it_is_told() -> None:
    now = datetime(2026, 8, 14, 9, tzinfo=UTC)
    headers = {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "298",
        "x-ratelimit-reset": "2026-08-14T09:35:00.000000Z",
    }
    assert quota_of(Answer(200, headers, b""), now=now) == {
        "left": 298,
        "limit": 300,
        "reset_at": "2026-08-14T09:35:00+00:00",
    }
    assert quota_of(Answer(200, {"x-ratelimit-remaining": "many"}, b""), now=now) == {}

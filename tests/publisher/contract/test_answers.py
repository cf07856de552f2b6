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

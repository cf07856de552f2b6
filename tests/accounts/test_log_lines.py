"""Secrets that stand in addresses reach no log line."""

import json
import logging

import pytest

from publisher.logs import LineFormatter

SECRET = "zKQ0w5Lr2-canary_8Xy7"


@pytest.mark.parametrize(
    "path",
    [
        "/r/{}",
        "/invitations/{}/",
        "/feed/{}.ics",
        "/accounts/confirm-email/{}/",
        "/accounts/password/reset/key/1-{}/",
    ],
)
def test_the_secret_of_an_address_is_left_out_of_words_and_traces(path: str) -> None:
    address = path.format(SECRET)
    trace = (RuntimeError, RuntimeError(f"at http://127.0.0.1:8000{address}?x=1"), None)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Internal Server Error: %s", (address,), trace)
    line = LineFormatter().format(record)
    assert SECRET not in line
    assert json.loads(line)["says"].startswith("Internal Server Error: /")


def test_other_addresses_stay_whole() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "GET /b/3/people/ /r/again/x/", (), None)
    assert "GET /b/3/people/ /r/again/x/" in LineFormatter().format(record)

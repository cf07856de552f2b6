"""Where a request comes from."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.address import client_address, short

FORGED = "203.0.113.66"
VISITOR = "198.51.100.7"


@pytest.mark.parametrize(
    ("proxies", "header", "direct", "seen"),
    [
        (0, None, VISITOR, VISITOR),
        (0, FORGED, VISITOR, VISITOR),
        (1, VISITOR, "10.0.0.1", VISITOR),
        (1, f"{FORGED}, {VISITOR}", "10.0.0.1", VISITOR),
        (2, f"{VISITOR}, 10.0.0.2", "10.0.0.1", VISITOR),
        (2, f"{FORGED}, {VISITOR}, 10.0.0.2", "10.0.0.1", VISITOR),
        (2, VISITOR, "10.0.0.1", "10.0.0.1"),
        (1, None, "10.0.0.1", "10.0.0.1"),
        (1, "<script>", "10.0.0.1", ""),
        (0, None, "", ""),
    ],
)
def test_the_visitor_is_counted_from_our_proxies(
    settings: Settings, proxies: int, header: str | None, direct: str, seen: str
) -> None:
    settings.PROXIES = proxies
    extra = {} if header is None else {"HTTP_X_FORWARDED_FOR": header}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=direct, **extra)) == seen


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("198.51.100.77", "198.51.100.0"),
        ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("::ffff:198.51.100.77", "198.51.100.0"),
        ("", ""),
        ("nonsense\r\n", ""),
    ],
)
def test_the_audit_keeps_a_shortened_address(address: str, kept: str) -> None:
    assert short(address) == kept

"""Few calls left are kept for people to see; plenty are not written down."""

import pytest

from publisher.clock.quotas import few_left, keep_quotas
from publisher.models import Profile
from tests.publisher.make_publisher import make_channel

RESET = "2026-12-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ({"left": 74, "limit": 300, "reset_at": RESET}, True),
        ({"left": 75, "limit": 300, "reset_at": RESET}, False),
        ({"left": 0, "limit": 300, "reset_at": RESET}, True),
        ({"left": 3, "limit": 300}, False),
        ({"left": 3, "reset_at": RESET}, False),
        ({}, False),
    ],
)
def test_few_is_less_than_a_quarter_of_what_is_allowed(quota: dict[str, object], expected: bool) -> None:
    assert few_left(quota) is expected


@pytest.mark.django_db
def test_the_last_word_of_the_platform_counts() -> None:
    profile = make_channel().profile
    quotas = [{"left": left, "limit": 300, "reset_at": RESET} for left in (12, 11)]
    keep_quotas((profile.pk, quota) for quota in quotas)
    assert Profile.objects.get(pk=profile.pk).quota["left"] == 11

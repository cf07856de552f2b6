"""One table of limits: the one after the last is refused, with the time to wait, and nobody else notices."""

import re
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse
from pytest_django import Settings

from accounts import limits
from accounts.limits import LIMITS, TooManyError
from accounts.models import OutgoingMail, Role
from tests.make import make_brand, make_member
from tests.security.world import browser_of

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("name", list(LIMITS))
def test_the_one_after_the_last_is_refused_until_the_window_ends(name: str) -> None:
    limit = LIMITS[name]
    with time_machine.travel("2026-11-21T10:00:00+00:00", tick=False):
        for _ in range(limit.count):
            limits.count(name, "mara")
        with pytest.raises(TooManyError) as refusal:
            limits.count(name, "mara")
        with pytest.raises(TooManyError):
            limits.check(name, "mara")
        limits.count(name, "ed")
        assert 0 < refusal.value.retry_after <= limit.seconds
        wait = refusal.value.retry_after
    with time_machine.travel(
        f"2026-11-21T{10 + wait // 3600:02}:{wait % 3600 // 60:02}:{wait % 60:02}+00:00", tick=False
    ):
        limits.count(name, "mara")


def test_every_limit_is_used_and_has_its_reason() -> None:
    used: set[str] = set()
    for package in ("accounts", "publisher", "calendar_app", "community"):
        for path in (ROOT / package).rglob("*.py"):
            used |= set(re.findall(r'limits\.count\(\s*"(\w+)"', path.read_text()))
    assert used == set(LIMITS)
    assert all(limit.reason for limit in LIMITS.values())


def test_what_is_counted_is_not_kept() -> None:
    limits.count("unknown_link", "198.51.100.7")
    assert "198.51.100.7" not in str(limits.MEMORY._cache) + str(vars(limits.cache))  # type: ignore[attr-defined]  # a look inside


@pytest.mark.django_db
def test_the_page_says_how_long_to_wait_and_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "invitation", limits.Limit(2, 3600, "two for this test"))
    brand = make_brand()
    mara, other = make_member("Mara", brand, Role.MANAGER), make_member("Mina", brand, Role.MANAGER)
    page = reverse("person_invite", args=[brand.pk])
    answers = [browser_of(mara).post(page, {"email": f"n{n}@example.test", "role": "brand:editor"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600
    assert OutgoingMail.objects.count() == 2
    beside = browser_of(other).post(page, {"email": "m@example.test", "role": "brand:editor"})
    assert beside.status_code == 302


def test_the_sign_in_library_takes_its_limits_from_the_table(settings: Settings) -> None:
    assert limits.SIGN_IN_LIMITS == settings.ACCOUNT_RATE_LIMITS

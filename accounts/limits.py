"""One table of limits: how often something may be done, by whom counted, and why."""

import time
from dataclasses import dataclass

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import salted_hmac


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within so many seconds, with the reason.

    ``local`` limits only spare the machine: each process counts in its own memory, and nothing is written.
    """

    count: int
    seconds: int
    reason: str
    local: bool = False


LIMITS: dict[str, Limit] = {
    "unknown_link": Limit(20, 60, "guessing a link’s secret, counted by address"),
    "link_again": Limit(10, 3600, "asking for letters to others, counted by address; three a day per person on top"),
    "invitation": Limit(60, 3600, "mail that a member sends to strangers, counted by member"),
    "unknown_invitation": Limit(20, 60, "guessing an invitation’s secret, counted by address"),
    "connect": Limit(20, 600, "trying servers and tokens, counted by member"),
    "link_page": Limit(60, 600, "reading pages that links lead to, counted by member"),
    "upload": Limit(300, 600, "decoding pictures takes the machine’s time, counted by member", local=True),
    "plan": Limit(120, 600, "reading a whole plan takes the machine’s time, counted by member", local=True),
    "preview": Limit(600, 60, "counting and drawing while somebody types, counted by member", local=True),
    "feed": Limit(120, 60, "calendar programs that ask without end, counted by feed", local=True),
    "unknown_feed": Limit(20, 60, "guessing a feed’s secret, counted by address"),
    "decision": Limit(240, 60, "a client’s decisions, counted by link", local=True),
    "send_for_approval": Limit(120, 3600, "mail to clients, counted by member"),
}

# The sign-in library’s own limits, named here so that the table is whole. Its syntax: count / time / counted by.
SIGN_IN_LIMITS: dict[str, str] = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "confirm_email": "1/180s/key",
}


MEMORY = LocMemCache("limits", {})


class TooManyError(Exception):
    """The limit is reached; the middleware answers 429 with ``Retry-After``."""

    def __init__(self, *, name: str, retry_after: int) -> None:
        super().__init__(f"limit {name} is reached")
        self.name = name
        self.retry_after = retry_after


def count(name: str, key: object) -> None:
    """Count one more; raises TooManyError once the limit is passed."""
    limit = LIMITS[name]
    left, slot = _place(name, key, limit)
    so_far = int(_book(limit).get(slot, 0))
    if so_far >= limit.count:
        raise TooManyError(name=name, retry_after=left)
    _book(limit).set(slot, so_far + 1, timeout=left)


def check(name: str, key: object) -> None:
    """Raise TooManyError if the limit is reached, without counting: what counts may be known only later."""
    limit = LIMITS[name]
    left, slot = _place(name, key, limit)
    if int(_book(limit).get(slot, 0)) >= limit.count:
        raise TooManyError(name=name, retry_after=left)


def _book(limit: Limit) -> BaseCache:
    return MEMORY if limit.local else cache


def _place(name: str, key: object, limit: Limit) -> tuple[int, str]:
    """Return the seconds left in this window and the name of its counter; the key itself is not kept."""
    now = int(time.time())
    who = salted_hmac("accounts.limits", f"{name}:{key}", algorithm="sha256").hexdigest()[:24]
    return limit.seconds - now % limit.seconds, f"limit:{name}:{now // limit.seconds}:{who}"

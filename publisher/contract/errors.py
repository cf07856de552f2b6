"""The four errors an adapter may raise: each is a consequence, with a code that people read as a sentence."""

from datetime import datetime
from typing import Any


class AdapterError(Exception):
    """Something a platform call ended with.

    ``code`` names a sentence in ``publisher.sentences`` (``text_too_long``, ``token_refused`` …), ``values``
    fill it in. Neither may carry a secret, nor text of the other side that people would read raw.
    ``status`` is the HTTP status where there was one, ``request_id`` the platform's own name for the call.
    """

    def __init__(
        self,
        code: str,
        *,
        values: dict[str, Any] | None = None,
        status: int | None = None,
        request_id: str = "",
        note: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.values = values or {}
        self.status = status
        self.request_id = request_id
        self.note = note


class Rejected(AdapterError):
    """The platform refuses this content for good: fix the content. Surely not published."""


class SignIn(AdapterError):
    """The sign-in no longer opens the door or lacks a scope: reconnect. Surely not published."""


class Unavailable(AdapterError):
    """Surely not done: never connected, 429, 503 with Retry-After, media not ready. Try again from ``retry_at`` on.

    ``scope`` says who has to wait: ``profile`` (rate limit of the account), ``host`` (the server is down or
    unreachable), ``call`` (only this one).
    """

    def __init__(self, code: str, *, retry_at: datetime | None = None, scope: str = "call", **details: Any) -> None:
        super().__init__(code, **details)
        self.retry_at = retry_at
        self.scope = scope


class OutcomeUnknown(AdapterError):
    """The call left and nobody knows what became of it: time-out, reset, cut answer, 5xx. Never repeat blindly."""

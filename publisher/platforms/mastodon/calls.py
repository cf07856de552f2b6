"""Calls of this API, and what its refusals mean."""

from datetime import timedelta
from functools import partial
from typing import Any, Unpack

from publisher.contract.answers import Answer
from publisher.contract.base import Call
from publisher.contract.calling import ask as ask_anybody
from publisher.contract.calling import now, read_json, said
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.contract.http import Wanted

SIGN_IN = {
    "scope": "scope_missing",
    "login is currently disabled": "account_disabled",
    "pending approval": "account_disabled",
    "confirm": "account_disabled",
}
REFUSED = {
    "character limit": "text_too_long",
    "too long": "text_too_long",
    "exceed": "text_too_long",
    "empty": "text_empty",
    "video to a post": "media_mixed",
    "more than": "too_many_media",
    "content type": "media_type",
    "unsupported": "media_type",
    "thumbnail": "media_refused",
    "": "refused",
}


def ask(
    call: Call, method: str, path: str, *, wrote: bool = False, gone: str = "not_found", **wanted: Unpack[Wanted]
) -> Answer:
    """Make a call to the account's server; ``gone`` is what a 404 means here. Raises the four errors."""
    means = partial(refusal, gone=gone)
    return ask_anybody(call, method, call.target.server + path, refusal=means, wrote=wrote, **wanted)


def read(call: Call, path: str, *, gone: str = "not_found", **wanted: Unpack[Wanted]) -> Any:
    """Read JSON that changes nothing."""
    return read_json(ask(call, "GET", path, gone=gone, **wanted))


def refusal(answer: Answer, details: dict[str, Any], *, gone: str) -> AdapterError:
    """Return what a status between 400 and 499 means."""
    text = said(answer, "error")
    if answer.status == 401:
        return SignIn("token_refused", **details)
    if answer.status == 403:
        code = next((code for sign, code in SIGN_IN.items() if sign in text), "")
        return SignIn(code, **details) if code else Rejected("not_allowed", **details)
    if "finished processing" in text:
        return Unavailable("media_processing", retry_at=now() + timedelta(seconds=5), **details)
    if "already attached" in text or answer.status == 409 or "idempotency" in text:
        return OutcomeUnknown("perhaps_out_already", **details)
    if answer.status == 404:
        return Unavailable(gone, **details) if gone == "prepared_stale" else Rejected(gone, **details)
    by_text = next(code for sign, code in REFUSED.items() if sign in text)
    return Rejected("media_too_large" if answer.status == 413 else by_text, **details)

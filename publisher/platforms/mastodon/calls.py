"""Calls of this API: what went wrong becomes one of the four errors."""

from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

from publisher.contract.answers import Answer, NotJson, wait_until
from publisher.contract.base import Call
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.contract.http import AnswerLost, DoorError, Wanted

SIGN_IN = {
    "scope": "scope_missing",
    "login is currently disabled": "account_disabled",
    "pending approval": "account_disabled",
    "confirm": "account_disabled",
}
BY_STATUS = {404: "not_found", 413: "media_too_large"}
REFUSED = {
    "character limit": "text_too_long",
    "too long": "text_too_long",
    "exceed": "text_too_long",
    "empty": "text_empty",
    "video to a post": "media_mixed",
    "more than": "too_many_media",
    "content type": "media_type",
    "thumbnail": "media_refused",
    "unsupported": "media_type",
    "": "refused",
}


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


def ask(call: Call, method: str, path: str, *, wrote: bool = False, **wanted: Unpack[Wanted]) -> Answer:
    """Make a call and return the answer of success. ``wrote`` says that doubt about it must not be repeated blindly."""
    wanted["secrets"] = call.secrets
    try:
        answer = call.door.call(method, call.target.server + path, **wanted)
    except AnswerLost as lost:
        if wrote:
            raise OutcomeUnknown("answer_lost", status=lost.status, note=lost.why) from None
        raise Unavailable("server_not_reached", scope="host", status=lost.status, note=lost.why) from None
    except DoorError as error:
        raise Unavailable("server_not_reached", scope="host", note=error.why) from None
    if not answer.is_ok:
        raise failure(answer, wrote=wrote)
    return answer


def read(call: Call, path: str, **wanted: Unpack[Wanted]) -> Any:
    """Read JSON that changes nothing."""
    try:
        return ask(call, "GET", path, **wanted).json()
    except NotJson:
        raise Unavailable("server_not_reached", scope="host", note="no JSON") from None


def said(answer: Answer) -> str:
    """Return what the server says went wrong, in lower case, to match words in it and never to show."""
    try:
        body = answer.json()
    except NotJson:
        return ""
    return str(body.get("error", ""))[:400].lower() if isinstance(body, dict) else ""


def failure(answer: Answer, *, wrote: bool) -> AdapterError:
    """Return the error that an answer means."""
    details: dict[str, Any] = {"status": answer.status, "request_id": answer.request_id}
    if answer.status == 429:
        return Unavailable("rate_limited", retry_at=wait_until(answer, now=now()), scope="profile", **details)
    if answer.status >= 500:
        if not wrote or (answer.status == 503 and "retry-after" in answer.headers):
            return Unavailable("server_busy", retry_at=wait_until(answer, now=now()), scope="host", **details)
        return OutcomeUnknown("server_error", **details)
    if answer.status < 400:
        return SignIn("server_moved", **details)
    return refusal(answer, details)


def refusal(answer: Answer, details: dict[str, Any]) -> AdapterError:
    """Return what a status between 400 and 499 means."""
    text = said(answer)
    if answer.status == 401:
        return SignIn("token_refused", **details)
    if answer.status == 403:
        code = next((code for sign, code in SIGN_IN.items() if sign in text), "")
        return SignIn(code, **details) if code else Rejected("not_allowed", **details)
    if "finished processing" in text:
        return Unavailable("media_processing", retry_at=now() + timedelta(seconds=5), **details)
    if "already attached" in text or answer.status == 409 or "idempotency" in text:
        return OutcomeUnknown("perhaps_out_already", **details)
    by_text = next(code for sign, code in REFUSED.items() if sign in text)
    return Rejected(BY_STATUS.get(answer.status, by_text), **details)

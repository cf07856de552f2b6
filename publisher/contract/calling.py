"""Making a call through the door so that every failure is one of the four errors."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Unpack

from publisher.contract.answers import Answer, NotJson, dictionary, quota_of, wait_until
from publisher.contract.base import Call
from publisher.contract.content import Receipt, Secrets
from publisher.contract.errors import AdapterError, OutcomeUnknown, SignIn, Unavailable
from publisher.contract.http import AnswerLost, DoorError, Wanted

Refusal = Callable[[Answer, dict[str, Any]], AdapterError]


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


def ask(
    call: Call, method: str, url: str, *, refusal: Refusal, wrote: bool = False, **wanted: Unpack[Wanted]
) -> Answer:
    """Make a call and return the answer of success.

    ``wrote`` says that a doubt must not be repeated blindly; ``refusal`` reads what a status from 400 to 499 means.
    """
    wanted.setdefault("secrets", call.secrets)
    try:
        answer = call.door.call(method, url, **wanted)
    except AnswerLost as lost:
        if wrote:
            raise OutcomeUnknown("answer_lost", status=lost.status, note=lost.why) from None
        raise Unavailable("server_not_reached", scope="host", status=lost.status, note=lost.why) from None
    except DoorError as error:
        raise Unavailable("server_not_reached", scope="host", note=error.why) from None
    if not answer.is_ok:
        raise failure(answer, wrote=wrote, refusal=refusal)
    return answer


def failure(answer: Answer, *, wrote: bool, refusal: Refusal) -> AdapterError:
    """Return the error that an answer means. A server that failed while it wrote leaves a doubt."""
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


def read_json(answer: Answer) -> Any:
    """Return what was read. Something else than JSON is not the server that we look for."""
    try:
        return answer.json()
    except NotJson:
        raise Unavailable("server_not_reached", scope="host", note="no JSON", status=answer.status) from None


def said(answer: Answer, *keys: str) -> str:
    """Return what the server says went wrong, in lower case: to match words in it, never to show them."""
    try:
        body = answer.json()
    except NotJson:
        return ""
    return " ".join(str(body.get(key, ""))[:400] for key in keys).lower() if isinstance(body, dict) else ""


def without_secrets(call: Call) -> Call:
    """Return the call without its secrets: a server we do not know yet is not shown the token."""
    return replace(call, secrets=Secrets())


def sure(answer: Answer, read: Callable[[dict[str, Any]], Receipt], *needed: str) -> Receipt:
    """Read the receipt of a write. A success that cannot be read is a doubt, never a failure."""
    try:
        body = dictionary(answer.json())
    except NotJson:
        body = {}
    if not all(body.get(name) is not None for name in needed):
        raise OutcomeUnknown("answer_unreadable", status=answer.status, request_id=answer.request_id)
    quota = quota_of(answer, now=now())
    return replace(read(body), status=answer.status, request_id=answer.request_id, quota=quota)

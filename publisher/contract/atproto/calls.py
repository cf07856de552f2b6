"""Calls of this protocol, and what its refusals mean."""

import re
from functools import partial
from typing import Any, Unpack

from publisher.contract.answers import Answer, dictionary
from publisher.contract.base import Call
from publisher.contract.calling import ask as ask_anybody
from publisher.contract.calling import read_json, said
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.contract.http import Wanted

POST, GATE, LIKE = "app.bsky.feed.post", "app.bsky.feed.threadgate", "app.bsky.feed.like"
RECORD = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/([a-zA-Z0-9.-]+)/([A-Za-z0-9._:~-]{1,512})")
SIGN_IN = {
    "authfactortokenrequired": "app_password_needed",
    "accounttakedown": "account_disabled",
    "accountdeactivated": "account_disabled",
    "accountsuspended": "account_disabled",
    "bad token scope": "scope_missing",
    "scope": "scope_missing",
    "": "token_refused",
}
REFUSED = {
    "grapheme too big": "text_too_long",
    "$.record.text": "text_too_long",
    "record/text": "text_too_long",
    "array too big": "too_many_media",
    "blob too big": "media_too_large",
    "mimetype": "media_refused",
    "invalidmimetype": "media_refused",
    "invalidsize": "media_too_large",
    "payloadtoolarge": "media_too_large",
    "too large": "media_too_large",
    "invalidhandle": "handle_unknown",
    "resolve handle": "handle_unknown",
    "resolve proxy": "watchers_unknown",
    "methodnotimplemented": "not_allowed",
    "": "refused",
}
GONE = ("recordnotfound", "notfound", "could not locate record")


def ask(
    call: Call, method: str, nsid: str, *, wrote: bool = False, gone: str = "not_found", **wanted: Unpack[Wanted]
) -> Answer:
    """Make a call to the account's own server, which passes on what others answer. Raises the four errors.

    ``gone`` is what a missing record means here. Two codes of Unavailable ask for something before the next try:
    ``token_expired`` to renew the sign-in, ``record_changed`` to read the record again and merge.
    """
    means = partial(refusal, gone=gone)
    return ask_anybody(call, method, f"{call.target.server}/xrpc/{nsid}", refusal=means, wrote=wrote, **wanted)


def query(call: Call, nsid: str, *, gone: str = "not_found", **wanted: Unpack[Wanted]) -> dict[str, Any]:
    """Read an object that changes nothing."""
    return dictionary(read_json(ask(call, "GET", nsid, gone=gone, **wanted)))


def record_at(call: Call, uri: str, *, gone: str = "not_found") -> dict[str, Any]:
    """Return uri, cid and value of a record in our own repository. Raises Rejected with ``gone`` where there is none."""
    did, collection, rkey = parts_of(uri)
    asked = {"repo": did, "collection": collection, "rkey": rkey}
    return query(call, "com.atproto.repo.getRecord", gone=gone, params=asked)


def put(call: Call, uri: str, record: dict[str, Any], **swap: str | None) -> Answer:
    """Write one named record; the same again changes nothing. ``swapRecord`` is the cid it must have, None for absence."""
    did, collection, rkey = parts_of(uri)
    body = {"repo": did, "collection": collection, "rkey": rkey, "validate": True, "record": record, **swap}
    return ask(call, "POST", "com.atproto.repo.putRecord", wrote=True, json=body)


def parts_of(uri: str) -> tuple[str, str, str]:
    """Return repository, collection and key of a record's address. Raises Rejected for what is none."""
    found = RECORD.fullmatch(uri)
    if found is None:
        raise Rejected("not_found")
    return found[1], found[2], found[3]


def refusal(answer: Answer, details: dict[str, Any], *, gone: str) -> AdapterError:
    """Return what a status between 400 and 499 means: the name counts, an expired token is a 400 here."""
    name, text = said(answer, "error"), said(answer, "error", "message")
    if answer.status in {401, 403} or "bad token scope" in text:
        return SignIn(next(code for sign, code in SIGN_IN.items() if sign in text), **details)
    if name in {"expiredtoken", "invalidtoken"}:
        return Unavailable("token_expired", note=name, **details)
    if name == "invalidswap":
        return Unavailable("record_changed", **details)
    if name == "blobnotfound" or "could not find blob" in text:
        return Unavailable("prepared_stale", **details)
    if name in GONE or GONE[-1] in text:
        return Rejected(gone, **details)
    by_text = next(code for sign, code in REFUSED.items() if sign in text)
    return Rejected("media_too_large" if answer.status == 413 else by_text, **details)

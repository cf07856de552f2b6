"""Accounts that can move: from a name to a permanent id, and from that to the server where the account lives.

Nothing is believed one-sidedly: the id's own document has to claim the name.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import unquote

from publisher.contract.addresses import Refused, place_of
from publisher.contract.answers import Answer, dictionary
from publisher.contract.base import Call
from publisher.contract.calling import ask, read_json, without_secrets
from publisher.contract.errors import AdapterError, Rejected

HANDLE = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
PLC = re.compile(r"did:plc:[a-z2-7]{24}")
WEB = re.compile(r"did:web:([A-Za-z0-9.-]+(?:%3A[0-9]+)?)")
NAMES, DIRECTORY = "https://public.api.bsky.app", "https://plc.directory"
SERVER, SERVER_KIND = "#atproto_pds", "AtprotoPersonalDataServer"


@dataclass(frozen=True, slots=True)
class Identity:
    """An account: its permanent id, the names that its document claims, and its server."""

    did: str
    handles: tuple[str, ...]
    server: str


def identity_of(call: Call, name: str) -> Identity:
    """Return whose name or id this is. Raises Rejected for one that nobody has or claims, Unavailable."""
    asked = without_secrets(call)
    name = name.strip().removeprefix("@")
    if name.startswith("did:"):
        return document_of(asked, name)
    handle = name.lower()
    if not HANDLE.fullmatch(handle):
        raise Rejected("handle_malformed")
    found = document_of(asked, did_of(asked, handle))
    if handle not in found.handles:
        raise Rejected("handle_not_claimed")
    return found


def did_of(call: Call, handle: str) -> str:
    """Ask whose name it is: the account's own server where it is known, else the network's index."""
    server = call.target.server or call.places.get("names") or NAMES
    url = f"{server}/xrpc/com.atproto.identity.resolveHandle"
    answer = ask(call, "GET", url, refusal=partial(unknown, code="handle_unknown"), params={"handle": handle})
    did = str(dictionary(read_json(answer)).get("did") or "")
    if not PLC.fullmatch(did) and not WEB.fullmatch(did):
        raise Rejected("handle_unknown")
    return did


def document_of(call: Call, did: str) -> Identity:
    """Read the document of an id where its kind keeps it."""
    by_host = WEB.fullmatch(did)
    if by_host is None and not PLC.fullmatch(did):
        raise Rejected("handle_malformed")
    directory = call.places.get("directory") or DIRECTORY
    url = f"https://{unquote(by_host[1])}/.well-known/did.json" if by_host else f"{directory}/{did}"
    answer = ask(call, "GET", url, refusal=partial(unknown, code="account_unknown"))
    document = dictionary(read_json(answer))
    server = next(servers_in(document, did), "")
    if document.get("id") != did or not server:
        raise Rejected("account_unknown")
    told = document.get("alsoKnownAs")
    names = [one.removeprefix("at://").lower() for one in map(str, told if isinstance(told, list) else ()) if one.startswith("at://")]
    return Identity(did, tuple(names), server)


def servers_in(document: dict[str, Any], did: str) -> Iterator[str]:
    """Yield the account's server as its document names it."""
    told = document.get("service")
    for one in map(dictionary, told if isinstance(told, list) else ()):
        if str(one.get("id")) in {SERVER, did + SERVER} and one.get("type") == SERVER_KIND:
            try:
                yield place_of(str(one.get("serviceEndpoint") or "")).origin
            except Refused:
                continue


def unknown(answer: Answer, details: dict[str, Any], *, code: str) -> AdapterError:  # noqa: ARG001  (any refusal means one thing)
    """Return what a refusal to tell of a name or an id means."""
    return Rejected(code, **details)


def claims_of(token: str) -> dict[str, Any]:
    """Read what a token says of itself, without believing it: only to know when to renew it and what it may do."""
    body = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return dictionary(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (ValueError, binascii.Error):
        return {}


def expiry_of(token: str) -> datetime | None:
    """Return when a token says that it ends."""
    told = claims_of(token).get("exp")
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        return None

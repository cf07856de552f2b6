"""An account's own server in memory, with the index over it: no socket, no clock, just their answers (pds 0.5.35)."""

import hashlib
import itertools
import json
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from atproto_client import models
from atproto_client.models.utils import get_or_create

from publisher.contract.answers import Answer
from publisher.contract.http import AnswerLost, PreparedCall
from publisher.contract.text import graphemes
from tests.publisher.contract.bluesky.appview import AppView, parent_of, refused, told
from tests.publisher.contract.kit import CANARY, Seen, WatchedDoor

OURS, THEIRS = "did:plc:w4xbfzo7kqfes5zb7r6qv3rw", "did:plc:k2m4zq7r5tdo3hvxcb6n5wpa"
HANDLES = {OURS: "valdoro.example.com", THEIRS: "ida.example.net"}
POST = "app.bsky.feed.post"
JUDGES = {
    POST: models.AppBskyFeedPost.Record,
    "app.bsky.feed.threadgate": models.AppBskyFeedThreadgate.Record,
    "app.bsky.feed.like": models.AppBskyFeedLike.Record,
}
APP_PASSWORD = "vino-2345-ross-odix"
REFRESH = "refresh-of-the-session"
SIGNS = "234567abcdefghijklmnopqrstuvwxyz"


class MemoryBluesky(WatchedDoor):
    """A world and the door to it in one. Every record is judged by somebody else's models before it is stored."""

    name = "memory"
    server = "https://pds.example"

    def __init__(self) -> None:
        super().__init__()
        self.door = self
        self.records: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.index = AppView(OURS, HANDLES, self.records)
        self.numbers = itertools.count(1)
        self.next_fault = ""
        self.expired: set[str] = set()
        self.is_active = True
        self.access = CANARY
        self.renewals: list[str] = []

    # What the suite asks

    def posts(self) -> list[Seen]:
        """Return what our account has."""
        return [self._seen(uri) for uri in self.records if uri.startswith(f"at://{OURS}/{POST}/")]

    def _seen(self, uri: str) -> Seen:
        value = self.records[uri]["value"]
        images = value.get("embed", {}).get("images", [])
        pictures = tuple((one["alt"], self.blobs[one["image"]["ref"]["$link"]]) for one in images)
        return Seen(uri, value["text"], parent_of(value), pictures)

    def comment(self, remote_id: str, text: str) -> str:
        """Let Ida write under a post."""
        above = self.records[remote_id]
        parent = {"uri": remote_id, "cid": above["cid"]}
        at = datetime.now(UTC) + timedelta(milliseconds=next(self.numbers))
        reply = {"root": above["value"].get("reply", {}).get("root", parent), "parent": parent}
        value = {"$type": POST, "text": text, "createdAt": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", "reply": reply}
        uri = f"at://{THEIRS}/{POST}/{tid(next(self.numbers))}"
        self._store(uri, value)
        return uri

    def remove(self, remote_id: str) -> None:
        """Delete a record."""
        del self.records[remote_id]

    def fault(self, effect: str) -> None:
        """Spoil the next record."""
        self.next_fault = effect

    def mend(self) -> None:
        """End it."""
        self.next_fault = ""

    def effects(self) -> set[str]:
        """Return what it knows."""
        return {"cut_after", "cut_before", "error_after", "rate_limited", "unavailable", "unauthorized"}

    # What the adapter asks

    def send(self, built: PreparedCall) -> Answer:
        """Answer a request."""
        self.went.append(built)
        place = urlsplit(built.place.target)
        nsid = place.path.removeprefix("/xrpc/").removeprefix("com.atproto.")
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        open_to_all: dict[str, Callable[[], Answer]] = {
            "_health": lambda: told(200, {"version": "0.5.35"}),
            "repo.getRecord": lambda: self._get(query),
            "identity.resolveHandle": lambda: self._resolve(query["handle"]),
            "server.refreshSession": lambda: self._renew(built),
            "server.deleteSession": lambda: self._renew(built),
            "server.createSession": lambda: self._open(json.loads(built.body)),
        }
        if nsid in open_to_all:
            return open_to_all[nsid]()
        return self._closed_to(built) or self._asked(nsid, built)

    def _closed_to(self, built: PreparedCall) -> Answer | None:
        token = built.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            return refused(401, "AuthMissing", "Authentication Required")
        if token in self.expired:
            return refused(400, "ExpiredToken", "Token has expired")
        return None if token == self.access else refused(400, "InvalidToken", "Token could not be verified")

    def _asked(self, nsid: str, built: PreparedCall) -> Answer:
        if nsid == "server.getSession":
            return told(200, {"did": OURS, "handle": HANDLES[OURS], "active": self.is_active})
        if nsid == "repo.uploadBlob":
            return self._upload(built)
        if nsid in {"repo.putRecord", "repo.applyWrites"}:
            return self._spoiled(lambda: self._write(nsid, json.loads(built.body)), built)
        if nsid == "repo.deleteRecord":
            asked = json.loads(built.body)
            self.records.pop(f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}", None)
            return told(200, {})
        return self.index.answer(built) or refused(501, "MethodNotImplemented", "Method Not Implemented")

    def _resolve(self, handle: str) -> Answer:
        found = next((did for did, name in HANDLES.items() if name == handle), "")
        return told(200, {"did": found}) if found else refused(400, "HandleNotFound", "Unable to resolve handle")

    def _open(self, asked: dict[str, str]) -> Answer:
        if asked != {"identifier": OURS, "password": APP_PASSWORD}:
            return refused(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._session()

    def _renew(self, built: PreparedCall) -> Answer:
        if built.headers.get("Authorization") != f"Bearer {REFRESH}":
            return refused(400, "ExpiredToken", "Token has been revoked")
        self.renewals.append(self.access)
        return self._session()

    def _session(self) -> Answer:
        tokens = {"accessJwt": self.access, "refreshJwt": REFRESH}
        return told(200, {**tokens, "did": OURS, "handle": HANDLES[OURS], "active": self.is_active})

    def _upload(self, built: PreparedCall) -> Answer:
        name = "bafkrei" + digest(built.body)
        self.blobs[name] = built.body
        mime = built.headers["Content-Type"]
        return told(200, {"blob": {"$type": "blob", "ref": {"$link": name}, "mimeType": mime, "size": len(built.body)}})

    def _get(self, query: dict[str, str]) -> Answer:
        uri = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
        found = self.records.get(uri)
        if found is None:
            return refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        return told(200, {"uri": uri, **found})

    def _write(self, nsid: str, asked: dict[str, Any]) -> Answer:
        if nsid == "repo.putRecord":
            return self._put(f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}", asked)
        rows = {f"at://{asked['repo']}/{one['collection']}/{one['rkey']}": one["value"] for one in asked["writes"]}
        if any(uri in self.records for uri in rows):
            return refused(500, "InternalServerError", "Internal Server Error")
        refusals = [found for value in rows.values() if (found := judged(value))]
        made = [self._store(uri, value) for uri, value in rows.items()] if not refusals else []
        kind = "com.atproto.repo.applyWrites#createResult"
        results = [{"$type": kind, **one, "validationStatus": "valid"} for one in made]
        return refusals[0] if refusals else told(200, {"results": results}, **quota())

    def _put(self, uri: str, asked: dict[str, Any]) -> Answer:
        record, there = asked["record"], self.records.get(uri)
        if found := judged(record):
            return found
        if there and there["cid"] == cid_of(record):
            return told(200, {"uri": uri, "cid": there["cid"], "validationStatus": "valid"}, **quota())
        if "swapRecord" in asked and asked["swapRecord"] != (there["cid"] if there else None):
            return refused(400, "InvalidSwap", f"Record was at {there and there['cid']}")
        return told(200, {**self._store(uri, record), "validationStatus": "valid"}, **quota())

    def _store(self, uri: str, value: dict[str, Any]) -> dict[str, str]:
        self.records[uri] = {"cid": cid_of(value), "value": value}
        return {"uri": uri, "cid": cid_of(value)}

    def _spoiled(self, do: Callable[[], Answer], built: PreparedCall) -> Answer:
        is_post = POST.encode() in built.body
        fault, self.next_fault = (self.next_fault, "") if is_post else ("", self.next_fault)
        if fault == "cut_before":
            raise AnswerLost("cut")
        if fault == "rate_limited":
            return Answer(429, {"ratelimit-reset": "4090000000"}, b'{"error":"RateLimitExceeded"}')
        if fault == "unavailable":
            return Answer(503, {"retry-after": "30"}, b'{"error":"NotEnoughResources"}')
        if fault == "unauthorized":
            return refused(401, "AuthenticationRequired", "Authentication Required")
        answer = do()
        if fault == "cut_after":
            raise AnswerLost("cut")
        return refused(500, "InternalServerError", "Internal Server Error") if fault else answer


def judged(record: dict[str, Any]) -> Answer | None:
    """Return the refusal of a record that breaks the rules; shapes are judged by the SDK's models."""
    words = str(record.get("text", ""))
    if graphemes(words) > 300:
        said = f"Invalid {POST} record: grapheme too big (maximum 300, got {graphemes(words)}) at $.record.text"
        return refused(400, "InvalidRequest", said)
    if judge := JUDGES.get(record["$type"]):
        get_or_create(record, judge, strict=True)
    return None


def cid_of(value: dict[str, Any]) -> str:
    """Return a name that follows from the bytes alone."""
    return "bafyrei" + digest(json.dumps(value, sort_keys=True).encode())


def digest(data: bytes) -> str:
    """Return 52 signs that follow from these bytes."""
    return b32encode(hashlib.sha256(data).digest()).decode().lower().rstrip("=")


def tid(number: int) -> str:
    """Return a record's name that sorts by its number."""
    return "3" + "".join(SIGNS[(number >> (5 * place)) & 31] for place in reversed(range(12)))


def quota() -> dict[str, str]:
    """Return the headers in which a server tells how much may still be written."""
    return {"ratelimit-limit": "5000", "ratelimit-remaining": "4997", "ratelimit-reset": "4090000000"}


@contextmanager
def memory(_folder: Path) -> Iterator[MemoryBluesky]:
    """A server in memory."""
    yield MemoryBluesky()

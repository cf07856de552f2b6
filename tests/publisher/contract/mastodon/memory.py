"""A Mastodon server in memory: no socket, no clock, just its answers."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from publisher.contract.answers import Answer
from publisher.contract.http import AnswerLost, PreparedCall
from tests.publisher.contract.kit import CANARY, Seen, WatchedDoor

OURS, THEIRS = "1001", "2002"
MOST = 500


class MemoryMastodon(WatchedDoor):
    """A world and the door to it in one."""

    name = "memory"
    server = "https://social.example"

    def __init__(self) -> None:
        super().__init__()
        self.door = self
        self.statuses: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.numbers = itertools.count(115023456789012345)
        self.next_fault = ""

    # What the suite asks

    def posts(self) -> list[Seen]:
        """Return what our account has."""
        return [
            Seen(
                one["id"],
                one["text"],
                one["in_reply_to_id"] or "",
                tuple((media["description"], media["bytes"]) for media in one["files"]),
            )
            for one in self.statuses.values()
            if one["account"]["id"] == OURS
        ]

    def comment(self, remote_id: str, text: str) -> str:
        """Let Ida write under a post."""
        return str(self._store(THEIRS, {"status": text, "in_reply_to_id": remote_id})["id"])

    def remove(self, remote_id: str) -> None:
        """Delete a status."""
        del self.statuses[remote_id]

    def fault(self, effect: str) -> None:
        """Spoil the next post."""
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
        known = f"Bearer {CANARY}" == built.headers.get("Authorization")
        for method, path, answer, is_open in self._routes():
            found = match(path, place.path)
            if built.method == method and found is not None:
                if not is_open and not known:
                    return said(401, {"error": "The access token is invalid"})
                return answer(built, {name: values[0] for name, values in parse_qs(place.query).items()}, *found)
        return said(404, {"error": "Record not found"})

    def _routes(self) -> Iterator[tuple[str, str, Callable[..., Answer], bool]]:
        yield "GET", "/api/v2/instance", self._instance, True
        yield "GET", "/nodeinfo/2.0", self._nodeinfo, True
        yield "GET", "/api/v1/accounts/verify_credentials", self._account, False
        yield "GET", "/api/v1/apps/verify_credentials", self._application, False
        yield "POST", "/api/v2/media", self._upload, False
        yield "POST", "/api/v1/statuses", self._post, False
        yield "GET", f"/api/v1/accounts/{OURS}/statuses", self._own, False
        yield "GET", "/api/v1/notifications", self._notifications, False
        yield "GET", "/api/v1/statuses/*/context", self._context, False
        yield "POST", "/api/v1/statuses/*/favourite", self._favourite, False
        yield "POST", "/api/v1/statuses/*/unfavourite", self._favourite, False

    def _instance(self, *_asked: Any) -> Answer:
        limits = {"max_characters": MOST, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        media = {
            "description_limit": 1500,
            "image_size_limit": 16777216,
            "image_matrix_limit": 33177600,
            "supported_mime_types": ["image/jpeg", "image/png"],
        }
        return said(
            200,
            {
                "domain": "social.example",
                "version": "4.5.3",
                "configuration": {"statuses": limits, "media_attachments": media},
            },
        )

    def _nodeinfo(self, *_asked: Any) -> Answer:
        return said(200, {"software": {"name": "mastodon", "version": "4.5.3"}})

    def _account(self, *_asked: Any) -> Answer:
        return said(200, account(OURS))

    def _application(self, *_asked: Any) -> Answer:
        return said(200, {"name": "Harbour Desk", "scopes": ["read", "write"]})

    def _upload(self, built: PreparedCall, _query: dict[str, str]) -> Answer:
        form = message_from_bytes(f"Content-Type: {built.headers['Content-Type']}\r\n\r\n".encode() + built.body)
        fields: dict[str, bytes] = {}
        for part in form.walk():
            if name := part.get_param("name", header="content-disposition"):
                fields[str(name)] = bytes(part.get_payload(decode=True) or b"")
        made = str(next(self.numbers))
        self.media[made] = {"id": made, "description": fields["description"].decode(), "bytes": fields["file"]}
        return said(200, {"id": made, "url": "https://files.example/x.jpg"})

    def _post(self, built: PreparedCall, _query: dict[str, str]) -> Answer:
        fault, self.next_fault = self.next_fault, ""
        if fault in {"rate_limited", "unavailable", "unauthorized", "cut_before"}:
            return spoiled(fault)
        asked, key = json.loads(built.body), built.headers.get("Idempotency-Key", "")
        if asked["in_reply_to_id"] not in {None, *self.statuses} if "in_reply_to_id" in asked else False:
            return said(404, {"error": "Record not found"})
        if len(asked["status"]) > MOST * 2:
            return said(422, {"error": f"Validation failed: Text character limit of {MOST} exceeded"})
        if key not in self.keys:
            self.keys[key] = self._store(OURS, asked)["id"]
        return spoiled(fault) if fault else said(200, shown(self.statuses[self.keys[key]]))

    def _store(self, who: str, asked: dict[str, Any]) -> dict[str, Any]:
        made = str(next(self.numbers))
        files = [self.media[one] for one in asked.get("media_ids", ())]
        self.statuses[made] = {
            "id": made,
            "text": asked["status"],
            "content": f"<p>{escape(asked['status'], quote=False)}</p>",
            "created_at": datetime.now(UTC).isoformat(),
            "in_reply_to_id": asked.get("in_reply_to_id"),
            "visibility": asked.get("visibility", "public"),
            "spoiler_text": asked.get("spoiler_text", ""),
            "url": f"{self.server}/@x/{made}",
            "uri": f"{self.server}/users/x/statuses/{made}",
            "account": account(who),
            "application": {"name": "Harbour Desk"} if who == OURS else None,
            "files": files,
            "media_attachments": [{"id": media["id"], "description": media["description"]} for media in files],
        }
        return self.statuses[made]

    def _own(self, _built: PreparedCall, query: dict[str, str]) -> Answer:
        rows = [shown(one) for one in reversed(self.statuses.values()) if one["account"]["id"] == OURS]
        older = [row for row in rows if int(row["id"]) < int(query.get("max_id", 10**30))]
        return said(200, older[: int(query["limit"])])

    def _notifications(self, _built: PreparedCall, query: dict[str, str]) -> Answer:
        """Return mentions newest first, from ``min_id`` on the page right after it."""
        told = [one for one in self.statuses.values() if one["account"]["id"] == THEIRS and "@valdoro" in one["text"]]
        rows = [{"id": one["id"], "type": query["types[]"], "status": shown(one)} for one in told]
        limit = int(query["limit"])
        if "min_id" in query:
            return said(200, [row for row in rows if int(row["id"]) > int(query["min_id"])][:limit][::-1])
        return said(200, rows[-limit:][::-1])

    def _context(self, _built: PreparedCall, _query: dict[str, str], remote_id: str) -> Answer:
        if remote_id not in self.statuses:
            return said(404, {"error": "Record not found"})
        below: list[dict[str, Any]] = []
        above = [remote_id]
        while above:
            children = [one for one in self.statuses.values() if one["in_reply_to_id"] == above[0]]
            below += map(shown, children)
            above = above[1:] + [one["id"] for one in children]
        return said(200, {"ancestors": [], "descendants": below})

    def _favourite(self, _built: PreparedCall, _query: dict[str, str], remote_id: str) -> Answer:
        found = self.statuses.get(remote_id)
        return said(200, shown(found)) if found else said(404, {"error": "Record not found"})


def match(path: str, asked: str) -> list[str] | None:
    """Return what stands for the stars of a path, or None."""
    ours, theirs = path.split("/"), asked.split("/")
    if len(ours) != len(theirs) or any(a not in {"*", b} for a, b in zip(ours, theirs, strict=True)):
        return None
    return [b for a, b in zip(ours, theirs, strict=True) if a == "*"]


def said(status: int, body: Any, **headers: str) -> Answer:
    """Return an answer."""
    return Answer(status, {"content-type": "application/json", **headers}, json.dumps(body).encode())


def spoiled(fault: str) -> Answer:
    """Return or raise what a fault looks like from outside."""
    if fault.startswith("cut"):
        raise AnswerLost("cut")
    if fault == "rate_limited":
        return said(429, {"error": "Too many requests"}, **{"x-ratelimit-reset": "2099-01-01T00:00:00.000000Z"})
    status = {"unavailable": 503, "unauthorized": 401, "error_after": 500}[fault]
    return said(status, {"error": "spoiled"}, **({"retry-after": "30"} if status == 503 else {}))


def shown(status: dict[str, Any]) -> dict[str, Any]:
    """Return a status as the API shows it."""
    return {name: value for name, value in status.items() if name not in {"text", "files"}}


def account(who: str) -> dict[str, Any]:
    """Return one of the two accounts."""
    name = "valdoro" if who == OURS else "ida@fjord.example"
    return {
        "id": who,
        "username": name.partition("@")[0],
        "acct": name,
        "display_name": name.title(),
        "url": "https://social.example/@x",
    }


@contextmanager
def memory(_folder: Path) -> Iterator[MemoryMastodon]:
    """A server in memory."""
    yield MemoryMastodon()

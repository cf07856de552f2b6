"""An index over records in memory: threads, notifications and posts, as the real one shows them (bsky 0.0.280)."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from publisher.contract.answers import Answer
from publisher.contract.http import PreparedCall

Record = dict[str, Any]
Query = dict[str, list[str]]
POST, LIKE, GATE, BLOCK = (f"app.bsky.{name}" for name in ("feed.post", "feed.like", "feed.threadgate", "graph.block"))


def told(status: int, body: Any, **headers: str) -> Answer:
    """Return an answer."""
    return Answer(status, {"content-type": "application/json", **headers}, json.dumps(body).encode())


def refused(status: int, name: str, message: str = "") -> Answer:
    """Return a refusal as this protocol writes it."""
    return told(status, {"error": name, "message": message or name})


class AppView:
    """Sees ``records`` (by address: cid and value, in the order of time) through the eyes of one account."""

    def __init__(self, ours: str, handles: dict[str, str], records: dict[str, Record]) -> None:
        self.ours, self.handles, self.records = ours, handles, records
        self.muted: set[str] = set()
        self.reports: list[Any] = []
        self.knows_watchers = True
        self.depth, self.breadth = 1000, 1000

    def answer(self, built: PreparedCall) -> Answer | None:
        """Answer a call that is for an index, None for any other."""
        place = urlsplit(built.place.target)
        nsid = place.path.removeprefix("/xrpc/")
        asked: dict[str, Callable[[Any], Answer]] = {
            "app.bsky.feed.getPostThread": self._thread,
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.notification.listNotifications": self._notifications,
        }
        if built.method == "GET" and nsid in asked:
            return asked[nsid](parse_qs(place.query))
        if nsid.startswith("app.bsky.graph."):
            return self._mute(nsid, json.loads(built.body))
        if nsid == "com.atproto.moderation.createReport":
            return self._report(built)
        return None

    # What it shows

    def _thread(self, query: Query) -> Answer:
        uri = query["uri"][0]
        if uri not in self.records:
            return refused(400, "NotFound", f"Post not found: {uri}")
        body = {"thread": self._node(uri, min(int(query["depth"][0]), self.depth))}
        gate = self.records.get(self._root_of(uri).replace(POST, GATE))
        if gate:
            body["threadgate"] = {"record": gate["value"], "cid": gate["cid"], "lists": []}
        return told(200, body)

    def _node(self, uri: str, depth: int) -> Record:
        node: Record = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(uri)}
        if depth:
            below = [one for one in self._below(uri) if not self._is_blocked(one)]
            node["replies"] = [self._node(one, depth - 1) for one in below[-self.breadth :][::-1]]
        return node

    def _view(self, uri: str) -> Record:
        record, likes = self.records[uri], self._likes(uri)
        return {
            "uri": uri,
            "cid": record["cid"],
            "author": self._author(uri),
            "record": record["value"],
            "replyCount": len(self._below(uri)),
            "likeCount": len(likes),
            "indexedAt": record["value"]["createdAt"],
            "viewer": dict([("like", one) for one in likes if did_of(one) == self.ours][:1]),
            "labels": [],
        }

    def _author(self, uri: str) -> Record:
        did = did_of(uri)
        return {"did": did, "handle": self.handles[did], "displayName": self.handles[did].partition(".")[0].title()}

    def _posts(self, query: Query) -> Answer:
        seen = [uri for uri in query["uris"] if uri in self.records and not self._is_blocked(uri)]
        return told(200, {"posts": [self._view(uri) for uri in seen]})

    def _notifications(self, query: Query) -> Answer:
        """Return them newest first; the cursor is the time of the last one shown."""
        rows = [row for row in self._news() if row["reason"] in query["reasons"]]
        before = query.get("cursor", ["9999"])[0]
        older = [row for row in rows[::-1] if row["indexedAt"] < before]
        page = older[: int(query["limit"][0])]
        return told(200, {"notifications": page, **({"cursor": page[-1]["indexedAt"]} if page else {})})

    def _news(self) -> Iterator[Record]:
        for uri, record in self.records.items():
            reason = self._reason(uri, record["value"])
            if reason and did_of(uri) not in {self.ours, *self.muted} and not self._is_blocked(uri):
                yield {
                    **{name: value for name, value in self._view(uri).items() if name in {"uri", "cid", "author", "record"}},
                    "reason": reason,
                    "isRead": True,
                    "indexedAt": record["value"]["createdAt"],
                }

    def _reason(self, uri: str, value: Record) -> str:
        if value["$type"] == LIKE:
            return "like" if did_of(value["subject"]["uri"]) == self.ours else ""
        if value["$type"] != POST:
            return ""
        root = self._root_of(uri)
        if root != uri and did_of(root) == self.ours and root not in self.muted:
            return "" if uri in self._hidden(root) else "reply"
        if value.get("embed", {}).get("record", {}).get("uri", "").startswith(f"at://{self.ours}/"):
            return "quote"
        return "mention" if f"@{self.handles[self.ours]}" in value["text"] else ""

    # How things hang together

    def _below(self, uri: str) -> list[str]:
        return [one for one, record in self.records.items() if parent_of(record["value"]) == uri]

    def _likes(self, uri: str) -> list[str]:
        likes = ((one, record["value"]) for one, record in self.records.items() if record["value"]["$type"] == LIKE)
        return [one for one, value in likes if value["subject"]["uri"] == uri]

    def _hidden(self, root: str) -> list[str]:
        gate = self.records.get(root.replace(POST, GATE), {"value": {}})
        return list(gate["value"].get("hiddenReplies", []))

    def _root_of(self, uri: str) -> str:
        return str(self.records[uri]["value"].get("reply", {}).get("root", {}).get("uri", uri))

    def _is_blocked(self, uri: str) -> bool:
        pair = {self.ours, did_of(uri)}
        blocks = ((one, record["value"]) for one, record in self.records.items() if record["value"]["$type"] == BLOCK)
        return any({did_of(one), value["subject"]} == pair for one, value in blocks)

    # What it is told

    def _mute(self, nsid: str, body: Record) -> Answer:
        about = str(body.get("actor") or body.get("root"))
        (self.muted.discard if ".unmute" in nsid else self.muted.add)(about)
        return Answer(200, {}, b"")

    def _report(self, built: PreparedCall) -> Answer:
        if "atproto-proxy" in built.headers and not self.knows_watchers:
            return refused(400, "InvalidRequest", "could not resolve proxy did")
        body = json.loads(built.body)
        self.reports.append(body)
        return told(200, {"id": len(self.reports), **body})


def did_of(uri: str) -> str:
    """Return whose record it is."""
    return uri.split("/")[2]


def parent_of(value: Record) -> str:
    """Return what a post answers, or nothing."""
    return str(value.get("reply", {}).get("parent", {}).get("uri", ""))

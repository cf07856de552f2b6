"""Our server and an index beside it, both in memory, and answers that a real network gave."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from publisher.contract.answers import Answer
from publisher.contract.atproto.calls import GATE, POST
from publisher.contract.base import Call
from publisher.contract.content import Receipt, Secrets, Target
from publisher.contract.http import AnswerLost, PreparedCall
from publisher.platforms.bluesky.comments import Comments
from publisher.platforms.bluesky.mentions import Mentions
from publisher.platforms.bluesky.moderation import Moderates
from tests.publisher.contract.bluesky.appview import AppView, refused, told
from tests.publisher.contract.kit import CANARY, PlayedDoor, WatchedDoor

RECORDED = json.loads(Path(__file__).with_name("recorded_talk.json").read_text("utf-8"))
SERVER = "https://pds.example"
US, IDA, ROLF = (f"did:plc:{name:a<24}" for name in ("us", "ida", "rolf"))
ROOT = f"at://{US}/{POST}/3msztvighk22l"
BEGAN = datetime(2026, 8, 14, 9, 30, tzinfo=UTC)
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


class Talk(Comments, Mentions, Moderates):
    """The part of the adapter that this is about."""


TALK = Talk()


class Network(WatchedDoor):
    """Our server and an index beside it, both in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Any]] = {}
        self.index = AppView(US, {US: "levante.test", IDA: "ida.test", ROLF: "rolf.test"}, self.records)
        self.before_put: list[Callable[[], None]] = []
        self.lost = 0
        self.keep(ROOT, {"$type": POST, "text": "Pane fresco", "createdAt": stamp(0)})

    def keep(self, uri: str, value: dict[str, Any]) -> str:
        self.records[uri] = {"cid": f"bafy{len(self.records)}{abs(hash(repr(value)))}", "value": value}
        return uri

    def says(self, who: str, text: str, under: str = "", minute: float = 0, **more: Any) -> str:
        """Somebody writes; a minute after what was written last, unless it is said when."""
        number = len(self.records)
        value = {"$type": POST, "text": text, "createdAt": stamp(minute or number), **more}
        if under:
            ref = {name: {"uri": uri, "cid": self.records[uri]["cid"]} for name, uri in (("root", ROOT), ("parent", under))}
            value["reply"] = ref
        return self.keep(f"at://{who}/{POST}/3mszulc25w{number:03d}".replace("0", "a").replace("1", "b"), value)

    def hidden(self) -> list[str]:
        return list(self.records[ROOT.replace(POST, GATE)]["value"].get("hiddenReplies", []))

    def send(self, built: PreparedCall) -> Answer:
        self.went.append(built)
        return self.index.answer(built) or self._repo(built)

    def _repo(self, built: PreparedCall) -> Answer:
        place = urlsplit(built.place.target)
        query, body = parse_qs(place.query), json.loads(built.body or b"{}")
        asked = {name: values[0] for name, values in query.items()} | body
        uri = f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}"
        there = self.records.get(uri)
        match place.path.rpartition(".")[2]:
            case "getRecord":
                return told(200, {"uri": uri, **there}) if there else refused(400, "RecordNotFound")
            case "deleteRecord":
                self.records.pop(uri, None)
                return told(200, {})
        if self.before_put:
            self.before_put.pop()()
            there = self.records.get(uri)
        if "swapRecord" in body and body["swapRecord"] != (there["cid"] if there else None):
            return refused(400, "InvalidSwap", "Record was at bafyother")
        self.keep(uri, body["record"])
        if self.lost:
            self.lost -= 1
            raise AnswerLost("cut")
        return told(200, {"uri": uri, "cid": self.records[uri]["cid"]})


def stamp(minutes: float) -> str:
    return (BEGAN + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def call(door: WatchedDoor, did: str = US) -> Call:
    return Call(Target(server=SERVER, remote_id=did, handle="@levante.test"), Secrets(access=CANARY), door)


def root(uri: str = ROOT) -> Receipt:
    return Receipt(uri, "")


def asked(network: Network, name: str) -> int:
    return sum(f".{name}" in built.place.target for built in network.went)


def played(body: Any, status: int = 200) -> Call:
    """Return a call behind which one answer waits."""
    return call(PlayedDoor(Answer(status, {}, json.dumps(body).encode())), RECORDED["ours"])

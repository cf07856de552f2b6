"""What a platform has to bring along for the suite: recorded answers, and worlds in which the adapter can be watched."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from publisher.contract.answers import Answer
from publisher.contract.base import Adapter, Call
from publisher.contract.content import Content, Secrets, Target
from publisher.contract.http import Door, PreparedCall

CANARY = "canary-Jx81kQ-token"


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing of ours as the other side has it."""

    remote_id: str
    text: str
    reply_to: str = ""
    pictures: tuple[tuple[str, bytes], ...] = ()


class World(Protocol):
    """The other side, real or in memory."""

    name: str
    door: "WatchedDoor"
    server: str

    def posts(self) -> list[Seen]:
        """Return what our account has out there, in order."""

    def comment(self, remote_id: str, text: str) -> str:
        """Let somebody else write under a post; return the id."""

    def remove(self, remote_id: str) -> None:
        """Delete something there, as its writer or the server would."""

    def fault(self, effect: str) -> None:
        """Spoil the next publishing call: cut_after, cut_before, error_after, rate_limited, unavailable, unauthorized."""

    def mend(self) -> None:
        """End all faults."""

    def effects(self) -> set[str]:
        """Return the faults that this world knows."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer that somebody really got or that the platform documents, and what it has to mean."""

    source: str
    status: int
    headers: Mapping[str, str]
    body: Any
    means: tuple[str, str]
    call: str = "publish"

    @property
    def answer(self) -> Answer:
        """Return it as the door would."""
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return Answer(self.status, dict(self.headers), body.encode())


@dataclass(frozen=True, slots=True)
class Kit:
    """All that the suite needs to know about one platform."""

    slug: str
    worlds: Mapping[str, Callable[[Path], AbstractContextManager[World]]]
    recorded: tuple[Recorded, ...]
    breaches: tuple[tuple[Content, str], ...]
    target: Target
    lengths: tuple[tuple[str, int], ...] = field(default=())


class WatchedDoor(Door):
    """A door that notes what goes through it."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.went: list[PreparedCall] = []

    def send(self, built: PreparedCall) -> Answer:
        """Note the request, then send it."""
        self.went.append(built)
        return super().send(built)


class PlayedDoor(WatchedDoor):
    """A door behind which one recorded answer waits for every call."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    def send(self, built: PreparedCall) -> Answer:
        """Return the recording."""
        self.went.append(built)
        return self.answer


class ShutDoor(Door):
    """A door that must not be used."""

    def send(self, built: PreparedCall) -> Answer:
        """Fail the test."""
        raise AssertionError(f"a call to {built.place.origin} where none is allowed")


def signed_in(adapter: Adapter, world: World) -> Call:
    """Return a call to the world's account, as connecting would have stored it."""
    secrets = Secrets(access=CANARY)
    found = adapter.check(Call(Target(server=world.server, remote_id=""), secrets, world.door))
    one = found.profiles[0]
    target = Target(
        server=found.server,
        remote_id=one.remote_id,
        handle=one.handle,
        software=one.software,
        version=one.version,
        limits=one.limits,
    )
    return Call(target, secrets, world.door)


def read_recorded(path: Path) -> Iterator[Recorded]:
    """Read recordings from a JSON file."""
    for row in json.loads(path.read_text("utf-8")):
        yield Recorded(
            source=row["source"],
            status=row["status"],
            headers=row.get("headers", {}),
            body=row["body"],
            means=(row["means"][0], row["means"][1]),
            call=row.get("call", "publish"),
        )

# ruff: noqa: ARG002  (the signatures are the contract's)
"""A platform in memory that does what a test tells it, and remembers who called when."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from publisher.contract.base import Adapter, Call, FindsPost
from publisher.contract.content import (
    Content,
    Found,
    Length,
    Look,
    Prepared,
    Problem,
    Receipt,
    Rendition,
    Target,
    Ticket,
)

Answer = Callable[[Content, Ticket], Receipt]


@dataclass
class World:
    """What the platform has seen; ``answers`` are used up one by one, then every call gets a receipt."""

    posts: dict[str, Receipt] = field(default_factory=dict)
    calls: list[tuple[float, str, Content]] = field(default_factory=list)
    prepared: list[Content] = field(default_factory=list)
    finds: int = 0
    answers: list[Answer | Exception] = field(default_factory=list)
    looks: list[Look | Exception] = field(default_factory=list)
    prepares: list[Exception | Mapping[str, Any]] = field(default_factory=list)
    honours_key: bool = True
    is_complete: bool = True
    delay_s: float = 0.0

    def published(self, ticket: Ticket) -> Receipt:
        """Store a post under its key, or return the one that is there."""
        receipt = Receipt(remote_id=uuid.uuid4().hex, url="https://social.example/@v/1", status=200, request_id="r-1")
        return self.posts.setdefault(ticket.key, receipt)

    def lost(self, error: Exception) -> Answer:
        """Return an answer that stores the post and then loses the receipt."""

        def answer(_content: Content, ticket: Ticket) -> Receipt:
            self.published(ticket)
            raise error

        return answer


WORLD = World()


def new_world(**values: Any) -> World:
    """Begin anew."""
    WORLD.__init__(**values)  # type: ignore[misc]  # the module's one world is emptied in place
    return WORLD


class EasyAdapter(Adapter):
    """Finds nothing wrong with any post, and the account in order."""

    def problems(self, content: Content, target: Target) -> list[Problem]:
        return []

    def length(self, content: Content, target: Target) -> Length:
        return Length(used=len(content.text), limit=500)

    def rendition(self, target: Target) -> Rendition:
        return Rendition(1600, 1600, 8_000_000, 8_000_000)

    def check(self, call: Call) -> Found:
        return Found(server=call.target.server, remote_user_id=call.target.remote_id, profiles=())


class FakeAdapter(EasyAdapter, FindsPost):
    """Speaks to ``WORLD``."""

    slug: ClassVar[str] = "fake"
    name: ClassVar[str] = "Fake"
    monogram: ClassVar[str] = "F"

    def prepare(self, call: Call, content: Content, ticket: Ticket) -> Prepared:
        WORLD.prepared.append(content)
        answer = WORLD.prepares.pop(0) if WORLD.prepares else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        WORLD.calls.append((time.time(), content.text, content))
        time.sleep(WORLD.delay_s)
        answer = WORLD.answers.pop(0) if WORLD.answers else None
        if isinstance(answer, Exception):
            raise answer
        return WORLD.published(ticket) if answer is None else answer(content, ticket)

    def honours_key(self, target: Target, kind: str = "post") -> bool:
        return WORLD.honours_key

    def key_lives_s(self, _target: Target, _kind: str = "post") -> int:
        return 3600

    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:
        WORLD.finds += 1
        look = WORLD.looks.pop(0) if WORLD.looks else Look(WORLD.posts.get(ticket.key), complete=True)
        if isinstance(look, Exception):
            raise look
        return look

    def listing_is_complete(self, target: Target, kind: str = "post") -> bool:
        return WORLD.is_complete

# ruff: noqa: ARG002  (the signatures are the contract's)
"""Four kinds of servers in memory, and the judge: it keeps what arrived when, and holds it against what was approved."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from publisher.contract.base import Call, FindsPost, RepliesToComments
from publisher.contract.content import (
    Content,
    Look,
    Prepared,
    Receipt,
    Target,
    Ticket,
)
from publisher.contract.errors import OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.models import Attempt, Channel, Connection, Publication
from tests.publisher.fake import EasyAdapter
from tests.publisher.model_time import Universe

Identity = tuple[uuid.UUID, int, str, int]
UNREAD_S = 1.0
"""How old the last reading of the stops may be when a call leaves."""


@dataclass
class Pass:
    """What the people of the model allowed: one part of one origin on one profile, in its words, in its window."""

    identity: Identity
    text: str
    due: float
    late_after: float
    brand: int
    agency: int
    channel: int
    answers: str = ""
    follows: str = ""
    is_void: bool = False
    left: float = 0.0


@dataclass
class StopNote:
    """A stop as its setter remembers it."""

    scope: str
    value: Any
    since: float

    def covers(self, one: Pass) -> bool:
        reach = {"agency": one.agency, "brand": one.brand, "channel": one.channel, "post": one.identity[0]}
        return self.scope == "all" or reach[self.scope] == self.value


@dataclass
class Judge:
    """All servers, all passes, all stops; ``wrong`` is what must not be."""

    universe: Universe = field(default_factory=Universe)
    way: str = "ok"
    delay_s: float = 5.0
    posts: dict[str, Receipt] = field(default_factory=dict)
    network: list[tuple[float, str, str]] = field(default_factory=list)
    effects: Counter[Identity] = field(default_factory=Counter)
    passes: dict[str, Pass] = field(default_factory=dict)
    stops: dict[int, StopNote] = field(default_factory=dict)
    pauses: dict[int, float] = field(default_factory=dict)
    lifted: dict[int, list[float]] = field(default_factory=dict)
    seen: int = 0
    calls: int = 0
    wrong: list[str] = field(default_factory=list)

    def says(self, is_right: bool, words: str) -> None:
        if not is_right:
            self.wrong.append(words)

    # arming

    def look_at_tries(self) -> None:
        """Judge what was armed since the last look: it is the moment at which everything had to be true."""
        tries = Attempt.objects.filter(pk__gt=self.seen).order_by("pk").select_related("publication")
        for one in tries:
            self.seen = one.pk
            if one.act != "find":
                self.armed(one.act, str(one.publication.key), one.publication)

    def armed(self, act: str, key: str, row: Publication) -> None:
        """Nothing is armed that is void, stopped, outside its window, disconnected, or perhaps out already."""
        one, now = self.passes.get(key), self.universe.now
        if one is None:
            self.wrong.append(f"{act} of something that nobody approved: {row}")
            return
        self.says(not one.is_void, f"{act} after its approval was void: {row}")
        self.says(not self.is_stopped(one), f"{act} under a stop: {row}")
        self.says(now <= one.late_after, f"{act} armed after its window: {row}")
        self.says(self.pauses.get(one.identity[1], 0) <= now, f"{act} during a pause of its profile: {row}")
        channel = Channel.objects.get(pk=one.channel)
        self.says(channel.state == "connected", f"{act} on a channel that is {channel.state}: {row}")
        self.says(act == "replay" or not self.may_be_out(key), f"sent again while it was perhaps out: {row}")
        self.says(act == "publish" or row.profile.platform == "keyed", f"repeated on a server that knows no keys: {row}")

    def is_stopped(self, one: Pass, *, older_than: float = 0.0) -> bool:
        return any(stop.covers(one) and self.universe.now - stop.since >= older_than for stop in self.stops.values())

    def may_be_out(self, key: str) -> bool:
        return key in self.posts or any(one == key for _, one, _ in self.network)

    # leaving

    def leaves(self, content: Content, ticket: Ticket) -> Pass | None:
        """A call leaves: in the words that were approved, not early, not late, written down, and not under a stop."""
        one, now = self.passes.get(ticket.key), self.universe.now
        self.calls += 1
        if one is None:
            self.wrong.append(f"left without a pass: {content.text!r}")
            return None
        self.says(content.text == one.text, f"{content.text!r} left where {one.text!r} was approved")
        self.says(now >= one.due, f"{one.due - now:.3f} s early: {content.text!r}")
        self.says(now <= one.late_after, f"{now - one.late_after:.3f} s after its window: {content.text!r}")
        self.says(not self.is_stopped(one, older_than=UNREAD_S), f"left under a stop: {content.text!r}")
        known = Attempt.objects.filter(publication__key=ticket.key, finished_at=None).exclude(act="find").exists()
        self.says(known, f"left without a try that was written down: {content.text!r}")
        if one.follows:
            root = self.posts.get(one.follows)
            self.says(root is not None and content.reply_to == root.remote_id, f"not under its post: {content.text!r}")
        elif one.answers:
            self.says(content.reply_to == one.answers, f"not under its comment: {content.text!r}")
        self.check_burst(one, now)
        one.left = now
        return one

    def check_burst(self, one: Pass, now: float) -> None:
        """What a lifted stop gives back goes out on a profile one after the other, some seconds apart."""
        lifts = self.lifted.get(one.identity[1])
        if lifts is None or one.left or one.due >= lifts[0] or one.follows:
            return
        before = lifts[-1] if len(lifts) > 1 else 0.0
        self.says(now - before >= 4.0, f"a burst after a stop, {now - before:.1f} s apart: {one.text!r}")
        lifts.append(now)

    # arriving

    def arrives(self, key: str, *, is_keyed: bool) -> Receipt:
        """A request takes effect."""
        if is_keyed and key in self.posts:
            return self.posts[key]
        identity = self.passes[key].identity
        self.effects[identity] += 1
        self.says(self.effects[identity] == 1, f"out twice: {self.passes[key].text!r}")
        self.posts[key] = Receipt(remote_id=f"{key[:8]}-{self.effects[identity]}", url="https://x.example/1", status=200)
        return self.posts[key]

    def deliver(self) -> None:
        """Let the network bring what has been on its way long enough."""
        due = [one for one in self.network if one[0] <= self.universe.now]
        self.network = [one for one in self.network if one[0] > self.universe.now]
        for _, key, slug in due:
            self.arrives(key, is_keyed=slug == "keyed")

    # what a call meets

    def answer(self, call: Call, content: Content, ticket: Ticket, *, slug: str) -> Receipt:
        """Do with a call what the test wants: one of WAYS."""
        if self.leaves(content, ticket) is None:
            raise Rejected("refused")
        is_keyed = slug == "keyed"
        if self.way in REFUSALS:
            raise self.refusal(call)
        if self.way == "late":
            self.network.append((self.universe.now + self.delay_s, ticket.key, slug))
        elif self.way != "never":
            receipt = self.arrives(ticket.key, is_keyed=is_keyed)
            if self.way == "ok":
                return receipt
        if self.way == "broken":
            raise RuntimeError("the adapter has a fault")
        raise OutcomeUnknown("answer_lost")

    def refusal(self, call: Call) -> Exception:
        until = self.universe.at + timedelta(seconds=40)
        return REFUSALS[self.way](until)

    def look(self, ticket: Ticket) -> Look:
        if self.way in {"busy", "down", "sign_in"}:
            raise REFUSALS[self.way](self.universe.at + timedelta(seconds=40))
        if self.way == "never":
            return Look(None, complete=False)
        return Look(self.posts.get(ticket.key), complete=True)


REFUSALS: dict[str, Callable[[datetime], Exception]] = {
    "rejected": lambda _until: Rejected("text_too_long", values={"over": 1, "limit": 2}),
    "busy": lambda until: Unavailable("rate_limited", retry_at=until, scope="profile"),
    "down": lambda _until: Unavailable("server_busy", scope="host"),
    "sign_in": lambda _until: SignIn("token_refused"),
}
WAYS = ("ok", "lost", "never", "late", "broken", *REFUSALS)
JUDGE = Judge()


class OpaqueAdapter(EasyAdapter, RepliesToComments):
    """Knows no keys and shows nothing of what it has."""

    slug: ClassVar[str] = "opaque"
    name: ClassVar[str] = "Opaque"
    monogram: ClassVar[str] = "O"

    def prepare(self, call: Call, content: Content, ticket: Ticket) -> Prepared:
        if JUDGE.way in REFUSALS:
            raise JUDGE.refusal(call)
        if JUDGE.way == "late":
            return {"until": (JUDGE.universe.at + timedelta(seconds=20)).isoformat()}
        return {}

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        return JUDGE.answer(call, content, ticket, slug=self.slug)

    def honours_key(self, target: Target, kind: str = "post") -> bool:
        return False

    def reply_text(self, text: str, person_handle: str, target: Target) -> str:
        return text


class ReadableAdapter(OpaqueAdapter, FindsPost):
    """Knows no keys, but shows all that it has."""

    slug: ClassVar[str] = "readable"

    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:
        return JUDGE.look(ticket)

    def listing_is_complete(self, target: Target, kind: str = "post") -> bool:
        return True


class PatchyAdapter(ReadableAdapter):
    """Shows some of what it has."""

    slug: ClassVar[str] = "patchy"

    def listing_is_complete(self, target: Target, kind: str = "post") -> bool:
        return False


class KeyedAdapter(ReadableAdapter):
    """Gives the same post for the same key."""

    slug: ClassVar[str] = "keyed"

    def honours_key(self, target: Target, kind: str = "post") -> bool:
        return True

    def key_lives_s(self, target: Target, kind: str = "post") -> int:
        return 3600


ADAPTERS: Mapping[str, type[OpaqueAdapter]] = {
    one.slug: one for one in (OpaqueAdapter, ReadableAdapter, PatchyAdapter, KeyedAdapter)
}


def reconnect_all() -> None:
    """Somebody signs in again everywhere."""
    Connection.objects.filter(state="lost").update(state="connected")
    Channel.objects.filter(state="lost").update(state="connected")

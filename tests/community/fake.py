"""A platform that exists only here: its thread is a list, and everything asked of it is counted."""

# ruff: noqa: ARG002  (the methods of a contract take what the contract says)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from publisher.contract.base import (
    Adapter,
    Call,
    HidesComments,
    LikesComments,
    LooksUpComments,
    MutesPeople,
    MutesThreads,
    ReadsComments,
    ReadsMentions,
    RepliesToComments,
    ReportsComments,
)
from publisher.contract.content import (
    CommentPage,
    Content,
    Found,
    Length,
    Person,
    Prepared,
    Problem,
    Receipt,
    RemoteComment,
    Rendition,
    Target,
    Ticket,
)
from publisher.contract.errors import AdapterError
from publisher.contract.threads import whole_thread

LONGEST = 500
BEGAN = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
OURS = Person("us", "@valdoro", "Cantina Valdoro")
LUCA = Person("luca", "@luca", "Luca Bassi", "https://social.example/@luca")
ANNA = Person("anna", "@anna", "Anna Righi", "https://social.example/@anna")


@dataclass
class Scene:
    """What the platform shows at the moment, and what was asked of it."""

    thread: list[RemoteComment] = field(default_factory=list)
    page_size: int = 0
    is_whole: bool = True
    problem: AdapterError | None = None
    reads: int = 0
    told: list[RemoteComment] = field(default_factory=list)
    deaf: AdapterError | None = None
    heard: int = 0
    liked: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    once: AdapterError | None = None
    crash: bool = False
    gone: tuple[str, ...] = ()
    there: set[str] = field(default_factory=set)
    looked_up: list[str] = field(default_factory=list)

    def says(self, remote_id: str, text: str, *, by: Person = LUCA, under: str = "root", **more: Any) -> RemoteComment:
        """Somebody writes."""
        at = more.pop("at", None) or BEGAN + timedelta(minutes=len(self.thread))
        comment = RemoteComment(
            remote_id=remote_id,
            parent_remote_id=under,
            root_remote_id="root",
            person=by,
            text=text,
            at=at,
            **{"url": f"https://social.example/{remote_id}", "html": "", "is_ours": by is OURS, **more},
        )
        self.thread.append(comment)
        return comment

    def tells(self, remote_id: str, *, under: str, by: Person = LUCA, text: str = "@valdoro") -> RemoteComment:
        """Somebody writes in a thread and the profile is notified."""
        said = self.says(remote_id, text, by=by, under=under)
        self.told.append(replace(said, root_remote_id=""))
        return said

    def person(self, identity: Any, *, name: str = "") -> Person:
        """Return the person that a row is about, perhaps under a new name."""
        return Person(identity.remote_id, identity.handle, name or identity.shown_name)

    def change(self, remote_id: str, **values: Any) -> None:
        """Somebody edits what they wrote."""
        self.thread = [replace(one, **values) if one.remote_id == remote_id else one for one in self.thread]

    def drop(self, remote_id: str) -> None:
        """It is on the platform no more."""
        self.thread = [one for one in self.thread if one.remote_id != remote_id]


SCENE = Scene()


class FakeAdapter(Adapter, ReadsComments, RepliesToComments, LikesComments):
    """Reads, answers and likes out of the scene."""

    slug = "fake"
    name = "Fake"
    monogram = "FK"
    text_lives_s: ClassVar[int] = 0

    def problems(self, content: Content, target: Target) -> list[Problem]:
        over = len(content.text) - LONGEST
        return [Problem("text_too_long", "text", {"limit": LONGEST, "over": over})] if over > 0 else []

    def length(self, content: Content, target: Target) -> Length:
        return Length(len(content.text), LONGEST)

    def rendition(self, target: Target) -> Rendition:
        return Rendition(1000, 1000, 1_000_000, 1_000_000)

    def prepare(self, call: Call, content: Content, ticket: Ticket) -> Prepared:
        return {}

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        return Receipt(f"sent-{ticket.key}", "https://social.example/sent")

    def check(self, call: Call) -> Found:
        return Found("https://social.example", "us", ())

    def honours_key(self, target: Target, kind: str = "post") -> bool:
        return True

    def comments(self, call: Call, root: Receipt, cursor: str) -> CommentPage:
        SCENE.reads += 1
        if SCENE.problem:
            raise SCENE.problem
        found = sorted(SCENE.thread, key=lambda comment: comment.at)
        if not SCENE.page_size:
            return CommentPage(tuple(found), is_whole=SCENE.is_whole)
        start = int(cursor or 0)
        end = start + SCENE.page_size
        following = str(end) if end < len(found) else ""
        return CommentPage(tuple(found[start:end]), cursor=str(len(found)), next_cursor=following)

    def reply_text(self, text: str, person_handle: str, target: Target) -> str:
        return f"{person_handle} {text}"

    def like(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        self._act("like", remote_id)

    def unlike(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        self._act("unlike", remote_id)

    def _act(self, verb: str, remote_id: str) -> None:
        if SCENE.problem:
            raise SCENE.problem
        SCENE.liked.append((verb, remote_id))


class AbleAdapter(FakeAdapter, LooksUpComments, HidesComments, MutesPeople, MutesThreads, ReportsComments):
    """The same platform where everything can be done about a comment, and whose listing has gaps."""

    slug = "able"

    def comments(self, call: Call, root: Receipt, cursor: str) -> CommentPage:
        page = super().comments(call, root, "")
        if SCENE.is_whole:
            return page
        return whole_thread([*page.comments], cursor=cursor, is_whole=False, gone=SCENE.gone)

    def still_there(self, call: Call, remote_ids: Sequence[str]) -> frozenset[str]:
        SCENE.looked_up += remote_ids
        return frozenset(SCENE.there.intersection(remote_ids))

    def hide(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        self._do("hide", remote_id)

    def show(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        self._do("show", remote_id)

    def mute_person(self, call: Call, person_id: str) -> None:
        self._do("mute_person", person_id)

    def unmute_person(self, call: Call, person_id: str) -> None:
        self._do("unmute_person", person_id)

    def mute_thread(self, call: Call, root_id: str) -> None:
        self._do("mute_thread", root_id)

    def unmute_thread(self, call: Call, root_id: str) -> None:
        self._do("unmute_thread", root_id)

    def report(self, call: Call, remote_id: str, extra: Mapping[str, object], *, reason: str, words: str) -> None:
        self._do(f"report {reason}: {words}", remote_id)

    def _do(self, verb: str, about: str) -> None:
        problem, SCENE.once = SCENE.once or SCENE.problem, None
        if problem:
            raise problem
        SCENE.asked.append((verb, about))
        if SCENE.crash:
            raise KeyboardInterrupt


class BellAdapter(FakeAdapter, ReadsMentions):
    """The same platform with notifications: the cursor is how many were told."""

    slug = "bell"
    tells_of_answers = True

    def mentions(self, call: Call, cursor: str) -> CommentPage:
        SCENE.heard += 1
        if SCENE.deaf:
            raise SCENE.deaf
        size = SCENE.page_size or 80
        start = int(cursor) if cursor else max(0, len(SCENE.told) - size)
        page = tuple(SCENE.told[start : start + size])
        here = str(start + len(page)) if page else cursor
        return CommentPage(page, cursor=here, next_cursor=here if page else "")

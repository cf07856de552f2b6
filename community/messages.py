"""A conversation as people read it: the thread in order, evidence, answers on their way, notes of colleagues."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from community.models import (
    Comment,
    CommentVersion,
    Conversation,
    Direction,
    ModerationAct,
    Note,
    ReplyDraft,
    ReplyState,
    Visibility,
)
from community.traces import NOTHING_DONE, Deeds, deeds_done
from publisher.models import PublicationState

SHOWN_AT_ONCE = 200
DEEPEST = 3


@dataclass(slots=True)
class Message:
    """One entry of the thread: a stranger's comment, a message of ours, an answer on its way, or a note."""

    at: datetime
    comment: Comment | None = None
    draft: ReplyDraft | None = None
    note: Note | None = None
    author: str = ""
    depth: int = 0
    under: str = ""
    deeds: Deeds = NOTHING_DONE
    answers: "list[Message]" = field(default_factory=list)

    @property
    def is_ours(self) -> bool:
        """Tell whether the words are the brand's."""
        return self.draft is not None or (self.comment is not None and self.comment.direction == Direction.OUTBOUND)

    @property
    def has_vanished(self) -> bool:
        """Tell whether the platform shows it no more."""
        return self.comment is not None and self.comment.visibility == Visibility.VANISHED

    @property
    def delivery(self) -> str:
        """Return where an answer on its way stands."""
        publication = self.draft.publication if self.draft else None
        return publication.state if publication else ""


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages in the order they are read, and how many older ones are left out."""

    messages: list[Message]
    earlier: int
    newest_inbound: Comment | None
    waiting: Comment | None


def thread_of(conversation: Conversation, *, shown: int = SHOWN_AT_ONCE) -> Thread:
    """Return the thread; a fixed number of questions to the database."""
    comments, earlier = _comments(conversation, shown)
    drafts = list(
        ReplyDraft.objects.filter(comment__conversation=conversation)
        .exclude(state=ReplyState.DROPPED)
        .select_related("author", "publication")
        .order_by("pk")
    )
    notes = Note.objects.filter(conversation=conversation).select_related("author").order_by("at")
    roots = [*_tree(comments, drafts), *(Message(at=note.at, note=note) for note in notes)]
    messages = list(_read(sorted(roots, key=lambda message: message.at)))
    inbound = [one for one in comments if one.direction == Direction.INBOUND and one.visibility == Visibility.VISIBLE]
    return Thread(
        messages=messages + _unreached(comments, messages),
        earlier=earlier,
        newest_inbound=inbound[-1] if inbound else None,
        waiting=next((one for one in inbound if one.handled_at is None), None),
    )


def _comments(conversation: Conversation, shown: int) -> tuple[list[Comment], int]:
    """Return the newest comments, oldest first, and how many stand before them."""
    acts = ModerationAct.objects.select_related("by").order_by("pk")
    rows = (
        Comment.objects.filter(conversation=conversation)
        .select_related("identity")
        .prefetch_related(Prefetch("versions", CommentVersion.objects.order_by("number")), Prefetch("acts", acts))
        .order_by("-remote_at", "-pk")
    )
    found = list(rows[: shown + 1])
    earlier = rows.count() - shown if len(found) > shown else 0
    return found[:shown][::-1], earlier


def _tree(comments: Iterable[Comment], drafts: Iterable[ReplyDraft]) -> list[Message]:
    """Hang answers under what they answer; what has lost its parent stands by itself."""
    by_publication = {draft.publication_id: draft for draft in drafts if draft.publication_id}
    messages = {comment.pk: _message(comment, by_publication) for comment in comments}
    roots: list[Message] = []
    for message in messages.values():
        comment = message.comment
        parent = messages.get(comment.parent_id or 0) if comment else None
        if parent is None:
            roots.append(message)
        else:
            parent.answers.append(message)
    kept = {message.comment.publication_id for message in messages.values() if message.comment}
    for draft in drafts:
        above = messages.get(draft.comment_id)
        if draft.publication_id not in kept:
            (above.answers if above else roots).append(_on_its_way(draft))
    return roots


def _message(comment: Comment, drafts: dict[int, ReplyDraft]) -> Message:
    draft = drafts.get(comment.publication_id or 0)
    author = draft.author.name if draft else ""
    return Message(at=comment.remote_at, comment=comment, author=author, deeds=deeds_done(comment))


def _on_its_way(draft: ReplyDraft) -> Message:
    return Message(at=draft.created_at, draft=draft, author=draft.author.name)


def _read(messages: Iterable[Message], depth: int = 0) -> Iterator[Message]:
    """Yield each message and what hangs under it, without growing the stack with the thread."""
    waiting = [(message, depth) for message in messages][::-1]
    while waiting:
        message, level = waiting.pop()
        message.depth = min(level, DEEPEST)
        yield message
        below = sorted(message.answers, key=lambda answer: answer.at, reverse=True)
        waiting.extend((answer, level + 1) for answer in below)


def stamp_of(messages: Iterable[Message], *more: object) -> str:
    """Return a short name for what is shown, the same while nothing has changed."""
    shown = [
        (
            message.depth,
            message.delivery,
            message.deeds.mark,
            message.draft.pk if message.draft else 0,
            message.note.pk if message.note else 0,
            _mark(message.comment) if message.comment else "",
        )
        for message in messages
    ]
    return hashlib.sha256(repr((shown, more)).encode()).hexdigest()[:16]


def _mark(comment: Comment) -> str:
    parts = (comment.pk, comment.text, comment.visibility, comment.handled_at, comment.liked_at, comment.identity_id)
    muted_at = comment.identity.muted_at if comment.identity else None
    return repr((parts, muted_at, name_of(comment), len(comment.versions.all())))


def _unreached(comments: Iterable[Comment], messages: Iterable[Message]) -> list[Message]:
    """Return what a circle of parents would hide: a server can send one, and nobody is lost."""
    read = {message.comment.pk for message in messages if message.comment}
    return [_message(comment, {}) for comment in comments if comment.pk not in read]


def name_of(comment: Comment) -> str:
    """Return the name that a stranger shows, or their handle."""
    return (comment.identity.shown_name or comment.identity.handle) if comment.identity else ""


def needs_a_person(messages: Iterable[Message]) -> dict[str, int]:
    """Count the answers that did not simply go out, by state."""
    troubled = (PublicationState.FAILED, PublicationState.UNKNOWN, PublicationState.MISSED)
    counts: dict[str, int] = defaultdict(int)
    for message in messages:
        if message.delivery in troubled:
            counts[message.delivery] += 1
    return dict(counts)

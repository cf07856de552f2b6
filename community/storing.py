"""Bringing one reading of a thread into the rows: in bulk, keeping what was edited or has vanished."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef

from community.models import (
    Act,
    Comment,
    CommentVersion,
    Conversation,
    Direction,
    Identity,
    ModerationAct,
    Visibility,
)
from community.people import identities_of
from community.reading import Reading
from community.strangers import language_tag, web_address
from community.waiting import link_parents, mark_answered, recount
from publisher.contract.answers import storable, storable_facts
from publisher.contract.content import Person, RemoteComment
from publisher.models import Publication, PublicationKind, PublicationState

ROWS_AT_ONCE = 400
BREATH_S = 0.02
INDEX_LAG = timedelta(seconds=30)
UPDATED = ["text", "html", "edited_at", "visibility", "fetched_at", "language", "url", "extra", "text_until"]
Row = TypeVar("Row")


@dataclass(slots=True)
class Difference:
    """What a reading says that the rows do not."""

    new: list[RemoteComment] = field(default_factory=list)
    edited: list[tuple[Comment, RemoteComment]] = field(default_factory=list)
    moved: list[Comment] = field(default_factory=list)
    vanished: list[Comment] = field(default_factory=list)
    renamed: list[Person] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.edited or self.moved or self.vanished or self.renamed)


@dataclass(frozen=True, slots=True)
class Visit:
    """One reading on its way into the rows of one conversation."""

    conversation: Conversation
    reading: Reading
    now: datetime
    text_lives: timedelta | None = None


def store(visit: Visit, *, is_still_mine: Callable[[], bool]) -> Difference:
    """Write what is new; return it. A worker that lost its lease meanwhile writes nothing."""
    reading = visit.reading
    if not (reading.comments or reading.is_whole or reading.gone):
        return Difference()
    known = {comment.remote_id: comment for comment in _rows(visit)}
    difference = compare(visit, known)
    if difference.new:
        difference = _without_strays(visit, known, difference)
    if not difference or not is_still_mine():
        return Difference()
    _write(visit, difference)
    return difference


def _rows(visit: Visit) -> list[Comment]:
    """Return what is known. An index that lags may contradict for a while what we have just hidden or shown."""
    lately = visit.reading.began_at - INDEX_LAG
    acts = ModerationAct.objects.filter(comment=OuterRef("pk"), act__in=[Act.HIDE, Act.SHOW], at__gte=lately)
    rows = Comment.objects.filter(conversation=visit.conversation).select_related("identity")
    return list(rows.annotate(is_settling=Exists(acts)))


def _without_strays(visit: Visit, known: dict[str, Comment], difference: Difference) -> Difference:
    """Look for what this channel already holds in another conversation, so that one message stays one row."""
    remote_ids = [remote.remote_id for remote in difference.new]
    strays = dict[str, Comment]()
    for some in _portions(remote_ids):
        rows = Comment.objects.filter(channel=visit.conversation.channel, remote_id__in=some).select_related("identity")
        strays.update((comment.remote_id, comment) for comment in rows)
    return compare(visit, known | strays) if strays else difference


def compare(visit: Visit, known: dict[str, Comment]) -> Difference:
    """Say what a reading changes, without a question to the database."""
    difference = Difference()
    for remote in visit.reading.comments:
        comment = known.get(remote.remote_id)
        if comment is None:
            difference.new.append(remote)
            continue
        if _is_edited(comment, remote):
            difference.edited.append((comment, remote))
        elif comment.visibility != _visibility(remote) and not getattr(comment, "is_settling", False):
            comment.visibility = _visibility(remote)
            difference.moved.append(comment)
        if _is_renamed(comment.identity, remote):
            difference.renamed.append(remote.person)
    seen = {remote.remote_id for remote in visit.reading.comments}
    if visit.reading.is_whole or visit.reading.gone:
        difference.vanished = [comment for comment in known.values() if _has_vanished(visit, comment, seen)]
    return difference


def _has_vanished(visit: Visit, comment: Comment, seen: set[str]) -> bool:
    """What came into the rows after the reading began cannot be missing in it."""
    was_there = comment.visibility != Visibility.VANISHED and comment.fetched_at < visit.reading.began_at
    is_missing = comment.remote_id not in seen and comment.conversation_id == visit.conversation.pk
    return was_there and is_missing and (visit.reading.is_whole or comment.remote_id in visit.reading.gone)


def _is_edited(comment: Comment, remote: RemoteComment) -> bool:
    if remote.edited_at is not None and remote.edited_at != comment.edited_at:
        return True
    # Our own words come back with the mention and the markup that the platform adds: that is no edit.
    return comment.direction == Direction.INBOUND and not comment.text_until and comment.text != storable(remote.text)


def _is_renamed(identity: Identity | None, remote: RemoteComment) -> bool:
    if identity is None:
        return False
    shown = (storable(remote.person.handle)[:255], storable(remote.person.name)[:255])
    return (identity.handle, identity.shown_name) != shown


def _visibility(remote: RemoteComment) -> Visibility:
    return Visibility.HIDDEN if remote.is_hidden else Visibility.VISIBLE


def _write(visit: Visit, difference: Difference) -> None:
    strangers = [remote.person for remote in difference.new if not remote.is_ours]
    identities = identities_of(visit.conversation, [*strangers, *difference.renamed])
    _write_new(visit, difference.new, identities)
    texts = {comment.pk: remote for comment, remote in difference.edited}
    changed = [comment for comment, _ in difference.edited] + difference.vanished
    for some in _portions(changed):
        with transaction.atomic():
            _keep_versions(visit, some)
            for comment in some:
                _change(visit, comment, texts.get(comment.pk))
            Comment.objects.bulk_update(some, UPDATED)
    for some in _portions(difference.moved):
        Comment.objects.bulk_update(some, ["visibility"])
    if difference.new or changed or difference.moved:
        _settle(visit, difference)


def _change(visit: Visit, comment: Comment, remote: RemoteComment | None) -> None:
    if remote is None:
        comment.visibility = Visibility.VANISHED
    else:
        _apply(visit, comment, remote)


def _settle(visit: Visit, difference: Difference) -> None:
    """Tie the ends together: parents, what our answers settled, whose turn it is."""
    if difference.new:
        link_parents(visit.conversation)
    ours = [remote.remote_id for remote in difference.new if remote.is_ours]
    if ours:
        mark_answered(visit.conversation, ours, at=visit.now)
    recount(visit.conversation.pk)


def _write_new(visit: Visit, remotes: Sequence[RemoteComment], identities: dict[str, Identity]) -> None:
    ours = _publications_of(visit, [remote for remote in remotes if remote.is_ours])
    rows = [_new_row(visit, remote, identities, ours) for remote in remotes]
    for number, some in enumerate(_portions(rows)):
        if number and connection.vendor == "sqlite":
            time.sleep(BREATH_S)  # SQLite has one writer: the clock's own goes between
        Comment.objects.bulk_create(some, ignore_conflicts=True)


def _new_row(
    visit: Visit, remote: RemoteComment, identities: dict[str, Identity], ours: dict[str, Publication]
) -> Comment:
    conversation = visit.conversation
    comment = Comment(
        brand_id=conversation.brand_id,
        conversation=conversation,
        channel_id=conversation.channel_id,
        remote_id=storable(remote.remote_id),
        parent_remote_id=storable(remote.parent_remote_id),
        direction=Direction.OUTBOUND if remote.is_ours else Direction.INBOUND,
        publication=ours.get(remote.remote_id),
        identity=None if remote.is_ours else identities.get(storable(remote.person.remote_id)[:255]),
        remote_at=remote.at,
        private=remote.is_private,
    )
    if conversation.muted_at or (comment.identity and comment.identity.muted_at):
        comment.handled_at = visit.now
    _apply(visit, comment, remote)
    return comment


def _apply(visit: Visit, comment: Comment, remote: RemoteComment) -> None:
    """Put what the platform shows now into a row that is not stored yet or whose old words are kept as a version."""
    comment.text, comment.html = storable(remote.text), storable(remote.html)
    comment.language = language_tag(remote.language)
    comment.url = web_address(remote.url)
    comment.extra = storable_facts(remote.extra)
    comment.edited_at, comment.fetched_at = remote.edited_at, visit.now
    comment.visibility = _visibility(remote)
    if visit.text_lives is not None and comment.direction == Direction.INBOUND:
        comment.text_until = visit.now + visit.text_lives


def _keep_versions(visit: Visit, comments: list[Comment]) -> None:
    """Keep what a comment said until now, and when it was seen to change."""
    strangers = [comment for comment in comments if comment.direction == Direction.INBOUND]
    counted = CommentVersion.objects.filter(comment__in=[comment.pk for comment in strangers])
    numbers = dict(counted.order_by().values_list("comment").annotate(last=Max("number")))
    versions = [
        CommentVersion(
            comment=comment,
            number=numbers.get(comment.pk, 0) + 1,
            text=comment.text,
            seen_at=visit.now,
            text_until=comment.text_until,
        )
        for comment in strangers
    ]
    CommentVersion.objects.bulk_create(versions)


def _publications_of(visit: Visit, remotes: Sequence[RemoteComment]) -> dict[str, Publication]:
    """Return which of our messages we sent ourselves, also those that a person said are out without their address."""
    if not remotes:
        return {}
    sent = Publication.objects.filter(profile=visit.conversation.channel.profile)
    by_id = {one.remote_id: one for one in sent.filter(remote_id__in=[remote.remote_id for remote in remotes])}
    nameless = sent.filter(
        kind=PublicationKind.REPLY,
        state=PublicationState.PUBLISHED,
        remote_id="",
        reply_to__in=[remote.parent_remote_id for remote in remotes if remote.remote_id not in by_id],
    )
    waiting = {one.reply_to: one for one in nameless}
    for remote in remotes:
        if remote.remote_id not in by_id and remote.parent_remote_id in waiting:
            by_id[remote.remote_id] = waiting.pop(remote.parent_remote_id)
    return by_id


def _portions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield lists short enough for one transaction."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield list(rows[start : start + ROWS_AT_ONCE])

"""Writing, changing and deleting posts: the checks and sentences of a Mastodon server."""

import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.counting import length
from sandbox.records import Account, Json, Media, Status
from sandbox.richtext import mentioned
from sandbox.store import Store

MAX_CHARACTERS = 500
MAX_MEDIA = 4
VISIBILITIES = ("public", "unlisted", "private", "direct")


class RefusedError(Exception):
    """The server says no, with this status and these words."""

    def __init__(self, status: int, text: str, **more: Any) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.more = more


@dataclass(slots=True, kw_only=True)
class Draft:
    """What somebody wants to say."""

    text: str
    in_reply_to: int | None = None
    visibility: str = "public"
    language: str = ""
    spoiler_text: str = ""
    sensitive: bool = False
    media_ids: list[int] = field(default_factory=list)
    key: str | None = None
    application: Json | None = None
    hand: str = "api"


def publish(store: Store, *, by: Account, draft: Draft) -> tuple[Status, bool]:
    """The post, and whether it is new: a known key gives the post it made before."""
    now = time.time()
    if draft.in_reply_to is not None and store.visible(draft.in_reply_to, viewer=by) is None:
        raise RefusedError(404, "Record not found")
    if draft.key is not None:
        known = store.remembered(account=by, key=draft.key, now=now)
        if known is not None:
            return known, False
    check_words(text=draft.text, spoiler_text=draft.spoiler_text, has_media=bool(draft.media_ids))
    if draft.visibility not in VISIBILITIES:
        raise RefusedError(422, "Validation failed: Visibility is not included in the list")
    attachable(store, by=by, media_ids=draft.media_ids, now=now)
    return _store(store, by=by, draft=draft, now=now), True


def _store(store: Store, *, by: Account, draft: Draft, now: float) -> Status:
    number = store.next_id()
    named = [account for account in mentioned(draft.text, find=store.account_named) if account.id != by.id]
    store.commit(
        "status",
        id=number,
        account_id=by.id,
        created_at=now,
        text=draft.text,
        visibility=draft.visibility,
        language=draft.language,
        spoiler_text=draft.spoiler_text,
        sensitive=draft.sensitive or bool(draft.spoiler_text),
        in_reply_to=draft.in_reply_to,
        media_ids=draft.media_ids,
        mentions=[account.id for account in named],
        application=draft.application,
        hand=draft.hand,
        key=draft.key,
        notices=[[store.next_id(), account.id] for account in named],
    )
    return store.statuses[number]


def check_words(*, text: str, spoiler_text: str, has_media: bool) -> None:
    if not text.strip() and not has_media:
        raise RefusedError(422, "Validation failed: Text can't be blank")
    if length(text=text, spoiler_text=spoiler_text) > MAX_CHARACTERS:
        raise RefusedError(422, f"Validation failed: Text character limit of {MAX_CHARACTERS} exceeded")


def attachable(store: Store, *, by: Account, media_ids: list[int], now: float, post: int | None = None) -> None:
    """Refuse files that are too many, foreign, used elsewhere, mixed or not ready."""
    if len(media_ids) > MAX_MEDIA:
        raise RefusedError(422, f"Cannot attach more than {MAX_MEDIA} files")
    found: list[Media] = []
    for number in media_ids:
        media = store.media.get(number)
        if media is None or media.account_id != by.id or media.status_id not in {None, post}:
            raise RefusedError(422, f"Validation failed: Media attachment {number} not found")
        found.append(media)
    if len(found) > 1 and any(media.kind == "video" for media in found):
        raise RefusedError(422, "Cannot attach a video to a post that already contains images")
    if any(media.ready_at > now for media in found):
        raise RefusedError(422, "Cannot attach files that have not finished processing. Try again in a moment!")


def own(store: Store, *, by: Account, number: int | None) -> Status:
    """A post of one's own; anybody else's does not exist here."""
    status = store.visible(number, viewer=by)
    if status is None or status.account_id != by.id:
        raise RefusedError(404, "Record not found")
    return status


def edit(store: Store, *, by: Account, number: int | None, draft: Draft) -> Status:
    status = own(store, by=by, number=number)
    check_words(text=draft.text, spoiler_text=draft.spoiler_text, has_media=bool(draft.media_ids))
    now = time.time()
    attachable(store, by=by, media_ids=draft.media_ids, now=now, post=status.id)
    store.commit(
        "edited",
        status_id=status.id,
        at=now,
        text=draft.text,
        spoiler_text=draft.spoiler_text,
        sensitive=draft.sensitive or bool(draft.spoiler_text),
        language=draft.language or status.language,
        media_ids=draft.media_ids,
        mentions=[account.id for account in mentioned(draft.text, find=store.account_named) if account.id != by.id],
    )
    return status


def delete(store: Store, *, by: Account, number: int | None) -> Status:
    status = own(store, by=by, number=number)
    store.commit("gone", status_id=status.id)
    return status


def favourite(store: Store, *, by: Account, status: Status) -> None:
    if by.id not in status.favourited_by:
        store.commit("favourite", notice_id=store.next_id(), status_id=status.id, account_id=by.id, at=time.time())


def unfavourite(store: Store, *, by: Account, status: Status) -> None:
    if by.id in status.favourited_by:
        store.commit("unfavourite", status_id=status.id, account_id=by.id)

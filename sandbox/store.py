"""Everything the sandbox knows, changed only by events that the journal can replay."""

import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sandbox.journal import Journal
from sandbox.records import Account, App, Arrival, Json, Media, Notification, Status, Token, Version

KEY_LIVES_S = 3600


class Store:
    """Rows in memory; `commit` applies one event and writes it down."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.clear()
        for event in journal.lines():
            self.apply(event)
        journal.open()

    def clear(self) -> None:
        self.software = ""
        self.accounts: dict[int, Account] = {}
        self.by_name: dict[str, int] = {}
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, Token] = {}
        self.statuses: dict[int, Status] = {}
        self.children: dict[int, list[int]] = defaultdict(list)
        self.media: dict[int, Media] = {}
        self.files: dict[str, Media] = {}
        self.notifications: dict[int, list[Notification]] = defaultdict(list)
        self.keys: dict[tuple[int, str], tuple[int, float]] = {}
        self.arrivals: list[Arrival] = []
        self._last_id = 0

    def next_id(self) -> int:
        """A number that rises with time, as Mastodon's own ids do."""
        self._last_id = max(self._last_id + 1, int(time.time() * 1000) << 16)
        return self._last_id

    def commit(self, do: str, **values: Any) -> None:
        event = {"do": do, **values}
        self.apply(event)
        self.journal.append(event)

    def apply(self, event: Json) -> None:
        values = dict(event)
        getattr(self, "_apply_" + values.pop("do"))(**values)

    def reset(self) -> None:
        """Forget everything, the journal's lines and files too; ids go on rising."""
        last = self._last_id
        self.clear()
        self._last_id = last
        self.journal.empty()

    # what changes

    def _apply_software(self, *, name: str) -> None:
        self.software = name

    def _apply_account(self, **values: Any) -> None:
        account = Account(**values)
        self._saw(account.id)
        self.accounts[account.id] = account
        self.by_name[account.acct.lower()] = account.id

    def _apply_app(self, **values: Any) -> None:
        app = App(**values)
        self._saw(app.id)
        self.apps[app.client_id] = app

    def _apply_token(self, **values: Any) -> None:
        token = Token(**values)
        self.tokens[token.token] = token

    def _apply_token_gone(self, *, token: str) -> None:
        self.tokens.pop(token, None)

    def _apply_media(self, **values: Any) -> None:
        media = Media(**values)
        self._saw(media.id)
        self.media[media.id] = self.files[media.file] = media

    def _apply_media_changed(self, *, media_id: int, description: str, focus: list[float]) -> None:
        self.media[media_id].description = description
        self.media[media_id].focus = focus

    def _apply_status(self, *, key: str | None, notices: list[list[int]], **values: Any) -> None:
        status = Status(**values)
        self._saw(status.id)
        self.statuses[status.id] = status
        self.accounts[status.account_id].status_ids.append(status.id)
        if status.in_reply_to is not None:
            self.children[status.in_reply_to].append(status.id)
        for media_id in status.media_ids:
            self.media[media_id].status_id = status.id
        if key is not None:
            self.keys[status.account_id, key] = (status.id, status.created_at)
        for notice_id, account_id in notices:
            notice = Notification(
                id=notice_id,
                account_id=account_id,
                kind="mention",
                from_id=status.account_id,
                status_id=status.id,
                created_at=status.created_at,
            )
            self._notify(notice)

    def _apply_edited(self, *, status_id: int, at: float, **values: Any) -> None:
        status = self.statuses[status_id]
        status.history.append(
            Version(
                at=status.edited_at or status.created_at,
                text=status.text,
                spoiler_text=status.spoiler_text,
                sensitive=status.sensitive,
                media_ids=status.media_ids,
            )
        )
        for name, value in values.items():
            setattr(status, name, value)
        for media_id in status.media_ids:
            self.media[media_id].status_id = status_id
        status.edited_at = at

    def _apply_gone(self, *, status_id: int) -> None:
        status = self.statuses[status_id]
        status.is_gone = True
        self.accounts[status.account_id].status_ids.remove(status_id)
        for media_id in status.media_ids:
            self.media[media_id].status_id = None
        for notices in self.notifications.values():
            notices[:] = [notice for notice in notices if notice.status_id != status_id]

    def _apply_favourite(self, *, notice_id: int, status_id: int, account_id: int, at: float) -> None:
        status = self.statuses[status_id]
        status.favourited_by.add(account_id)
        if status.account_id != account_id:
            notice = Notification(
                id=notice_id,
                account_id=status.account_id,
                kind="favourite",
                from_id=account_id,
                status_id=status_id,
                created_at=at,
            )
            self._notify(notice)

    def _apply_unfavourite(self, *, status_id: int, account_id: int) -> None:
        status = self.statuses[status_id]
        status.favourited_by.discard(account_id)
        notices = self.notifications[status.account_id]
        notices[:] = [
            notice
            for notice in notices
            if (notice.kind, notice.from_id, notice.status_id) != ("favourite", account_id, status_id)
        ]

    def _apply_arrival(self, **values: Any) -> None:
        self.arrivals.append(Arrival(**values))

    def _notify(self, notice: Notification) -> None:
        self._saw(notice.id)
        self.notifications[notice.account_id].append(notice)

    def _saw(self, number: int) -> None:
        self._last_id = max(self._last_id, number)

    # what is asked

    def account_named(self, name: str) -> Account | None:
        number = self.by_name.get(name.lower())
        return None if number is None else self.accounts[number]

    def account_of(self, token: str | None) -> Account | None:
        held = self.tokens.get(token) if token else None
        return self.accounts.get(held.account_id) if held and held.account_id is not None else None

    def remembered(self, *, account: Account, key: str, now: float) -> Status | None:
        """The post that this key already made within the hour."""
        found = self.keys.get((account.id, key))
        if found is None or now - found[1] > KEY_LIVES_S:
            return None
        status = self.statuses[found[0]]
        return None if status.is_gone else status

    def is_visible(self, status: Status, *, viewer: Account | None) -> bool:
        if status.is_gone:
            return False
        if status.visibility in {"public", "unlisted"}:
            return True
        return viewer is not None and (viewer.id == status.account_id or viewer.id in status.mentions)

    def visible(self, number: int | None, *, viewer: Account | None) -> Status | None:
        status = self.statuses.get(number) if number is not None else None
        return status if status is not None and self.is_visible(status, viewer=viewer) else None

    def ancestors(self, status: Status, *, viewer: Account | None) -> list[Status]:
        found: list[Status] = []
        parent = status.in_reply_to
        while parent is not None and parent in self.statuses:
            above = self.statuses[parent]
            if self.is_visible(above, viewer=viewer):
                found.append(above)
            parent = above.in_reply_to
        return found[::-1]

    def descendants(self, status: Status, *, viewer: Account | None) -> Iterable[tuple[int, Status]]:
        """Depth and comment, depth first; what hangs under a vanished comment stays."""
        waiting = [(1, number) for number in reversed(self.children.get(status.id, []))]
        while waiting:
            depth, number = waiting.pop()
            below = self.statuses[number]
            if self.is_visible(below, viewer=viewer):
                yield depth, below
            waiting.extend((depth + 1, child) for child in reversed(self.children.get(number, [])))

    def replies_to(self, status: Status) -> int:
        return sum(
            not self.statuses[number].is_gone and self.statuses[number].visibility in {"public", "unlisted"}
            for number in self.children.get(status.id, ())
        )

    def roots(self) -> Iterable[Status]:
        """Public posts, newest first."""
        for number in reversed(self.statuses):
            status = self.statuses[number]
            if status.in_reply_to is None and status.visibility == "public" and not status.is_gone:
                yield status

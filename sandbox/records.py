"""The rows of the sandbox: accounts, posts, pictures, notifications, arrivals."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Account:
    """Somebody with a name: a brand's account, or a made-up person (`is_person`)."""

    id: int
    username: str
    display_name: str
    colour: str
    created_at: float
    is_person: bool = False
    domain: str = ""
    note: str = ""
    status_ids: list[int] = field(default_factory=list)

    @property
    def acct(self) -> str:
        return f"{self.username}@{self.domain}" if self.domain else self.username


@dataclass(slots=True, kw_only=True)
class App:
    """A program that was registered with the server."""

    id: int
    name: str
    website: str
    redirect_uris: str
    scopes: str
    client_id: str
    client_secret: str


@dataclass(slots=True, kw_only=True)
class Token:
    """What a caller shows; without an account it stands for a program alone."""

    token: str
    account_id: int | None
    client_id: str
    scopes: str
    created_at: float


@dataclass(slots=True, kw_only=True)
class Version:
    """What a post said before somebody edited it."""

    at: float
    text: str
    spoiler_text: str
    sensitive: bool
    media_ids: list[int]


@dataclass(slots=True, kw_only=True)
class Status:
    """A post or a comment; a comment has `in_reply_to`."""

    id: int
    account_id: int
    created_at: float
    text: str
    visibility: str
    language: str
    spoiler_text: str
    sensitive: bool
    in_reply_to: int | None
    media_ids: list[int]
    mentions: list[int]
    application: Json | None
    hand: str
    edited_at: float | None = None
    is_gone: bool = False
    favourited_by: set[int] = field(default_factory=set)
    history: list[Version] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Media:
    """An uploaded file, stored under a random name beside the journal."""

    id: int
    account_id: int
    file: str
    mime: str
    kind: str
    width: int
    height: int
    description: str
    focus: list[float]
    ready_at: float
    status_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Notification:
    """News for one account."""

    id: int
    account_id: int
    kind: str
    from_id: int
    status_id: int
    created_at: float


@dataclass(slots=True, kw_only=True)
class Arrival:
    """One call that wanted to post, noted before doubles are removed."""

    account: str | None
    key: str | None
    text: str
    digest: str
    in_reply_to_id: str | None
    arrived_at: float
    stored_id: str | None = None
    answered: int | None = None

"""Frozen values that go into an adapter and come out of it. Times are aware UTC, ids are opaque text."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Prepared = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Media:
    """One file of a post, exactly the bytes that were approved. ``focus`` is ``x,y`` between -1 and 1.

    ``path`` is where this machine keeps the file; ``address`` a signed, short-lived URL for platforms that
    fetch media themselves (empty where the installation has none).
    """

    key: str
    path: str
    mime: str
    bytes: int
    width: int
    height: int
    sha256: str
    alt: str = ""
    focus: str = ""
    duration_ms: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What one publication sends.

    ``kind`` is post, part, first_comment, reply or private_message; ``reply_to`` the remote id it hangs under
    (for a part: the part before it) and ``reply_root`` the id of the whole thread's first post. ``reply_extra`` is what the adapter
    stored about those two (a Bluesky cid, a LinkedIn activity URN, a Telegram discussion message). ``options`` are the platform's
    own, as its ``options_template`` writes them.
    """

    text: str
    kind: str = "post"
    media: tuple[Media, ...] = ()
    link: str = ""
    language: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    reply_to: str = ""
    reply_root: str = ""
    reply_extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: the profile out there, its software and limits as last read."""

    server: str
    remote_id: str
    handle: str = ""
    software: str = ""
    version: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


class Secrets:
    """The tokens of one sign-in, opened for the length of a call. They never show in a repr, str or pickle."""

    __slots__ = ("_access", "_app", "_refresh")

    def __init__(self, *, access: str = "", refresh: str = "", app: str = "") -> None:
        self._access = access
        self._refresh = refresh
        self._app = app

    @property
    def access(self) -> str:
        """Return the token that opens the profile."""
        return self._access

    @property
    def refresh(self) -> str:
        """Return the token that renews the first one."""
        return self._refresh

    @property
    def app(self) -> str:
        """Return our application's secret at that server."""
        return self._app

    def __repr__(self) -> str:
        return "Secrets(***)"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("secrets are not pickled")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What was fixed before the first try and stays the same in every other one.

    ``key`` is the idempotency key (a UUID); ``rkey`` and ``record_created_at`` are for platforms whose records
    the client names; ``started_at`` is when the first try left, for look-ups.
    """

    key: str
    rkey: str = ""
    record_created_at: datetime | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform said: its id, address, and what later calls need (``extra``).

    ``further`` are receipts of parts that the same call brought out (an album), in order.
    """

    remote_id: str
    url: str
    uri: str = ""
    published_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    request_id: str = ""
    quota: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post of our own that a look-up came across: enough for a person to recognise it."""

    remote_id: str
    url: str
    at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look-up found. ``complete`` only when the listing surely holds everything since ``started_at``.

    ``read`` is how many posts it went through, ``nearest`` those closest to the hour of the try: what a person is
    shown who has to decide.
    """

    receipt: Receipt | None
    complete: bool
    read: int = 0
    nearest: tuple[SeenPost, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach of a platform's rules, found without a call. ``field`` is text, media, alt, link or options.

    ``values`` carry at least ``limit`` and ``over`` for lengths. ``is_warning`` problems do not block.
    """

    code: str
    field: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    position: int | None = None
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is as the platform counts, and what it allows."""

    used: int
    limit: int

    @property
    def over(self) -> int:
        """Return how many are too many, 0 when it fits."""
        return max(0, self.used - self.limit)


@dataclass(frozen=True, slots=True)
class Card:
    """A link as a platform draws it: where it leads, the words on it, and whether the first picture stands on it."""

    address: str
    title: str
    words: str
    has_picture: bool

    @property
    def host(self) -> str:
        """Return whose page it is."""
        return self.address.partition("://")[2].partition("/")[0]


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as its readers see it: the text, what stands in it short with the whole address behind, and the card."""

    text: str
    links: tuple[tuple[str, str], ...] = ()
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """How a channel wants a picture: the recipe that freezing applies. Sizes in pixels and bytes.

    Ratios are width by height; 0 means any.
    """

    max_width: int
    max_height: int
    max_pixels: int
    max_bytes: int
    formats: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp")
    min_ratio: float = 0.0
    max_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a server and a token turn out to be, read before a channel exists."""

    server: str
    remote_user_id: str
    profiles: "tuple[FoundProfile, ...]"
    scopes: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundProfile:
    """A page or account that the sign-in may use."""

    remote_id: str
    handle: str
    name: str
    url: str
    software: str = ""
    version: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a comment, as the platform shows them."""

    remote_id: str
    handle: str
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class RemoteComment:
    """One comment as read. ``text`` is plain; ``html`` is already cleaned to links and paragraphs, or empty."""

    remote_id: str
    parent_remote_id: str
    root_remote_id: str
    person: Person
    text: str
    html: str
    at: datetime
    url: str = ""
    edited_at: datetime | None = None
    language: str = ""
    is_private: bool = False
    is_ours: bool = False
    is_hidden: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Comments oldest first; ``next_cursor`` empty ends the paging; ``cursor`` is where the next visit starts.

    ``is_whole`` says that the page lists the entire thread, so that what is missing has vanished; ``gone`` names
    comments that the platform says are gone or closed to us, whatever else is missing.
    ``sightings`` are posts of our own that the reading came across: a look-up may adopt them (a Telegram bot
    sees its channel's posts only as copies in the discussion group).
    """

    comments: tuple[RemoteComment, ...]
    cursor: str = ""
    next_cursor: str = ""
    is_whole: bool = False
    gone: tuple[str, ...] = ()
    sightings: tuple[Receipt, ...] = ()

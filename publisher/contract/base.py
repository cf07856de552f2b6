"""The adapter and its further abilities: one small class each. What a platform cannot do, its adapter lacks.

There is no ability that deletes other people's words.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from publisher.contract.content import (
    CommentPage,
    Content,
    Found,
    Length,
    Look,
    Prepared,
    Problem,
    Receipt,
    Rendition,
    Secrets,
    Shown,
    Target,
    Ticket,
)
from publisher.contract.http import Door


@dataclass(frozen=True, slots=True)
class Call:
    """Everything an adapter needs for one call: where, with which secrets, through which door, as which application.

    ``places`` are the platform's own directories where the installation names others than the public ones.
    """

    target: Target
    secrets: Secrets
    door: Door
    client_id: str = ""
    places: Mapping[str, str] = field(default_factory=dict)


class Adapter(ABC):
    """Publishing to one platform. An adapter holds no state: one instance serves all profiles and threads."""

    slug: ClassVar[str]
    name: ClassVar[str]
    monogram: ClassVar[str]
    kinds: ClassVar[frozenset[str]] = frozenset({"post"})

    @abstractmethod
    def problems(self, content: Content, target: Target) -> list[Problem]:
        """Name every breach of the platform's rules, without a call."""

    @abstractmethod
    def length(self, content: Content, target: Target) -> Length:
        """Count the text as the platform counts."""

    def as_sent(self, content: Content, target: Target) -> str:  # noqa: ARG002  (for adapters that need it)
        """Return the words exactly as they leave: what a reviewer has to be shown."""
        return content.text

    def shown(self, content: Content, target: Target) -> Shown:
        """Return the post as its readers see it, for previews and for whoever approves it."""
        return Shown(self.as_sent(content, target))

    @abstractmethod
    def rendition(self, target: Target) -> Rendition:
        """Say how pictures have to be."""

    @abstractmethod
    def prepare(self, call: Call, content: Content, ticket: Ticket) -> Prepared:
        """Do all that is harmless before the hour: upload media, make containers, check. May be repeated.

        The answer is JSON; ``until`` in it (ISO time) says when it is stale. Raises the four errors.
        """

    @abstractmethod
    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        """Make the one small irreversible call. Raises the four errors; anything doubtful is OutcomeUnknown."""

    @abstractmethod
    def check(self, call: Call) -> Found:
        """Ask who the token belongs to and what the server allows. Raises SignIn, Unavailable, Rejected."""

    @abstractmethod
    def honours_key(self, target: Target, kind: str = "post") -> bool:
        """Say whether replaying the identical call with the same ticket can never publish twice.

        That is a fact of the server software, not of the API spoken. It holds as well where ``publish`` only flips
        something that ``prepare`` made (a WordPress draft) or overwrites one named thing (the answer to a review).
        """

    def key_lives_s(self, target: Target, kind: str = "post") -> int:  # noqa: ARG002  (for adapters that need it)
        """Return for how many seconds after the first try a replay is harmless (0: never, see honours_key)."""
        return 0

    def address(self, target: Target) -> str:
        """Return the URL whose host ``publish`` will call, so that the clock can warm the connection."""
        return target.server


class FindsPost(ABC):
    """Can look its own recent posts up after an unknown outcome."""

    @abstractmethod
    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:
        """Look for the post that the ticket's try may have left behind. Raises Unavailable and SignIn."""

    @abstractmethod
    def listing_is_complete(self, target: Target, kind: str = "post") -> bool:
        """Say whether "not found" after three looks surely means that nothing is out."""


class ReadsComments(ABC):
    """Can read the thread under a post. ``text_lives_s`` is how long its terms let us keep the words (0: no limit)."""

    text_lives_s: ClassVar[int] = 0

    @abstractmethod
    def comments(self, call: Call, root: Receipt, cursor: str) -> CommentPage:
        """Return one page of the thread of ``root``, oldest first; asking again from the cursor yields nothing new."""


class LooksUpComments(ABC):
    """Can say of single comments whether they are still there: for threads whose listing leaves out what exists."""

    @abstractmethod
    def still_there(self, call: Call, remote_ids: Sequence[str]) -> frozenset[str]:
        """Return which of these the account can still see. Asked in small portions."""


class RepliesToComments(ABC):
    """Can answer a comment: a publication of kind ``reply`` goes through ``publish``."""

    @abstractmethod
    def reply_text(self, text: str, person_handle: str, target: Target) -> str:
        """Return the text as it has to be sent so that the person is told (Mastodon needs the mention in it)."""


class LikesComments(ABC):
    """Can like a comment; twice is harmless."""

    @abstractmethod
    def like(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        """Like it."""

    @abstractmethod
    def unlike(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        """Take the like back."""


class HidesComments(ABC):
    """Can hide a comment from other readers and show it again; twice is harmless."""

    @abstractmethod
    def hide(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        """Hide it. The platform keeps it, and so do we."""

    @abstractmethod
    def show(self, call: Call, remote_id: str, extra: Mapping[str, object]) -> None:
        """Show it again."""


class MutesPeople(ABC):
    """Can keep a person's words out of the account's own notifications, and let them in again; twice is harmless."""

    @abstractmethod
    def mute_person(self, call: Call, person_id: str) -> None:
        """Mute them. Nobody else notices, and what they write stays where it is."""

    @abstractmethod
    def unmute_person(self, call: Call, person_id: str) -> None:
        """Hear them again."""


class MutesThreads(ABC):
    """Can keep a whole thread out of the account's own notifications, and let it in again; twice is harmless."""

    @abstractmethod
    def mute_thread(self, call: Call, root_id: str) -> None:
        """Mute it. Nobody else notices."""

    @abstractmethod
    def unmute_thread(self, call: Call, root_id: str) -> None:
        """Hear it again."""


REPORT_REASONS = ("spam", "rude", "misleading", "sexual", "violation", "other")


class ReportsComments(ABC):
    """Can report a comment to who watches over the platform. Twice is two reports: a doubt is never repeated."""

    @abstractmethod
    def report(self, call: Call, remote_id: str, extra: Mapping[str, object], *, reason: str, words: str) -> None:
        """Report it for one of REPORT_REASONS, with words for the people who read it there."""


class SendsPrivately(ABC):
    """Can send a private message in answer: a publication of kind ``private_message``."""

    @abstractmethod
    def private_window_s(self, target: Target) -> int:
        """Return for how many seconds after the comment it is allowed, 0 for always."""


class ReadsMentions(ABC):
    """Can read what is said to the profile wherever it is said: mentions, tagged posts, reviews.

    ``tells_of_answers`` says that answers in the threads of its posts are among them, so that one reading tells which
    threads have to be read now.
    """

    tells_of_answers: ClassVar[bool] = False

    @abstractmethod
    def mentions(self, call: Call, cursor: str) -> CommentPage:
        """Return one page of mentions, oldest first; asking again from the cursor yields nothing new.

        Without a cursor it is the newest page: what was said long ago is not told again.
        """


class ReadsUpdates(ABC):
    """Its comments come in one stream per sign-in that forgets (a bot's updates): one reader, nothing read twice."""

    @abstractmethod
    def updates(self, call: Call, cursor: str) -> CommentPage:
        """Return what came after the cursor, of all threads; asking with a cursor lets the platform forget the rest."""


class TakesWebhooks(ABC):
    """Its platform rings the bell."""

    @abstractmethod
    def answer_to_challenge(self, query: Mapping[str, str], secret: str) -> tuple[str, str] | None:
        """Return content type and body that prove the address is ours, or None for a challenge that is not for us."""

    @abstractmethod
    def is_signed(self, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """Check the signature over the raw body in constant time."""

    @abstractmethod
    def rung(self, body: bytes) -> tuple[tuple[str, str], ...]:
        """Return ``(event key, profile remote id)`` pairs. Content is never taken from here, only fetched."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a person's browser is sent to sign in with: the page, and what has to be kept until they come back."""

    url: str
    keep: Mapping[str, str]


class SignsInAtPlatform(ABC):
    """People sign in on the platform's own page (OAuth with state and PKCE), not with a pasted token."""

    @abstractmethod
    def invite(self, call: Call, *, redirect: str, state: str, verifier: str) -> Invitation:
        """Return where to send the browser. Everything needed later is kept by us, nothing is read from the answer."""

    @abstractmethod
    def redeem(
        self, call: Call, *, code: str, redirect: str, verifier: str, keep: Mapping[str, str]
    ) -> tuple[Secrets, Found]:
        """Exchange the code at the address that was kept. Raises SignIn, Unavailable."""


class SignsInWithPassword(ABC):
    """People give the account's name and a password made for this program alone; a session is kept instead of it.

    ``sign_in_page`` is where the platform makes such passwords.
    """

    sign_in_page: ClassVar[str] = ""

    @abstractmethod
    def sign_in(self, call: Call, *, account: str, password: str) -> tuple[Secrets, Found]:
        """Find the account's server and open a session there, once. Raises Rejected, SignIn, Unavailable."""


class RefreshesSignIn(ABC):
    """Its tokens expire and are renewed, by one worker at a time. An expired one is Unavailable ``token_expired``."""

    @abstractmethod
    def refresh(self, call: Call) -> tuple[Secrets, Found]:
        """Return the new secrets and what they open. Raises SignIn when only a person can help, else Unavailable."""


class EndsSignIn(ABC):
    """Can revoke a token at the platform."""

    @abstractmethod
    def revoke(self, call: Call) -> None:
        """Revoke it; a token that is already dead is no error."""

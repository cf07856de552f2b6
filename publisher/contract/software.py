"""One API, several programs that speak it: what may be trusted is a fact of the software, not of the API."""

from abc import abstractmethod
from dataclasses import dataclass

from publisher.contract.base import Adapter, FindsPost
from publisher.contract.content import Target


@dataclass(frozen=True, slots=True)
class Software:
    """How one family behaves. The defaults take what we do not know at its worst.

    ``key_lives_s``: how long it honours an idempotency key. ``lists_own``: the list of own posts is complete and
    timely. ``whole_thread``: it shows a thread to the end. ``counts_graphemes`` and ``shortens``: how it counts.
    """

    key_lives_s: int = 0
    lists_own: bool = False
    whole_thread: bool = False
    counts_graphemes: bool = False
    shortens: bool = False
    needs_picture: bool = False
    visibilities: tuple[str, ...] = ("public", "unlisted", "private", "direct")


UNKNOWN = Software()


class TrustsSoftware(FindsPost, Adapter):
    """An adapter that trusts keys and listings only where the software is known to deserve it."""

    @abstractmethod
    def software(self, target: Target) -> Software:
        """Return what is known of the server's software, UNKNOWN for a strange one."""

    def honours_key(self, target: Target, kind: str = "post") -> bool:  # noqa: ARG002  (every kind is a post here)
        """Say whether a replay is harmless."""
        return self.software(target).key_lives_s > 0

    def key_lives_s(self, target: Target, kind: str = "post") -> int:  # noqa: ARG002  (every kind is a post here)
        """Return for how long."""
        return self.software(target).key_lives_s

    def listing_is_complete(self, target: Target, kind: str = "post") -> bool:  # noqa: ARG002  (one listing for all)
        """Say whether three empty looks prove that nothing is out."""
        return self.software(target).lists_own

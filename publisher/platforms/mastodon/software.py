"""What differs between the servers that speak this API: facts of the software, found in nodeinfo."""

from dataclasses import dataclass

HOUR = 3600
FOUR = ("public", "unlisted", "private", "direct")


@dataclass(frozen=True, slots=True)
class Software:
    """How one family behaves. What we do not know is taken at its worst."""

    key_lives_s: int = 0
    lists_own: bool = False
    whole_thread: bool = False
    counts_graphemes: bool = False
    shortens: bool = False
    needs_picture: bool = False
    visibilities: tuple[str, ...] = FOUR


FAMILIES = {
    "mastodon": Software(key_lives_s=HOUR, lists_own=True, whole_thread=True, counts_graphemes=True, shortens=True),
    "gotosocial": Software(lists_own=True, whole_thread=True),
    "pleroma": Software(key_lives_s=6 * HOUR, lists_own=True, whole_thread=True, counts_graphemes=True),
    "akkoma": Software(key_lives_s=6 * HOUR, lists_own=True, whole_thread=True, counts_graphemes=True),
    "pixelfed": Software(lists_own=True, needs_picture=True, visibilities=("public", "unlisted", "private")),
    "takahe": Software(lists_own=True, whole_thread=True),
}
UNKNOWN = Software()


def software_of(name: str) -> Software:
    """Return what is known of a family; an unknown one is trusted with nothing."""
    return FAMILIES.get(name, UNKNOWN)

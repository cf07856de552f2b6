"""What differs between the servers that speak this API: found in nodeinfo."""

from publisher.contract.software import UNKNOWN, Software

HOUR = 3600
FAMILIES = {
    "mastodon": Software(key_lives_s=HOUR, lists_own=True, whole_thread=True, counts_graphemes=True, shortens=True),
    "gotosocial": Software(lists_own=True, whole_thread=True),
    "pleroma": Software(key_lives_s=6 * HOUR, lists_own=True, whole_thread=True, counts_graphemes=True),
    "akkoma": Software(key_lives_s=6 * HOUR, lists_own=True, whole_thread=True, counts_graphemes=True),
    "pixelfed": Software(lists_own=True, needs_picture=True, visibilities=("public", "unlisted", "private")),
    "takahe": Software(lists_own=True, whole_thread=True),
}


def software_of(name: str) -> Software:
    """Return what is known of a family; an unknown one is trusted with nothing."""
    return FAMILIES.get(name, UNKNOWN)

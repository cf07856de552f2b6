"""Where the platforms are: a folder and a line each."""

from functools import cache
from importlib import import_module

from publisher.contract.base import Adapter

PLATFORMS: dict[str, str] = {
    "bluesky": "publisher.platforms.bluesky.adapter.BlueskyAdapter",
    "mastodon": "publisher.platforms.mastodon.adapter.MastodonAdapter",
}


@cache
def adapter_of(slug: str) -> Adapter:
    """Return the one instance that serves a platform. Raises KeyError for a slug that is not in the registry."""
    module, _, name = PLATFORMS[slug].rpartition(".")
    made: Adapter = getattr(import_module(module), name)()
    return made

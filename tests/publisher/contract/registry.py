"""Where the kits are: a platform of the registry without a line here fails the suite."""

from tests.publisher.contract.bluesky.kit import KIT as BLUESKY
from tests.publisher.contract.kit import Kit
from tests.publisher.contract.mastodon.kit import KIT as MASTODON

KITS: dict[str, Kit] = {kit.slug: kit for kit in (BLUESKY, MASTODON)}

"""The control of the crash test: claims that repeating is harmless, and repeats without a key and without looking.

It lives here so that the product has no such way. Where it does not double, the crash test proves nothing.
"""

from typing import ClassVar

from publisher.contract.base import Call
from publisher.contract.calling import sure
from publisher.contract.content import Content, Look, Prepared, Receipt, Target, Ticket
from publisher.contract.software import Software
from publisher.platforms.mastodon.adapter import MastodonAdapter, body_of
from publisher.platforms.mastodon.calls import ask
from publisher.platforms.mastodon.lookup import receipt_of

A_DAY_S = 86_400


class BlindAdapter(MastodonAdapter):
    """Sends like Mastodon's adapter, and lies about what is safe."""

    slug: ClassVar[str] = "blind"

    def software(self, target: Target) -> Software:  # noqa: ARG002  (the same lie about every server)
        """Say that keys are honoured and listings complete."""
        return Software(key_lives_s=A_DAY_S, lists_own=True)

    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:  # noqa: ARG002  (looks nowhere)
        """Claim without looking that nothing is out."""
        return Look(None, complete=True)

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:  # noqa: ARG002  (no key)
        """Create the status under no key at all."""
        answer = ask(call, "POST", "/api/v1/statuses", wrote=True, json=body_of(content, prepared))
        return sure(answer, receipt_of, "id", "content")

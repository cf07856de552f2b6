"""The control of the crash test: claims that repeating is harmless, and repeats without a key and without looking.

It lives here so that the product has no such way. Where it does not double, the crash test proves nothing.
"""

from typing import ClassVar

from publisher.contract.atproto.calls import POST
from publisher.contract.atproto.calls import ask as ask_pds
from publisher.contract.base import Call
from publisher.contract.calling import sure
from publisher.contract.content import Content, Look, Prepared, Receipt, Target, Ticket
from publisher.contract.software import Software
from publisher.platforms.bluesky.adapter import BlueskyAdapter
from publisher.platforms.bluesky.records import post_of
from publisher.platforms.bluesky.records import receipt_of as receipt_of_record
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


class BlindBlueskyAdapter(BlueskyAdapter):
    """Sends records without a name of ours, and says that this is harmless."""

    slug: ClassVar[str] = "blind_bluesky"

    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:  # noqa: ARG002  (looks nowhere)
        """Claim without looking that nothing is out."""
        return Look(None, complete=True)

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        """Let the server choose the name: each call is another record."""
        record = post_of(content, ticket, prepared)
        body = {"repo": call.target.remote_id, "collection": POST, "record": record}
        answer = ask_pds(call, "POST", "com.atproto.repo.createRecord", wrote=True, json=body)
        return sure(answer, lambda made: receipt_of_record(str(made["uri"]), str(made["cid"]), record), "uri", "cid")

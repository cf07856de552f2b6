"""Publishing to Bluesky: a record under a name of ours, so that the same call twice is one post."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from publisher.contract.answers import dictionary
from publisher.contract.atproto.calls import POST, ask, parts_of, put, query, record_at
from publisher.contract.atproto.identity import did_of
from publisher.contract.atproto.sessions import Sessions
from publisher.contract.base import Call, FindsPost
from publisher.contract.calling import now, read_json, sure
from publisher.contract.content import Content, Look, Media, Prepared, Receipt, Target, Ticket
from publisher.contract.errors import OutcomeUnknown, Rejected, Unavailable
from publisher.contract.http import UPLOAD
from publisher.contract.marks import mentions_in
from publisher.platforms.bluesky.comments import Comments
from publisher.platforms.bluesky.limits import Limits, words_of
from publisher.platforms.bluesky.mentions import Mentions
from publisher.platforms.bluesky.moderation import Moderates
from publisher.platforms.bluesky.records import gate_of, post_of, receipt_of

UNUSED_BLOBS_LIVE = timedelta(minutes=50)
NAMES_LIVE_S = 365 * 86_400
CREATE = "com.atproto.repo.applyWrites#create"


class BlueskyAdapter(Comments, Mentions, Moderates, Sessions, FindsPost, Limits):
    """Speaks to the account's own server, wherever that is."""

    slug: ClassVar[str] = "bluesky"
    name: ClassVar[str] = "Bluesky"
    monogram: ClassVar[str] = "Bs"
    sign_in_page: ClassVar[str] = "https://bsky.app/settings/app-passwords"
    kinds: ClassVar[frozenset[str]] = frozenset({"post", "part", "first_comment", "reply"})

    def prepare(self, call: Call, content: Content, ticket: Ticket) -> Prepared:  # noqa: ARG002  (nothing is named yet)
        """Upload the pictures, look up who is named, and fetch the digests of what is answered where they are missing."""
        blobs = [upload(call, media) for media in content.media]
        dids, unknown = dids_in(call, content)
        prepared: dict[str, Any] = {"blobs": blobs, "dids": dids}
        if content.reply_to and not content.reply_extra.get("cid"):
            prepared["reply"] = digests_of(call, content)
        if unknown:
            prepared["warning"] = {"code": "mention_unknown", "values": {"handle": unknown[0]}}
        return {**prepared, **({"until": (now() + UNUSED_BLOBS_LIVE).isoformat()} if blobs else {})}

    def publish(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        """Put the record under its name; with a rule of who may answer, both in one commit."""
        uri, record = uri_of(call, ticket), post_of(content, ticket, prepared)
        if gate := gate_of(uri, content, ticket):
            return self._with_gate(call, content, ticket, prepared, [record, gate])
        try:
            answer = put(call, uri, record, swapRecord=None)
        except Unavailable as error:
            if error.code != "record_changed":
                raise
            return self._already(call, content, ticket, prepared)
        receipt = sure(answer, lambda body: receipt_of(uri, str(body["cid"]), record), "uri", "cid")
        return replace(receipt, published_at=None)

    def _with_gate(
        self, call: Call, content: Content, ticket: Ticket, prepared: Prepared, records: list[dict[str, Any]]
    ) -> Receipt:
        """Create post and rule together. A second time the server fails with a 500: then what is there is looked at."""
        uri = uri_of(call, ticket)
        did, _, rkey = parts_of(uri)
        writes = [{"$type": CREATE, "collection": one["$type"], "rkey": rkey, "value": one} for one in records]
        body = {"repo": did, "validate": True, "writes": writes}
        try:
            answer = ask(call, "POST", "com.atproto.repo.applyWrites", wrote=True, json=body)
        except OutcomeUnknown as doubt:
            if doubt.status is None:
                raise
            found = self.find(call, content, ticket, prepared).receipt
            if found is None:
                raise
            return found
        made = sure(answer, lambda body: receipt_of(uri, str(dictionary(body["results"][0])["cid"]), records[0]), "results")
        return replace(made, published_at=None)

    def _already(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Receipt:
        """Return the receipt of what stands under our name already, if it is ours."""
        found = self.find(call, content, ticket, prepared).receipt
        if found is None:
            raise Rejected("name_taken")
        return found

    def find(self, call: Call, content: Content, ticket: Ticket, prepared: Prepared) -> Look:  # noqa: ARG002  (the name is enough)
        """Read what stands under the name that was chosen before the first try."""
        try:
            there = record_at(call, uri_of(call, ticket))
        except Rejected as error:
            if error.code != "not_found":
                raise
            return Look(None, complete=True)
        record = dictionary(there.get("value"))
        answered = dictionary(dictionary(record.get("reply")).get("parent")).get("uri", "")
        is_ours = (record.get("text"), answered) == (self.as_sent(content, call.target), content.reply_to)
        return Look(receipt_of(str(there["uri"]), str(there["cid"]), record) if is_ours else None, complete=True)

    def honours_key(self, target: Target, kind: str = "post") -> bool:  # noqa: ARG002  (every record has a name)
        """Say that a replay is harmless: the same record under the same name is the same post, on every server."""
        return True

    def key_lives_s(self, target: Target, kind: str = "post") -> int:  # noqa: ARG002  (names are never forgotten)
        """Return a year: a name is taken as long as the post is there."""
        return NAMES_LIVE_S

    def listing_is_complete(self, target: Target, kind: str = "post") -> bool:  # noqa: ARG002  (one name, one answer)
        """Say that what is not there under its name is not out: the account's own server does not lag."""
        return True


def uri_of(call: Call, ticket: Ticket) -> str:
    """Return the address that our record has or will have."""
    return f"at://{call.target.remote_id}/{POST}/{ticket.rkey}"


def upload(call: Call, media: Media) -> dict[str, Any]:
    """Upload one file; the same bytes again are the same blob."""
    data, headers = Path(media.path).read_bytes(), {"Content-Type": media.mime}
    answer = ask(call, "POST", "com.atproto.repo.uploadBlob", content=data, headers=headers, timeouts=UPLOAD)
    blob = dictionary(dictionary(read_json(answer)).get("blob"))
    if not dictionary(blob.get("ref")).get("$link"):
        raise Unavailable("server_not_reached", scope="host", note="no blob", status=answer.status)
    return blob


def dids_in(call: Call, content: Content) -> tuple[dict[str, str], list[str]]:
    """Return the ids of those who are named, and the names that nobody has."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    for handle in dict.fromkeys(mark.value for mark in mentions_in(words_of(content))):
        try:
            found[handle] = did_of(call, handle)
        except Rejected:
            unknown.append(handle)
    return found, unknown


def digests_of(call: Call, content: Content) -> dict[str, str]:
    """Return the digests of what is answered and of the first post of its thread, as they stand now."""
    wanted = list(dict.fromkeys([content.reply_to, content.reply_root or content.reply_to]))
    posts = query(call, "app.bsky.feed.getPosts", params={"uris": wanted}).get("posts")
    cids = {one.get("uri"): str(one.get("cid") or "") for one in map(dictionary, posts if isinstance(posts, list) else ())}
    if not all(cids.get(uri) for uri in wanted):
        raise Rejected("reply_target_gone")
    return {"cid": cids[wanted[0]], "root_cid": cids[wanted[-1]]}

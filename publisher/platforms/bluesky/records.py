"""The records we write: a post, and the rule of who may answer it. The same ticket always makes the same bytes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from publisher.contract.atproto.calls import GATE, POST, parts_of
from publisher.contract.content import Content, Media, Prepared, Receipt, Ticket
from publisher.contract.errors import Unavailable
from publisher.contract.marks import bytes_of, with_short_links
from publisher.contract.threads import when
from publisher.platforms.bluesky.limits import RULES, card_of, words_of

APP = "https://bsky.app"


def stamp(at: datetime | None) -> str:
    """Return an instant as records write it."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def post_of(content: Content, ticket: Ticket, prepared: Prepared) -> dict[str, Any]:
    """Return the post. Raises Unavailable where what was prepared does not suffice."""
    text, marks = with_short_links(words_of(content))
    dids = dict(prepared.get("dids") or {})
    facets = [
        {"index": dict(zip(("byteStart", "byteEnd"), bytes_of(text, mark), strict=True)), "features": [feature]}
        for mark in marks
        if (feature := feature_of(mark.kind, mark.value, dids))
    ]
    record = {"$type": POST, "text": text, "createdAt": stamp(ticket.record_created_at)}
    further = {
        "facets": facets,
        "langs": [content.language] if content.language else [],
        "embed": embed_of(content, list(prepared.get("blobs") or ())),
        "reply": reply_of(content, prepared) if content.reply_to else {},
    }
    return {**record, **{name: value for name, value in further.items() if value}}


def feature_of(kind: str, value: str, dids: dict[str, str]) -> dict[str, str]:
    """Return what a mark does; a name that nobody has stays plain text."""
    told = {"link": ("uri", value), "mention": ("did", dids.get(value, "")), "tag": ("tag", value)}
    name, meant = told[kind]
    return {"$type": f"app.bsky.richtext.facet#{kind}", name: meant} if meant else {}


def embed_of(content: Content, blobs: list[Any]) -> dict[str, Any]:
    """Return the pictures, or the card of the link."""
    if len(blobs) != len(content.media):
        raise Unavailable("prepared_stale")
    if card := card_of(content):
        said = {"uri": card.address, "title": card.title, "description": card.words}
        return {"$type": "app.bsky.embed.external", "external": {**said, **({"thumb": blobs[0]} if blobs else {})}}
    pictures = [dict(picture_of(media, blob)) for media, blob in zip(content.media, blobs, strict=True)]
    return {"$type": "app.bsky.embed.images", "images": pictures} if pictures else {}


def picture_of(media: Media, blob: Any) -> Iterator[tuple[str, Any]]:
    """Yield a picture of a post."""
    yield "image", blob
    yield "alt", media.alt
    if media.width and media.height:
        yield "aspectRatio", {"width": media.width, "height": media.height}


def reply_of(content: Content, prepared: Prepared) -> dict[str, dict[str, str]]:
    """Return what is answered and the first post of its thread, each with its digest."""
    told = {**dict(prepared.get("reply") or {}), **content.reply_extra}
    parent, root = content.reply_to, content.reply_root or content.reply_to
    cid = str(told.get("cid") or "")
    root_cid = cid if root == parent else str(told.get("root_cid") or "")
    if not cid or not root_cid:
        raise Unavailable("prepared_stale")
    return {"root": {"uri": root, "cid": root_cid}, "parent": {"uri": parent, "cid": cid}}


def gate_of(uri: str, content: Content, ticket: Ticket) -> dict[str, Any]:
    """Return the rule of who may answer, or nothing for everybody."""
    rule = str(content.options.get("reply_rule") or "")
    if rule not in RULES or content.kind != "post":
        return {}
    allow = [{"$type": f"{GATE}#{one}"} for one in RULES[rule]]
    return {"$type": GATE, "post": uri, "allow": allow, "createdAt": stamp(ticket.record_created_at)}


def receipt_of(uri: str, cid: str, record: dict[str, Any]) -> Receipt:
    """Return the receipt of a post of ours, with all that an answer to it needs."""
    did, _, rkey = parts_of(uri)
    root = record.get("reply", {}).get("root") or {"uri": uri, "cid": cid}
    return Receipt(
        remote_id=uri,
        url=f"{APP}/profile/{did}/post/{rkey}",
        uri=uri,
        published_at=when(record.get("createdAt")),
        extra={"cid": cid, "root": root["uri"], "root_cid": root["cid"]},
    )

"""Liking, hiding, muting and reporting: records of our own and calls that nobody else notices."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from publisher.contract.answers import dictionary
from publisher.contract.atproto.calls import GATE, LIKE, ask, parts_of, put, record_at
from publisher.contract.atproto.shown_records import Node
from publisher.contract.base import Call, HidesComments, LikesComments, MutesPeople, MutesThreads, ReportsComments
from publisher.contract.calling import now
from publisher.contract.errors import OutcomeUnknown, Rejected, Unavailable
from publisher.platforms.bluesky.comments import posts_of

REPORT = "com.atproto.moderation.createReport"
TRIES, MOST_HIDDEN = 5, 300
SIGNS = "234567abcdefghijklmnopqrstuvwxyz"
WATCHERS = "did:plc:ar7c4by46qjdydhdevvrndac#atproto_labeler"
Facts = Mapping[str, object]


class Moderates(LikesComments, HidesComments, MutesPeople, MutesThreads, ReportsComments):
    """What an account may do about other people's words. It cannot take them away."""

    def like(self, call: Call, remote_id: str, extra: Facts) -> None:  # noqa: ARG002  (the post itself is asked)
        """Like it under a name that follows from the post: a second like finds the first one there."""
        post = post_at(call, remote_id)
        if not dictionary(post.get("viewer")).get("like"):
            subject = {"uri": remote_id, "cid": str(post.get("cid") or "")}
            record = {"$type": LIKE, "subject": subject, "createdAt": stamp(now())}
            try:
                put(call, like_of(call, remote_id), record, swapRecord=None)
            except Unavailable as error:
                if error.code != "record_changed":
                    raise

    def unlike(self, call: Call, remote_id: str, extra: Facts) -> None:  # noqa: ARG002  (the post itself is asked)
        """Take our like back, and one that was given in the app; what is not there is taken back already."""
        seen = posts_of(call, [remote_id]).get(remote_id, {})
        elsewhere = str(dictionary(seen.get("viewer")).get("like") or "")
        for uri in dict.fromkeys(one for one in (like_of(call, remote_id), elsewhere) if one):
            _, collection, rkey = parts_of(uri)
            body = {"repo": call.target.remote_id, "collection": collection, "rkey": rkey}
            ask(call, "POST", "com.atproto.repo.deleteRecord", wrote=True, json=body)

    def hide(self, call: Call, remote_id: str, extra: Facts) -> None:
        """Put it behind the fold for everybody, by the gate of our own thread."""
        regate(call, remote_id, extra, is_hidden=True)

    def show(self, call: Call, remote_id: str, extra: Facts) -> None:
        """Take it out from behind the fold."""
        regate(call, remote_id, extra, is_hidden=False)

    def mute_person(self, call: Call, person_id: str) -> None:
        """Mute them."""
        ask(call, "POST", "app.bsky.graph.muteActor", wrote=True, json={"actor": person_id})

    def unmute_person(self, call: Call, person_id: str) -> None:
        """Hear them again."""
        ask(call, "POST", "app.bsky.graph.unmuteActor", wrote=True, json={"actor": person_id})

    def mute_thread(self, call: Call, root_id: str) -> None:
        """Mute it."""
        ask(call, "POST", "app.bsky.graph.muteThread", wrote=True, json={"root": root_id})

    def unmute_thread(self, call: Call, root_id: str) -> None:
        """Hear it again."""
        ask(call, "POST", "app.bsky.graph.unmuteThread", wrote=True, json={"root": root_id})

    def report(self, call: Call, remote_id: str, extra: Facts, *, reason: str, words: str) -> None:
        """Report it to the network's watchers; where the server cannot find those, to the server's own."""
        cid = str(extra.get("cid") or "") or str(post_at(call, remote_id).get("cid") or "")
        body = {
            "reasonType": f"com.atproto.moderation.defs#reason{reason.title()}",
            "reason": words[:2000],
            "subject": {"$type": "com.atproto.repo.strongRef", "uri": remote_id, "cid": cid},
        }
        try:
            ask(call, "POST", REPORT, wrote=True, json=body, headers={"atproto-proxy": WATCHERS})
        except Rejected as refused:
            if refused.code != "watchers_unknown":
                raise
            ask(call, "POST", REPORT, wrote=True, json=body)


def regate(call: Call, remote_id: str, extra: Facts, *, is_hidden: bool) -> None:
    """Read the gate, put the comment in or take it out, write it if nobody else wrote meanwhile; else read again.

    A lost answer is settled by the same reading. Everything else in the gate stays as it is: who may answer above all.
    """
    root = str(extra.get("root") or "") or root_of(post_at(call, remote_id))
    did, _, rkey = parts_of(root)
    if did != call.target.remote_id:
        raise Rejected("not_our_thread")
    gate = f"at://{did}/{GATE}/{rkey}"
    for is_last in (*(False,) * (TRIES - 1), True):
        cid, record = gate_at(call, gate)
        hidden = [str(one) for one in record.get("hiddenReplies") or ()]
        if (remote_id in hidden) == is_hidden:
            return
        hidden = [*hidden, remote_id][-MOST_HIDDEN:] if is_hidden else [one for one in hidden if one != remote_id]
        new = {"$type": GATE, "post": root, "createdAt": stamp(now()), **record, "hiddenReplies": hidden}
        try:
            put(call, gate, new, swapRecord=cid)
        except (Unavailable, OutcomeUnknown) as error:
            if is_last or (isinstance(error, Unavailable) and error.code != "record_changed"):
                raise
        else:
            return


def gate_at(call: Call, gate: str) -> tuple[str | None, Node]:
    """Return cid and value of a gate, or neither where there is none yet."""
    try:
        found = record_at(call, gate, gone="comment_gone")
    except Rejected as refused:
        if refused.code != "comment_gone":
            raise
        return None, {}
    return str(found.get("cid") or ""), dictionary(found.get("value"))


def post_at(call: Call, uri: str) -> Node:
    """Return a post as the index shows it. Raises Rejected where it is no longer there."""
    found = posts_of(call, [uri]).get(uri)
    if found is None:
        raise Rejected("comment_gone")
    return found


def root_of(post: Node) -> str:
    """Return the first post of the thread that a post stands in."""
    reply = dictionary(dictionary(post.get("record")).get("reply"))
    return str(dictionary(reply.get("root")).get("uri") or post.get("uri") or "")


def like_of(call: Call, uri: str) -> str:
    """Return the address of our like of a post, always the same for the same post."""
    number = int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8], "big") >> 1
    rkey = "".join(SIGNS[(number >> (5 * place)) & 31] for place in reversed(range(13)))
    return f"at://{call.target.remote_id}/{LIKE}/{rkey}"


def stamp(at: datetime) -> str:
    """Return a time as records write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

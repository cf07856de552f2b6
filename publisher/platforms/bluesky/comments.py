"""Reading the thread under a post, from an index that lags, cuts and leaves out what is deleted or closed to us."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from publisher.contract.atproto.calls import query, record_at
from publisher.contract.atproto.post_trees import Walk
from publisher.contract.atproto.shown_records import Node, objects
from publisher.contract.base import Call, LooksUpComments, ReadsComments, RepliesToComments
from publisher.contract.calling import now
from publisher.contract.content import CommentPage, Receipt, Target
from publisher.contract.errors import Rejected, Unavailable
from publisher.contract.threads import whole_thread

DEPTH, THREAD_BYTES, AT_ONCE = 100, 20_000_000, 25
STILL_YOUNG = timedelta(hours=1)


class Comments(ReadsComments, LooksUpComments, RepliesToComments):
    """What stands under a post. The listing is never the whole thread: what hangs under a deleted reply is not in it."""

    def comments(self, call: Call, root: Receipt, cursor: str) -> CommentPage:
        """Return the thread. The cursor is a digest of it: unchanged means nothing new."""
        walk = Walk(partial(tree_under, call), call.target)
        try:
            walk.go(root)
        except Rejected as refused:
            is_young = root.published_at is None or now() - root.published_at < STILL_YOUNG
            if refused.code == "post_gone" and is_young and is_kept(call, root.remote_id):
                raise Unavailable("index_behind") from None
            raise
        return whole_thread([*walk.found.values()], cursor=cursor, is_whole=False, gone=walk.gone)

    def still_there(self, call: Call, remote_ids: Sequence[str]) -> frozenset[str]:
        """Ask for single posts: those of others in the index, our own where they are kept, because the index lags."""
        ours = f"at://{call.target.remote_id}/"
        kept = {one for one in remote_ids if one.startswith(ours) and is_kept(call, one)}
        others = [one for one in remote_ids if not one.startswith(ours)]
        for start in range(0, len(others), AT_ONCE):
            kept |= posts_of(call, others[start : start + AT_ONCE]).keys()
        return frozenset(kept)

    def reply_text(self, text: str, person_handle: str, target: Target) -> str:  # noqa: ARG002  (the same everywhere)
        """Return the words as they are: who is answered is told by what the answer hangs under."""
        return text


def tree_under(call: Call, uri: str) -> Node:
    """Return a post with everything below it, as far as the index goes."""
    asked = {"uri": uri, "depth": DEPTH, "parentHeight": 0}
    return query(call, "app.bsky.feed.getPostThread", gone="post_gone", params=asked, max_bytes=THREAD_BYTES)


def is_kept(call: Call, uri: str) -> bool:
    """Tell whether a record of ours exists."""
    try:
        record_at(call, uri, gone="comment_gone")
    except Rejected as refused:
        if refused.code != "comment_gone":
            raise
        return False
    return True


def posts_of(call: Call, uris: Sequence[str]) -> dict[str, Node]:
    """Return the posts that the account may see, by address."""
    told = query(call, "app.bsky.feed.getPosts", params=[("uris", uri) for uri in uris], max_bytes=THREAD_BYTES)
    return {str(post.get("uri") or ""): post for post in objects(told.get("posts"))}

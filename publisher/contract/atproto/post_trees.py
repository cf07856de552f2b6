"""Walking a tree of posts that an index cuts: what it met, and what it was told is gone."""

from collections.abc import Callable
from dataclasses import dataclass, field

from publisher.contract.answers import dictionary
from publisher.contract.atproto.shown_records import Node, comment_of, objects
from publisher.contract.content import Receipt, RemoteComment, Target
from publisher.contract.errors import Rejected

MOST_QUESTIONS = 20


@dataclass(slots=True)
class Walk:
    """One way through a thread. ``ask`` brings the tree under a post, and raises Rejected where there is none."""

    ask: Callable[[str], Node]
    target: Target
    hidden: frozenset[str] = frozenset()
    found: dict[str, RemoteComment] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def go(self, root: Receipt) -> None:
        """Read the whole tree. Raises the adapter's errors."""
        answer = self._ask(root.remote_id)
        gate = dictionary(dictionary(answer.get("threadgate")).get("record"))
        hidden, top = gate.get("hiddenReplies"), dictionary(answer.get("thread"))
        self.hidden = frozenset(map(str, hidden if isinstance(hidden, list) else ()))
        if not top.get("post"):
            raise Rejected("post_gone")
        waiting = self._below(top)
        while waiting:
            node = waiting.pop()
            if node.get("notFound") or node.get("blocked"):
                self.gone.add(str(node.get("uri") or "?")[:255])
            elif self._keep(dictionary(node.get("post"))):
                waiting += self._below(node)

    def _ask(self, uri: str) -> Node:
        self.asked.add(uri)
        return self.ask(uri)

    def _keep(self, post: Node) -> bool:
        comment = comment_of(post, self.target, hidden=self.hidden)
        if comment is None or comment.remote_id in self.found:
            return False
        self.found[comment.remote_id] = comment
        return True

    def _below(self, node: Node) -> list[Node]:
        """Return what hangs under a node. Where it counts more than it shows, it is asked for once by itself."""
        replies, post = objects(node.get("replies")), dictionary(node.get("post"))
        uri, count = str(post.get("uri") or ""), post.get("replyCount")
        is_cut = isinstance(count, int) and count > len(replies)
        if not is_cut or uri in self.asked or len(self.asked) > MOST_QUESTIONS:
            return replies
        try:
            whole = self._ask(uri)
        except Rejected:
            return replies
        return replies + objects(dictionary(whole.get("thread")).get("replies"))

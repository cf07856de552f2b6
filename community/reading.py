"""Reading a thread, or what else comes in pages, to its end through the platform's adapter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils import timezone

from publisher.contract.base import Call, ReadsComments
from publisher.contract.content import CommentPage, Receipt, RemoteComment
from publisher.models import Publication

MOST_PAGES = 2000
LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one visit found. ``is_whole`` says that what is missing in it has vanished.

    ``gone`` are comments that the platform surely shows no more, whatever else is missing.
    """

    comments: list[RemoteComment]
    cursor: str
    is_whole: bool
    began_at: datetime
    gone: frozenset[str] = frozenset()


def receipt_of(publication: Publication) -> Receipt:
    """Return what the platform said when the post went out."""
    return Receipt(
        remote_id=publication.remote_id,
        url=publication.url,
        uri=publication.remote_uri,
        published_at=publication.published_at,
        extra=publication.remote_extra,
    )


def read_thread(adapter: ReadsComments, call: Call, root: Receipt, *, cursor: str) -> Reading:
    """Read a thread to its end. Raises the adapter's errors; then nothing of this visit is kept."""
    return read_pages(partial(adapter.comments, call, root), cursor=cursor)


def read_pages(turn_to: Callable[[str], CommentPage], *, cursor: str, most: int = MOST_PAGES) -> Reading:
    """Read page after page. Raises the adapter's errors."""
    began_at, found, is_whole = timezone.now(), dict[str, RemoteComment](), True
    here, asked, gone = cursor, set[str](), set[str]()
    for _ in range(most):
        page = turn_to(here)
        asked.add(here)
        found.update((comment.remote_id, comment) for comment in page.comments if _is_nameable(comment))
        is_whole, gone = is_whole and page.is_whole, gone.union(page.gone)
        if not page.next_cursor or page.next_cursor in asked:
            return Reading([*found.values()], page.cursor or here, is_whole, began_at, frozenset(gone))
        here = page.next_cursor
    return Reading([*found.values()], here, False, began_at, frozenset(gone))  # noqa: FBT003  (in the order of its fields)


def _is_nameable(comment: RemoteComment) -> bool:
    return 0 < len(comment.remote_id) <= LONGEST_ID and len(comment.parent_remote_id) <= LONGEST_ID

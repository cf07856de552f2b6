"""News for the packages upstairs, sent after the commit. The same news may come twice: receivers are idempotent.

``publication_published`` and ``publication_failed`` carry ``publication_id`` and ``state`` (failed, unknown or
missed; unknown only when a person is needed). ``publication_troubled`` carries ``publication_id`` and ``code``: the
preflight found something before the hour. ``channel_lost`` carries ``channel_id``, ``comments_waiting`` ``stream_id``.
"""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

log = logging.getLogger(__name__)

publication_published = Signal()
publication_failed = Signal()
publication_troubled = Signal()
channel_lost = Signal()
comments_waiting = Signal()


def tell(signal: Signal, **news: Any) -> None:
    """Send the news once the transaction in hand is stored; a receiver that fails stops nobody else."""
    transaction.on_commit(lambda: deliver(signal, **news))


def deliver(signal: Signal, **news: Any) -> bool:
    """Send the news now; False when a receiver failed, which stops none of the others."""
    is_heard = True
    for receiver, answer in signal.send_robust(sender=None, **news):
        if isinstance(answer, Exception):
            is_heard = False
            ids = {"publication": news.get("publication_id"), "stream": news.get("stream_id")}
            log.error("a receiver of news failed: %s", receiver, exc_info=answer, extra=ids)
    return is_heard


def tell_outcome(*, publication_id: int, state: str) -> None:
    """Send published or failed news of one publication on commit."""
    transaction.on_commit(lambda: deliver_outcome(publication_id=publication_id, state=state))


def deliver_outcome(*, publication_id: int, state: str) -> bool:
    """Send published or failed news of one publication now; False when a receiver failed."""
    signal = publication_published if state == "published" else publication_failed
    return deliver(signal, publication_id=publication_id, state=state)

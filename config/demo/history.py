"""What happened before the first start. The product refuses to act in the past, so a few rows are turned back.

The posts were written, agreed and handed over by the ordinary verbs for tomorrow; here they go out to the sandbox at
once, and then their hours are put where a visitor expects them: some days ago.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.wall import instant, wall_of
from calendar_app.models import Approval, Post, Revision, Sheet
from config.demo.copy import Copy, Fate
from publisher import states
from publisher.clock.calls import errand_of, loaded
from publisher.clock.results import published
from publisher.door import door
from publisher.models import Publication
from publisher.signals import tell_outcome
from publisher.states import move

AGREED_BEFORE = timedelta(days=3)
LAGS_S = (0.041, 0.187, 0.064, 0.312, 0.093)


def turn_back(pairs: Sequence[tuple[Copy, Post]], *, now: datetime) -> None:
    """Let each of these posts have had its hour."""
    for number, (copy, post) in enumerate(sorted(pairs, key=lambda pair: (pair[0].day, pair[0].hour))):
        wall = _hour_of(copy, post, now=now)
        rows = Publication.objects.filter(origin_key=post.key, state=states.WAITING)
        for row in loaded(rows):
            _deliver(row, copy, due_at=instant(wall=wall, zone=post.zone, fold=0), lag_s=LAGS_S[number % len(LAGS_S)])
        _put_back(post, wall=wall)
        _let_readers_speak(post, copy)


def _hour_of(copy: Copy, post: Post, *, now: datetime) -> datetime:
    hour, minute = map(int, copy.hour.split(":"))
    today = wall_of(at=now, zone=post.zone)
    return (today + timedelta(days=copy.day)).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)


def _deliver(row: Publication, copy: Copy, *, due_at: datetime, lag_s: float) -> None:
    """Let a row end as the demo wants it; what is out is really out there, on the sandbox."""
    values: dict[str, Any] = {"next_at": None, "prepare_next_at": None}
    way: tuple[str, ...]
    rows = Publication.objects.filter(pk=row.pk)
    if copy.fate == Fate.OUT:
        errand = errand_of(row, started_at=None)
        prepared = errand.adapter.prepare(errand.call, errand.content, errand.ticket)
        receipt = errand.adapter.publish(errand.call, errand.content, errand.ticket, prepared)
        values |= published(receipt, due=due_at.timestamp(), left_at=due_at.timestamp() + lag_s)
        values["published_at"] = due_at + timedelta(seconds=lag_s)
        way = (states.CLAIMED, states.SENDING, states.PUBLISHED)
    elif copy.fate == Fate.FAILED:
        values |= {"problem_code": "refused", "error_class": "rejected"}
        way = (states.FAILED,)
    else:
        values |= {"problem_code": "window_passed"}
        way = (states.MISSED,)
    with transaction.atomic():
        for state in way:
            move(rows, to=state, **(values if state == way[-1] else {}))
        if copy.fate == Fate.OUT:  # of what went wrong days ago people were told days ago
            tell_outcome(publication_id=row.pk, state=states.PUBLISHED)


def _put_back(post: Post, *, wall: datetime) -> None:
    """Put the hours of everything that belongs to a post where they were."""
    due_at = instant(wall=wall, zone=post.zone, fold=0)
    hour = {"wall": wall, "fold": 0, "due_at": due_at}
    agreed_at = due_at - AGREED_BEFORE
    Post.objects.filter(pk=post.pk).update(**hour, feed_sequence=F("feed_sequence") + 1)
    Sheet.objects.filter(revision__post=post).update(**hour)
    Revision.objects.filter(post=post).update(made_at=agreed_at)
    Approval.objects.filter(revision__post=post).update(asked_at=agreed_at, decided_at=agreed_at)
    Publication.objects.filter(origin_key=post.key).update(
        **hour, late_after=due_at + post.brand.late_tolerance, sealed_at=agreed_at, state_at=due_at, created_at=agreed_at
    )


def _let_readers_speak(post: Post, copy: Copy) -> None:
    """Let the sandbox's people write under a post; their words come home as everybody's do."""
    first = Publication.objects.filter(origin_key=post.key, state=states.PUBLISHED).order_by("pk").first()
    if first is None:
        return
    for person, words in copy.heard:
        said = {"status_id": first.remote_id, "person": person, "text": words}
        door().call("POST", f"{settings.SANDBOX_URL}/_sandbox/comments", json=said)

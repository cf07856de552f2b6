"""All that other packages may ask of the publisher: hand over, take back, move, stop, and settle doubts."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Least
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from publisher import states
from publisher.clock.results import release_followers
from publisher.models import Attachment, Channel, Publication, StoredFile
from publisher.record_keys import record_key
from publisher.seals import digest_of, parcel_digest, seal_of
from publisher.signals import tell_outcome
from publisher.states import move
from publisher.stopping import Resumed, open_stop_for, resume, stop

__all__ = [
    "AlreadyOutError",
    "BeyondAcceptedError",
    "Canceled",
    "Parcel",
    "Permit",
    "Resumed",
    "TooLateError",
    "cancel",
    "delivery_of",
    "drop",
    "enqueue",
    "note_comments",
    "open_stop_for",
    "parcel_digest",
    "postpone",
    "resume",
    "retry",
    "seal_of",
    "settle",
    "stop",
]

PREFLIGHT = timedelta(minutes=10)
MOVABLE = ("waiting", "held", "claimed", "missed", "failed")
REACHED = (*sorted(states.CANCELABLE), states.FAILED, states.MISSED)
OVER = (states.PUBLISHED, states.CANCELED)
NOBODY_LOOKS = Q(next_at=None)
"""Of a doubt: a person is asked, and no repetition of ours is on its way."""


class AlreadyOutError(Exception):
    """The same part of the same origin is on its way to that profile, or out there already."""


class BeyondAcceptedError(Exception):
    """The new hour lies further away than the client was shown and accepted: a new revision has to ask."""


class TooLateError(Exception):
    """The window of that hour has passed, or the row no longer stands where the person saw it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The pass of an approved revision: who sealed it when, the rule as it read, and what hours it allows."""

    sealed_at: datetime
    sealed_by: str
    rule: dict[str, Any]
    redate_within: timedelta | None
    late_tolerance: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One part for one channel: exactly what is sent, and when. ``files`` are (file id, alternative text, focus).

    ``content`` holds text, link, language and options. ``after`` is the place, in the same list, of the part that
    must be out first; ``reply_to`` the remote id of a stranger's comment that is answered. ``approved_at`` is the
    hour that was decided on, where ``due_at`` was already moved within what was accepted.
    """

    channel: Channel
    origin_key: uuid.UUID
    content: dict[str, Any]
    due_at: datetime
    wall: datetime
    zone: str
    fold: int = 0
    kind: str = "post"
    part: int = 0
    files: tuple[tuple[int, str, str], ...] = ()
    after: int | None = None
    reply_to: str = ""
    reply_extra: dict[str, Any] = field(default_factory=dict)
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Canceled:
    """What a withdrawal reached, and what was beyond its reach: leaving, doubtful, or out."""

    canceled: list[Publication]
    beyond: list[Publication]


def enqueue(parcels: Sequence[Parcel], *, permit: Permit) -> list[Publication]:
    """Store the parcels as sealed rows that the clock will send. Raises AlreadyOutError; then none is stored."""
    stored = StoredFile.objects.in_bulk([file_id for parcel in parcels for file_id, _, _ in parcel.files])
    rows: list[Publication] = []
    try:
        with transaction.atomic():
            for parcel in parcels:
                after = None if parcel.after is None else rows[parcel.after]
                rows.append(_store(parcel, after=after, files=_files_of(parcel, stored), permit=permit))
    except IntegrityError as error:
        if any(_is_live(parcel) for parcel in parcels):
            raise AlreadyOutError(str(parcels[0].origin_key)) from error
        raise
    return rows


def _files_of(parcel: Parcel, stored: dict[int, StoredFile]) -> list[Attachment]:
    """Return the files in order; a file of another brand does not exist here."""
    files = []
    for position, (file_id, alt, focus) in enumerate(parcel.files):
        if stored[file_id].brand_id != parcel.channel.brand_id:
            raise StoredFile.DoesNotExist(f"file {file_id} is not this brand's")
        files.append(Attachment(position=position, file=stored[file_id], alt=alt, focus=focus))
    return files


def _store(parcel: Parcel, *, after: Publication | None, files: list[Attachment], permit: Permit) -> Publication:
    """Write one row with its files."""
    content = {**parcel.content, **({"reply_extra": parcel.reply_extra} if parcel.reply_extra else {})}
    row = Publication(
        brand_id=parcel.channel.brand_id,
        channel=parcel.channel,
        profile=parcel.channel.profile,
        kind=parcel.kind,
        origin_key=parcel.origin_key,
        part=parcel.part,
        after=after,
        reply_to=parcel.reply_to,
        content=content,
        content_digest=digest_of(content),
        sealed_at=permit.sealed_at,
        sealed_by=permit.sealed_by[:160],
        rule={**permit.rule, "hour": (parcel.approved_at or parcel.due_at).isoformat()},
        redate_within=permit.redate_within,
        late_after=parcel.due_at + permit.late_tolerance,
    )
    _set_hour(row, due_at=parcel.due_at, wall=parcel.wall, zone=parcel.zone, fold=parcel.fold)
    return _save_sealed(row, files)


def _set_hour(row: Publication, *, due_at: datetime, wall: datetime, zone: str, fold: int) -> None:
    """Write the hour as typed and as an instant, and what follows from it."""
    row.due_at, row.wall, row.zone, row.fold = due_at, wall, zone, fold
    waits = row.after is not None and row.after.state != states.PUBLISHED
    row.next_at = None if waits else due_at
    row.prepare_next_at = due_at - PREFLIGHT
    row.record_created_at = due_at + timedelta(milliseconds=row.part)
    row.rkey = record_key(due_at)


def _save_sealed(row: Publication, files: list[Attachment]) -> Publication:
    """Seal the row over its files and store both."""
    row.seal = seal_of(row, files)
    row.save(force_insert=True)
    for item in files:
        item.publication = row
    Attachment.objects.bulk_create(files)
    return row


def _is_live(parcel: Parcel) -> bool:
    return Publication.objects.filter(
        origin_key=parcel.origin_key,
        profile=parcel.channel.profile_id,
        kind=parcel.kind,
        part=parcel.part,
        state__in=states.LIVE,
    ).exists()


@transaction.atomic
def cancel(*, origin_key: uuid.UUID, by: User | None, why: str) -> Canceled:
    """Take back what has not left yet, in the transaction that voids the approval.

    What failed or was missed is given up with it: nobody tries it again under a pass that is void. What is leaving or
    doubtful is beyond reach, but its window ends now: should it turn out not to be out, it does not go again.
    """
    mine = Publication.objects.filter(origin_key=origin_key)
    rows = list(mine.exclude(state__in=OVER).select_for_update(of=("self",)).order_by("pk"))
    canceled = []
    for row in rows:
        if row.state in REACHED and _one(row, to=states.CANCELED, since=REACHED, next_at=None, prepare_next_at=None):
            record("publication.canceled", by=by, brand=row.brand, subject=row, data={"why": why})
            canceled.append(row)
    now = timezone.now()
    mine.filter(state__in=[states.SENDING, states.UNKNOWN]).update(
        late_after=Least("late_after", Value(now, DateTimeField())), redate_within=None
    )
    beyond = mine.filter(state__in=["sending", "unknown", "published"])
    return Canceled(canceled, list(beyond.order_by("pk")))


@transaction.atomic
def postpone(
    *, origin_key: uuid.UUID, wall: datetime, zone: str, fold: int, due_at: datetime, by: User | None
) -> list[Publication]:
    """Give everything of an origin that has not gone another hour: new rows under the same pass with a new seal.

    Raises BeyondAcceptedError when the hour lies outside what was accepted.
    """
    made: dict[int, Publication] = {}
    rows = Publication.objects.filter(origin_key=origin_key, state__in=MOVABLE).select_related("after", "profile")
    for row in rows.order_by("pk"):
        _check_accepted(row, due_at)
        if _has_successor(row) or not _one(row, to=states.CANCELED, since=MOVABLE, next_at=None, prepare_next_at=None):
            continue
        files = list(row.attachments.select_related("file"))
        copy = _copy_of(row, after=made.get(row.after_id or 0, row.after))
        copy.late_after = due_at + (row.late_after - row.due_at)
        _set_hour(copy, due_at=due_at, wall=wall, zone=zone, fold=fold)
        made[row.pk] = _save_sealed(copy, [_copy_of_file(item) for item in files])
        record("publication.postponed", by=by, brand=row.brand, subject=copy, data={"from": row.pk, "to": due_at})
    return list(made.values())


def _check_accepted(row: Publication, due_at: datetime) -> None:
    """Compare with the hour that was approved, not with the last one, so that small steps do not add up."""
    approved = datetime.fromisoformat(row.rule["hour"])
    if row.redate_within is None or abs(due_at - approved) > row.redate_within:
        raise BeyondAcceptedError(str(row.origin_key))


def _has_successor(row: Publication) -> bool:
    """Tell whether a missed or failed row was already followed by a living one."""
    living = Publication.objects.filter(
        origin_key=row.origin_key, profile=row.profile_id, kind=row.kind, part=row.part, state__in=states.LIVE
    )
    return living.exclude(pk=row.pk).exists()


COPIED = (
    "brand_id",
    "channel_id",
    "profile",
    "kind",
    "origin_key",
    "part",
    "reply_to",
    "content",
    "content_digest",
    "sealed_at",
    "sealed_by",
    "rule",
    "redate_within",
)


def _copy_of(row: Publication, *, after: Publication | None) -> Publication:
    return Publication(after=after, **{name: getattr(row, name) for name in COPIED})


def _copy_of_file(item: Attachment) -> Attachment:
    return Attachment(position=item.position, file=item.file, alt=item.alt, focus=item.focus)


@transaction.atomic
def retry(publication: Publication, *, by: User | None) -> None:
    """Send a failed publication again, within the window of its hour. Raises TooLateError, AlreadyOutError."""
    now = timezone.now()
    if now > publication.late_after:
        raise TooLateError(str(publication.pk))
    try:
        with transaction.atomic():
            won = _one(
                publication,
                to=states.WAITING,
                since=["failed"],
                next_at=max(now, publication.due_at),
                prepare_next_at=now,
                prepared=None,
                prepared_at=None,
                problem_code="",
                problem_values={},
                error_class="",
            )
    except IntegrityError as error:
        raise AlreadyOutError(str(publication.origin_key)) from error
    if not won:
        raise TooLateError(str(publication.pk))
    record("publication.retried", by=by, brand=publication.brand, subject=publication)


@transaction.atomic
def settle(publication: Publication, *, is_out: bool, url: str = "", remote_id: str = "", by: User | None) -> None:
    """Write what a person saw on the platform: it is out there, or surely not. Raises TooLateError, AlreadyOutError.

    "Surely not" is heard only where a person was asked: while we still look ourselves, a repetition may be on its way.
    With the ``remote_id`` of a post that a look-up came across, its comments are read as of any other, and what
    waited to hang under it goes.
    """
    now = timezone.now()
    if is_out:
        won = _found_by_hand(publication, url=url, remote_id=remote_id)
    else:
        won = _one(
            publication, to=states.WAITING, since=["unknown"], where=NOBODY_LOOKS, next_at=now, prepare_next_at=now
        )
        if won and now > publication.late_after:
            _one(publication, to=states.MISSED, since=["waiting"], next_at=None, problem_code="window_passed")
    if not won:
        raise TooLateError(str(publication.pk))
    publication.attempts.filter(finished_at=None).update(finished_at=now, outcome="unknown", note="settled by a person")
    record("publication.settled", by=by, brand=publication.brand, subject=publication, data={"is_out": is_out})
    if is_out:
        tell_outcome(publication_id=publication.pk, state=states.PUBLISHED)


def _found_by_hand(publication: Publication, *, url: str, remote_id: str) -> bool:
    """Move what a person found to published. Raises AlreadyOutError where another row has that post already."""
    values: dict[str, Any] = {"url": url, "published_at": _left_at(publication), "next_at": None}
    values |= {"problem_code": "", "error_class": ""} | ({"remote_id": remote_id} if remote_id else {})
    try:
        with transaction.atomic():
            won = _one(publication, to=states.PUBLISHED, since=["unknown"], **values)
    except IntegrityError as error:
        raise AlreadyOutError(str(publication.origin_key)) from error
    if won and remote_id:
        release_followers([publication.pk])
    return won


def _left_at(publication: Publication) -> datetime:
    """Return when the first try left: the best that is known of a post whose receipt was lost."""
    first = publication.attempts.order_by("number").first()
    return first.started_at if first else publication.due_at


@transaction.atomic
def drop(publication: Publication, *, by: User | None) -> None:
    """Give up what was missed, failed or waits. Raises TooLateError when it has left meanwhile."""
    since = ("waiting", "held", "claimed", "failed", "missed")
    if not _one(publication, to=states.CANCELED, since=since, next_at=None, prepare_next_at=None):
        raise TooLateError(str(publication.pk))
    record("publication.dropped", by=by, brand=publication.brand, subject=publication)


def note_comments(
    publication_id: int, *, comment_count: int, open_count: int, last_comment_at: datetime | None
) -> None:
    """Keep the counts that a calendar shows."""
    Publication.objects.filter(pk=publication_id).update(
        comment_count=comment_count, open_count=open_count, last_comment_at=last_comment_at
    )


def delivery_of(origin_keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Publication]]:
    """Return the rows of each origin in order, canceled ones left out."""
    found: dict[uuid.UUID, list[Publication]] = {key: [] for key in origin_keys}
    rows = Publication.objects.filter(origin_key__in=list(found)).exclude(state=states.CANCELED)
    for row in rows.select_related("channel", "profile").order_by("due_at", "pk"):
        found[row.origin_key].append(row)
    return found


def _one(row: Publication, *, to: str, since: Iterable[str], where: Q | None = None, **values: Any) -> bool:
    """Move one row; on success the object in hand shows it."""
    rows: QuerySet[Publication] = Publication.objects.filter(where or Q(), pk=row.pk)
    won = bool(move(rows, to=to, since=since, **values))
    if won:
        row.state = to
        for name, value in values.items():
            setattr(row, name, value)
    return won

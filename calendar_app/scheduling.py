"""From an approved revision to sealed rows of the publisher, and the hours at which that may happen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from accounts.permissions import Ability
from accounts.wall import HourMissingError, HourTwiceError, instant, wall_of
from calendar_app.feed_changes import bump
from calendar_app.models import Approval, ApprovalState, Post, PostStage, Revision, Sheet
from calendar_app.refusals import (
    AlreadyOut,
    BeyondAccepted,
    NotADraft,
    NotReady,
    PastHour,
    RestBeyondAccepted,
    RuleAsks,
)
from calendar_app.revisions import blocking, due_of, hour_of, latest, lock, prepare, store
from calendar_app.rights import require
from calendar_app.rules import as_it_reads, rule_for
from calendar_app.states import move_post
from publisher import outbox
from publisher.models import Channel, ChannelState, Publication

OUT = ("sending", "unknown", "published")
FIRST_HOUR, LAST_HOUR = 8, 21


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What became of an approved revision: rows that wait for their hour, or why there are none."""

    publications: list[Publication] = field(default_factory=list)
    is_past: bool = False
    without: list[Channel] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hour:
    """When one sheet goes out: usually as sealed, or moved within what was accepted."""

    wall: datetime
    fold: int
    due_at: datetime


def schedule(revision: Revision, *, by: User | None) -> Scheduled:
    """Hand every sheet that is not out yet to the outbox, under its seal. Inside the caller’s transaction and lock.

    An hour that has passed schedules nothing: people choose another. Raises BeyondAccepted for an hour that the
    reviewers were not shown.
    """
    post = revision.post
    sheets = _sheets_to_send(revision)
    hours = {sheet.pk: _hour(post, sheet) for sheet in sheets}
    _check_accepted(revision, sheets, hours)
    if any(hour.due_at <= timezone.now() for hour in hours.values()):
        bump(post)
        return Scheduled(is_past=True)
    usable = [sheet for sheet in sheets if sheet.channel.state != ChannelState.ENDED]
    _drop_troubled(post, by=by)
    rows = outbox.enqueue(_parcels(post, usable, hours), permit=_permit(revision)) if usable else []
    bump(post)
    record("post.scheduled", by=by, brand=post.brand, subject=post, data={"publications": [row.pk for row in rows]})
    return Scheduled(rows, without=[sheet.channel for sheet in sheets if sheet not in usable])


def schedule_post(post: Post, *, by: User | None) -> Scheduled:
    """Schedule a draft at once: only where the brand’s rule asks nobody."""
    require(by, Ability.SCHEDULE, post.brand)
    prepared = prepare(post)
    stopping = blocking(prepared.problems)
    if stopping:
        raise NotReady([(post, channel, problem) for channel, problem in stopping])
    with transaction.atomic():
        locked = lock(post.pk)
        if rule_for(locked).stages:
            raise RuleAsks
        if locked.stage != PostStage.DRAFT:
            raise NotADraft(title=locked.title)
        revision = store(prepared, post=locked, by=by)
        move_post(Post.objects.filter(pk=locked.pk), to=PostStage.APPROVED, since=[PostStage.DRAFT])
        return schedule(revision, by=by)


def unschedule(post: Post, *, by: User | None, why: str) -> outbox.Canceled:
    """Take back what has not left. The approval stands; a new hour (``drafting.move``) schedules the post again."""
    require(by, Ability.SCHEDULE, post.brand)
    with transaction.atomic():
        locked = lock(post.pk)
        canceled = outbox.cancel(origin_key=locked.key, by=by, why=why)
        bump(locked)
        record("post.unscheduled", by=by, brand=locked.brand, subject=locked, data={"why": why})
    return canceled


def reschedule(post: Post, *, by: User | None) -> Scheduled:
    """Bring the rows of an approved post to its present hours, under the same pass. Inside the caller’s lock.

    Raises BeyondAccepted, PastHour.
    """
    revision = latest(post)
    if revision is None:
        return Scheduled()
    if any(hour <= timezone.now() for hour in _open_hours(post, revision)):
        raise PastHour
    outbox.cancel(origin_key=post.key, by=by, why="moved")
    return schedule(revision, by=by)


def left_of(post: Post) -> QuerySet[Publication]:
    """Return what has not gone of a post and could still be given another hour."""
    return Publication.objects.filter(origin_key=post.key, state__in=outbox.MOVABLE)


def move_rest(post: Post, *, hour: Hour, by: User | None) -> list[Publication]:
    """Give what has not gone of a post that is partly out another hour, under the same pass. Inside the caller’s lock.

    Raises AlreadyOut where nothing is left, RestBeyondAccepted.
    """
    if post.stage != PostStage.APPROVED or not left_of(post).exists():
        raise AlreadyOut
    try:
        return outbox.postpone(
            origin_key=post.key, wall=hour.wall, zone=post.zone, fold=hour.fold, due_at=hour.due_at, by=by
        )
    except outbox.BeyondAcceptedError as error:
        raise RestBeyondAccepted from error


def is_within_accepted(post: Post, revision: Revision) -> bool:
    """Tell whether the post’s present hours lie within what the reviewers of a revision were shown and accepted."""
    sheets = list(revision.sheets.select_related("channel"))
    try:
        _check_accepted(revision, sheets, {sheet.pk: _hour(post, sheet) for sheet in sheets})
    except BeyondAccepted:
        return False
    return True


def accepted_within(revision: Revision) -> timedelta:
    """Return how far from its sealed hour a revision may go out: what its reviewers were shown and accepted."""
    return timedelta(seconds=_rule_of(revision)["redate_within_s"])


def is_out(post: Post) -> bool:
    """Tell whether anything of the post is out, leaving, or perhaps out."""
    return Publication.objects.filter(origin_key=post.key, state__in=OUT).exists()


def channels_out(post: Post) -> set[int]:
    """Return the channels on which the post itself is out, leaving, or perhaps out."""
    rows = Publication.objects.filter(origin_key=post.key, state__in=OUT, kind="post")
    return set(rows.values_list("channel_id", flat=True))


def proposed_hours(post: Post, *, now: datetime | None = None) -> list[datetime]:
    """Return three sensible wall-clock hours in the brand’s zone for a post whose hour has passed.

    Soon (the next half hour that leaves an hour’s time, within the day), tomorrow and in a week at the post’s own
    hour; none that does not exist or exists twice. Hand one to ``drafting.move``.
    """
    here = wall_of(at=now or timezone.now(), zone=post.zone).replace(second=0, microsecond=0, fold=0)
    soon = here + timedelta(hours=1, minutes=(30 - here.minute % 30) % 30)
    same = here.replace(hour=post.wall.hour, minute=post.wall.minute)
    days = [same + timedelta(days=count) for count in (1, 2, 7, 8)]
    hours = [soon] if FIRST_HOUR <= soon.hour < LAST_HOUR and soon.date() == here.date() else []
    plain = [hour for hour in [*hours, days[0], days[2], days[1], days[3]] if _is_plain(hour, post.zone)]
    return sorted(plain[:3])


def _is_plain(wall: datetime, zone: str) -> bool:
    try:
        instant(wall=wall, zone=zone)
    except (HourMissingError, HourTwiceError):
        return False
    return True


def _sheets_to_send(revision: Revision) -> list[Sheet]:
    """Return the sheets whose channel has nothing out yet: what is out stays out, and is never sent again."""
    profiles = set(
        Publication.objects.filter(origin_key=revision.post.key, state__in=OUT).values_list("profile_id", flat=True)
    )
    sheets = revision.sheets.select_related("channel__profile").order_by("pk")
    return [sheet for sheet in sheets if sheet.channel.profile_id not in profiles]


def _open_hours(post: Post, revision: Revision) -> list[datetime]:
    return [_hour(post, sheet).due_at for sheet in _sheets_to_send(revision)]


def _hour(post: Post, sheet: Sheet) -> Hour:
    """Return a sheet’s hour as the post stands now; the sheet itself keeps the one that was shown."""
    variant = post.variants.filter(channel=sheet.channel_id).first()
    if variant is None:
        return Hour(sheet.wall, sheet.fold, sheet.due_at)
    wall, fold = hour_of(post, variant)
    return Hour(wall, fold, due_of(post, variant))


def _check_accepted(revision: Revision, sheets: Iterable[Sheet], hours: dict[int, Hour]) -> None:
    """Compare with the sealed hours, never with the last move, so that small steps do not add up."""
    within = accepted_within(revision)
    if any(abs(hours[sheet.pk].due_at - sheet.due_at) > within for sheet in sheets):
        raise BeyondAccepted


def _rule_of(revision: Revision) -> dict[str, Any]:
    """Return the rule under which a revision was asked; without approvals, the one in force."""
    asked: dict[str, Any] | None = (
        revision.approvals.exclude(rule={}).order_by("pk").values_list("rule", flat=True).first()
    )
    return asked or as_it_reads(rule_for(revision.post))


def _permit(revision: Revision) -> outbox.Permit:
    """Return the pass: when the last decision fell, whose decisions they were, and the rule as it read."""
    rule = _rule_of(revision)
    given = list(
        Approval.objects.filter(revision=revision, state__in=[ApprovalState.APPROVED, ApprovalState.NOT_OBJECTED])
        .select_related("reviewer")
        .order_by("pk")
    )
    decided = [approval.decided_at for approval in given if approval.decided_at]
    return outbox.Permit(
        sealed_at=max(decided, default=timezone.now()),
        sealed_by=", ".join(dict.fromkeys(str(approval.reviewer) for approval in given)),
        rule={**rule, "revision": revision.pk, "digest": revision.digest},
        redate_within=timedelta(seconds=rule["redate_within_s"]),
        late_tolerance=revision.post.brand.late_tolerance,
    )


def _parcels(post: Post, sheets: list[Sheet], hours: dict[int, Hour]) -> list[outbox.Parcel]:
    """Return all parts as the outbox takes them; later parts of a sheet wait for the one they hang under."""
    parcels: list[outbox.Parcel] = []
    for sheet in sheets:
        first = len(parcels)
        for part in sheet.content:
            under = len(parcels) - 1 if part["kind"] == "part" else first
            parcels.append(_parcel(post, sheet, part, hours[sheet.pk], after=under if len(parcels) > first else None))
    return parcels


def _parcel(post: Post, sheet: Sheet, part: dict[str, Any], hour: Hour, *, after: int | None) -> outbox.Parcel:
    return outbox.Parcel(
        channel=sheet.channel,
        origin_key=post.key,
        kind=part["kind"],
        part=part["number"],
        content={name: part[name] for name in ("text", "link", "language", "options")},
        files=tuple((pk, alt, focus) for pk, _sha256, alt, focus in part["files"]),
        after=after,
        due_at=hour.due_at,
        wall=hour.wall,
        zone=sheet.zone,
        fold=hour.fold,
        approved_at=sheet.due_at,
    )


def _drop_troubled(post: Post, *, by: User | None) -> None:
    """Give up what failed or was missed before: new rows take its place."""
    for row in Publication.objects.filter(origin_key=post.key, state__in=["failed", "missed"]):
        outbox.drop(row, by=by)

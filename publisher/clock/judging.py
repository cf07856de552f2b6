"""Whether a claimed row may go: seal, window, chain, channel, pauses, preparation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from publisher import states
from publisher.clock.calls import files_of
from publisher.models import ChannelState, ConnectionState, Profile, Publication
from publisher.renewing import EXPIRED, is_over
from publisher.seals import seal_of
from publisher.states import move

GO = "go"
LATER = "later"
UNPREPARED = "unprepared"
MARGIN = timedelta(seconds=5)
RENEWAL = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a claimed row: it goes, it is looked at again in a moment, or it moves to a state and says why."""

    to: str
    code: str = ""
    next_at: datetime | None = None


def impediment(row: Publication, *, now: datetime) -> Verdict | None:
    """Return what forbids sending a row for good, or until something changes; None where nothing does."""
    if row.seal != seal_of(row, files_of(row)):
        return Verdict(states.FAILED, code="seal_broken")
    if now > row.late_after:
        return Verdict(states.MISSED, code="window_passed")
    if row.after is not None and row.after.state != states.PUBLISHED:
        return Verdict(states.WAITING)
    code = channel_problem(row)
    return Verdict(states.FAILED, code=code) if code else None


def channel_problem(row: Publication) -> str:
    """Return the code of what is wrong with a row's channel or sign-in, or nothing."""
    channel = row.channel
    if channel.state == ChannelState.ENDED or channel.archived_at is not None:
        return "channel_ended"
    if channel.state != ChannelState.CONNECTED or channel.connection.state != ConnectionState.CONNECTED:
        return "channel_lost"
    return ""


def readiness(row: Publication, *, profile: Profile | None, now: datetime) -> Verdict:
    """Say whether a row that nothing forbids goes now. ``profile`` is empty where another call is in flight to it."""
    if profile is None:
        return Verdict(LATER)
    pauses = [until for until in (profile.paused_until, profile.breaker_until) if until and until > now]
    if pauses:
        return Verdict(states.WAITING, next_at=max(pauses))
    if is_over(row.channel.connection, at=now):
        return Verdict(states.WAITING, code=EXPIRED, next_at=now + RENEWAL)
    if row.prepared is None or (row.prepared_until is not None and row.prepared_until <= now + MARGIN):
        return Verdict(LATER, code=UNPREPARED)
    return Verdict(GO)


def drop(row: Publication, verdict: Verdict) -> bool:
    """Move a claimed row where its verdict says, under its fence."""
    values: dict[str, Any] = {"owner": "", "lease_until": None, "problem_code": verdict.code}
    if verdict.to != states.HELD:
        values["next_at"] = verdict.next_at
    if verdict.to in {states.FAILED, states.MISSED}:
        values["news"] = verdict.to
    return bool(
        move(Publication.objects.filter(pk=row.pk, fence=row.fence), to=verdict.to, since=["claimed"], **values)
    )

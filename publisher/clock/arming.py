"""T - 0.4 s: one transaction in which everything must still be true, and the tries are written down before they leave."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from publisher import states
from publisher.clock.attempts import Opened, open_attempts
from publisher.clock.calls import UNSEEN, Errand, errand_of, first_starts, host_of, loaded
from publisher.clock.claiming import Held
from publisher.clock.flags import open_stops, reach_of
from publisher.clock.hours import Hours, ticks
from publisher.clock.judging import GO, LATER, Verdict, drop, impediment, readiness
from publisher.clock.pace import Pace
from publisher.clock.sending import Job
from publisher.contract.errors import SignIn
from publisher.models import Profile, Publication
from publisher.states import move


@dataclass(slots=True)
class Armed:
    """What one arming brought: jobs to send, rows no longer claimed, and rows that still have to be prepared."""

    jobs: list[Job] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    unprepared: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Arming:
    """One arming by one clock."""

    owner: str
    hours: Hours
    pace: Pace
    armed: Armed = field(default_factory=Armed)
    going: list[tuple[Publication, Errand]] = field(default_factory=list)
    starts: dict[int, datetime] = field(default_factory=dict)

    def run(self, batch: Sequence[Held]) -> Armed:
        """Judge the batch, move what passes to sending with an open attempt, and return the jobs."""
        with transaction.atomic():
            rows = self._locked(batch)
            self.armed.gone = {one.pk for one in batch} - {row.pk for row in rows}
            self._judge(rows)
            attempts = self._send_off()
        self.armed.jobs = [self._job(row, errand, attempts[row.pk]) for row, errand in self.going]
        self.armed.gone |= set(attempts)
        return self.armed

    def _locked(self, batch: Sequence[Held]) -> list[Publication]:
        """Return the rows of the batch that are still ours under the same fence, locked until the commit."""
        fences = {one.pk: one.fence for one in batch}
        rows = Publication.objects.filter(pk__in=list(fences), state=states.CLAIMED, owner=self.owner)
        locked = rows.select_for_update(of=("self",)).defer(*UNSEEN)
        return [row for row in loaded(locked) if row.fence == fences[row.pk]]

    def _judge(self, rows: list[Publication]) -> None:
        """Sort the rows: those that go, those that wait a moment, those that move elsewhere."""
        free = free_profiles({row.profile_id for row in rows})
        stops = open_stops()
        self.starts = first_starts(row.pk for row in rows)
        for row in rows:
            verdict = impediment(row, now=self.hours.now_at())
            if verdict is None:
                verdict = readiness(row, profile=free.get(row.profile_id), now=self.hours.now_at())
                if stops.cover(reach_of(row)):
                    verdict = Verdict(states.HELD, code="stopped")
            if verdict.to == GO:
                del free[row.profile_id]
                verdict = self._open(row)
            self._obey(row, verdict)

    def _open(self, row: Publication) -> Verdict:
        """Open the secrets of a row that goes; where the vault cannot, nothing leaves."""
        try:
            errand = errand_of(row, started_at=self.starts.get(row.pk) or self._leaves_at(row))
        except SignIn as error:
            return Verdict(states.FAILED, code=error.code)
        self.going.append((row, errand))
        return Verdict(GO)

    def _obey(self, row: Publication, verdict: Verdict) -> None:
        if verdict.to == LATER and verdict.code:
            self.armed.unprepared.add(row.pk)
        if verdict.to not in {GO, LATER}:
            drop(row, verdict)
            self.armed.gone.add(row.pk)

    def _leaves_at(self, row: Publication) -> datetime:
        return max(self.hours.now_at(), row.next_at or row.due_at)

    def _send_off(self) -> dict[int, Opened]:
        """Move what goes to sending, under its fence, and store an open attempt for each."""
        rows = [row for row, _ in self.going]
        if not rows:
            return {}
        deadline_at = max(self._leaves_at(row) for row in rows) + timedelta(
            seconds=self.pace.late_by_s + self.pace.call_s
        )
        by_fence: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            by_fence[row.fence].append(row.pk)
        for fence, pks in by_fence.items():
            mine = Publication.objects.filter(pk__in=pks, owner=self.owner, fence=fence)
            if move(mine, to=states.SENDING, since=["claimed"], lease_until=deadline_at) != len(pks):
                raise RuntimeError("rows that were locked have moved")
        leaving = [(row, self._leaves_at(row)) for row in rows]
        return open_attempts(leaving, owner=self.owner, deadline_at=deadline_at)

    def _job(self, row: Publication, errand: Errand, attempt: Opened) -> Job:
        send_at, now = attempt.started_at.timestamp(), self.hours.now()
        return Job(
            errand=errand,
            prepared=row.prepared or {},
            number=attempt.number,
            brand_id=row.brand_id,
            agency_id=row.brand.agency_id,
            channel_id=row.channel_id,
            profile_id=row.profile_id,
            origin_key=row.origin_key,
            platform=row.profile.platform,
            host=host_of(row.profile),
            due=row.due_at.timestamp(),
            late_after=row.late_after,
            tries=row.tries,
            send_at=send_at,
            deadline=ticks() + min(max(0.0, send_at - now) + self.pace.late_by_s, row.late_after.timestamp() - now),
        )


def free_profiles(wanted: Collection[int]) -> dict[int, Profile]:
    """Return, locked, the profiles that nobody else is arming or sending to."""
    profiles = Profile.objects.filter(pk__in=wanted).order_by("pk").select_for_update(skip_locked=True)
    free = {profile.pk: profile for profile in profiles}
    busy = Publication.objects.filter(profile__in=list(free), state=states.SENDING).values_list("profile_id", flat=True)
    for profile_id in set(busy):
        del free[profile_id]
    return free


def arm(batch: Sequence[Held], *, owner: str, hours: Hours, pace: Pace) -> Armed:
    """Arm a batch of claimed rows in one transaction."""
    return Arming(owner=owner, hours=hours, pace=pace).run(batch)

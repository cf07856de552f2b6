"""Working on doubts: take them under a fence, write the look-up down before it starts, speak, and conclude."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, InterfaceError, transaction
from django.db.models import F, Max, Q

from publisher import states
from publisher.backoff import pause_s
from publisher.channels import mark_lost, target_of
from publisher.clock.calls import Errand, errand_of, files_of, loaded
from publisher.clock.flags import Reach, open_stops, reach_of
from publisher.clock.hours import Hours, ticks
from publisher.clock.judging import channel_problem
from publisher.clock.leases import OVER, close_open_attempts
from publisher.clock.pace import Pace
from publisher.clock.results import FREE, evidence, published, release_followers
from publisher.contract.base import FindsPost
from publisher.contract.content import Look, Prepared, Receipt
from publisher.contract.errors import AdapterError, OutcomeUnknown, SignIn, Unavailable
from publisher.contract.wire import no_later_than
from publisher.logs import about
from publisher.models import Act, Attempt, Channel, Outcome, Publication
from publisher.platforms import adapter_of
from publisher.recovery import Doubt, Plan, Step, plan
from publisher.renewing import heed
from publisher.seals import seal_of
from publisher.states import move

log = logging.getLogger(__name__)

PUT_OFF = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Check:
    """One look-up or repetition on its way to a thread."""

    errand: Errand
    step: Step
    attempt_id: int
    number: int
    reach: Reach
    due: float
    left_at: float
    prepared: Prepared
    deadline: float
    latest: float


@dataclass(frozen=True, slots=True)
class Checked:
    """How it ended."""

    check: Check
    receipt: Receipt | None = None
    is_complete: bool = False
    error: AdapterError | None = None
    look: Look | None = None

    @property
    def publication_id(self) -> int:
        """Return the row that it is about."""
        return self.check.errand.publication_id


@dataclass(slots=True)
class Doubts:
    """The doubts as one clock works on them."""

    owner: str
    hours: Hours
    pace: Pace

    def take(self, *, limit: int) -> list[Check]:
        """Take doubts that are due; what needs no call is settled here. One transaction, its rows locked by id."""
        now = self.hours.now_at()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        due = Publication.objects.filter(free, state=states.UNKNOWN, next_at__lte=now).order_by("next_at")
        with transaction.atomic():
            taken = [self._take_or_put_off(pk) for pk in sorted(due.values_list("pk", flat=True)[:limit])]
        return [check for check in taken if check is not None]

    def _take_or_put_off(self, pk: int) -> Check | None:
        try:
            with transaction.atomic():
                return self._take(pk)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # a row that cannot be read, as of a platform that is gone, must not stop all others
            log.exception("a doubt cannot be worked on", extra={"publication": pk})
            mine = Publication.objects.filter(pk=pk, state=states.UNKNOWN)
            mine.update(next_at=self.hours.now_at() + PUT_OFF)
            return None

    def _take(self, pk: int) -> Check | None:
        now = self.hours.now_at()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        mine = Publication.objects.filter(free, pk=pk, state=states.UNKNOWN, next_at__lte=now)
        until = now + timedelta(seconds=self.pace.call_s)
        if not mine.update(fence=F("fence") + 1, owner=self.owner, lease_until=until):
            return None
        close_open_attempts([pk], now=now)
        (row,) = loaded(Publication.objects.filter(pk=pk))
        doubt = doubt_of(row)
        return self._follow(row, doubt, plan(doubt, now=now, pace=self.pace))

    def _follow(self, row: Publication, doubt: Doubt, wanted: Plan) -> Check | None:
        """Do what the plan says, or hand out the call that it wants."""
        if wanted.step is Step.WAIT:
            self._free(row, next_at=wanted.at)
        elif wanted.step is Step.ASK:
            self._ask(row)
        elif wanted.step is Step.GIVE_BACK:
            self._give_back(row)
        else:
            return self._check(row, doubt, wanted.step)
        return None

    def _check(self, row: Publication, doubt: Doubt, step: Step) -> Check | None:
        """Write the try down and return it."""
        try:
            errand = errand_of(row, started_at=doubt.first_left_at)
        except SignIn as error:
            mark_lost(row.channel, code=error.code)
            self._ask(row)
            return None
        now = self.hours.now_at()
        last = row.attempts.aggregate(last=Max("number"))["last"] or 0
        attempt = Attempt.objects.create(
            publication=row,
            number=last + 1,
            act=Act.REPLAY if step is Step.REPLAY else Act.FIND,
            fence=row.fence,
            owner=self.owner,
            started_at=now,
            deadline_at=now + timedelta(seconds=self.pace.call_s),
        )
        left_at = (now if step is Step.REPLAY else doubt.last_left_at).timestamp()
        return Check(
            errand=errand,
            step=step,
            attempt_id=attempt.pk,
            number=attempt.number,
            reach=reach_of(row),
            due=row.due_at.timestamp(),
            left_at=left_at,
            prepared=row.prepared or {},
            deadline=ticks() + min(self.pace.call_s / 3, (row.late_after - now).total_seconds()),
            latest=ticks() + self.pace.call_s * 5 / 6,
        )

    def _free(self, row: Publication, *, next_at: datetime | None) -> None:
        Publication.objects.filter(pk=row.pk, fence=row.fence).update(**FREE, next_at=next_at)

    def _ask(self, row: Publication) -> None:
        """Nobody but a person can tell: say so, once."""
        rows = Publication.objects.filter(pk=row.pk, fence=row.fence, state=states.UNKNOWN)
        rows.update(**FREE, next_at=None, problem_code="still_unknown", news=states.UNKNOWN)

    def _give_back(self, row: Publication) -> None:
        """It is surely not out: it goes again within its window, or is missed."""
        rows = Publication.objects.filter(pk=row.pk, fence=row.fence)
        now = self.hours.now_at()
        if not move(rows, to=states.WAITING, since=["unknown"], **FREE, next_at=now, problem_code=""):
            return
        if now > row.late_after:
            move(rows, to=states.MISSED, since=["waiting"], **OVER, problem_code="window_passed")

    def conclude(self, checked: Checked) -> None:
        """Write what a look-up or a repetition brought, under its fence."""
        try:
            with transaction.atomic():
                self._conclude(checked)
        except IntegrityError:
            log.warning(
                "a look-up found a post of another row", extra={"publication": checked.check.errand.publication_id}
            )
            with transaction.atomic():
                self._conclude(Checked(checked.check, error=OutcomeUnknown("still_unknown", note="another row's post")))

    def _conclude(self, checked: Checked) -> None:
        check, now = checked.check, self.hours.now_at()
        mine = Publication.objects.filter(pk=check.errand.publication_id, fence=check.errand.fence)
        Attempt.objects.filter(pk=check.attempt_id, finished_at=None).update(
            finished_at=now, outcome=outcome_of(checked), seen=seen_in(checked.look), **evidence(checked.receipt, checked.error)
        )
        if checked.receipt is not None:
            values = published(checked.receipt, due=check.due, left_at=check.left_at)
            if move(mine, to=states.PUBLISHED, since=["unknown"], **FREE, **values, news=states.PUBLISHED):
                release_followers([check.errand.publication_id])
            return
        next_at = now
        if checked.error is not None:
            heed(Channel.objects.get(pk=check.reach.channel_id), checked.error)
        if isinstance(checked.error, Unavailable):
            next_at = max(checked.error.retry_at or now, now + timedelta(seconds=pause_s(check.number)))
        mine.filter(state=states.UNKNOWN).update(**FREE, next_at=next_at)


def outcome_of(checked: Checked) -> str:
    """Return what an attempt remembers."""
    if checked.receipt is not None:
        return Outcome.RECEIPT if checked.check.step is Step.REPLAY else Outcome.ADOPTED
    if isinstance(checked.error, Unavailable):
        return Outcome.UNAVAILABLE
    if checked.error is None and checked.is_complete:
        return Outcome.ABSENT
    return Outcome.UNKNOWN


def seen_in(look: Look | None) -> dict[str, Any] | None:
    """Return what a look-up that found nothing saw, as it is kept for whoever has to decide."""
    if look is None or look.receipt is not None:
        return None
    nearest = [
        {"id": one.remote_id, "url": one.url, "at": one.at.isoformat() if one.at else "", "text": one.text}
        for one in look.nearest
    ]
    return {"read": look.read, "complete": look.complete, "nearest": nearest}


def make(check: Check, *, is_stopped: Callable[[Reach], bool]) -> Checked:
    """Speak to the platform. No database in here."""
    try:
        with about(publication=check.errand.publication_id, attempt=check.number):
            return _replay(check, is_stopped=is_stopped) if check.step is Step.REPLAY else _look(check)
    except AdapterError as error:
        return Checked(check, error=error)
    except Exception as error:  # whatever broke, we know as little as before
        log.exception("an adapter broke", extra={"publication": check.errand.publication_id})
        return Checked(check, error=OutcomeUnknown("internal_error", note=type(error).__name__))


def _replay(check: Check, *, is_stopped: Callable[[Reach], bool]) -> Checked:
    """Repeat the identical call: the stop flag and a deadline well before the lease's end are looked at once more."""
    if is_stopped(check.reach) or ticks() > check.deadline:
        raise Unavailable("stopped")
    errand = check.errand
    with no_later_than(check.latest):
        return Checked(check, errand.adapter.publish(errand.call, errand.content, errand.ticket, check.prepared))


def _look(check: Check) -> Checked:
    errand = check.errand
    if not isinstance(errand.adapter, FindsPost):
        return Checked(check, error=OutcomeUnknown("still_unknown"))
    look: Look = errand.adapter.find(errand.call, errand.content, errand.ticket, check.prepared)
    return Checked(check, look.receipt, look.complete, look=look)


def doubt_of(row: Publication) -> Doubt:
    """Read what is known from the intent log and the adapter."""
    tries = list(row.attempts.order_by("number"))
    left = [one for one in tries if may_have_left(one)]
    last = left[-1] if left else None
    looks = [one for one in tries if one.act == Act.FIND and (last is None or one.number > last.number)]
    target, adapter = target_of(row.channel), adapter_of(row.profile.platform)
    finder = adapter if isinstance(adapter, FindsPost) else None
    return Doubt(
        first_left_at=left[0].started_at if left else row.due_at,
        last_left_at=last.started_at if last else row.due_at,
        replays=sum(one.act == Act.REPLAY for one in left),
        looks=sum(one.outcome != Outcome.UNAVAILABLE for one in looks),
        absent=sum(one.outcome == Outcome.ABSENT for one in looks),
        late_after=row.late_after,
        honours_key=adapter.honours_key(target, row.kind),
        key_lives_s=adapter.key_lives_s(target, row.kind),
        can_find=finder is not None,
        is_complete=finder is not None and finder.listing_is_complete(target, row.kind),
        may_send=row.seal == seal_of(row, files_of(row)) and not open_stops().cover(reach_of(row)),
        may_call=channel_problem(row) == "",
        last_looked_at=looks[-1].started_at if looks else None,
    )


def may_have_left(attempt: Attempt) -> bool:
    """Tell whether a try may have brought the post out. A repetition that is refused proves nothing about the first."""
    if attempt.act == Act.REPLAY:
        return attempt.outcome not in {Outcome.NOT_SENT, Outcome.UNAVAILABLE}
    return attempt.act == Act.PUBLISH and attempt.outcome in {"", Outcome.UNKNOWN}

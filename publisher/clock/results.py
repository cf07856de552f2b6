"""Writing down what came of the calls: one thread, many results in one transaction, each under its fence."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime

from publisher import states
from publisher.backoff import next_try
from publisher.breaker import Breaker, after_failure
from publisher.bulk import update_each
from publisher.clock.attempts import Closed, close_attempts
from publisher.clock.hours import Hours
from publisher.clock.pace import Pace
from publisher.clock.sending import Job, Result
from publisher.contract.answers import LONGEST_WAIT, storable, storable_facts, web_address
from publisher.contract.content import Receipt
from publisher.contract.errors import AdapterError, OutcomeUnknown, Unavailable
from publisher.models import Attempt, Channel, Host, Outcome, Profile, Publication
from publisher.renewing import EXPIRED, heed
from publisher.states import move, move_each

log = logging.getLogger(__name__)

NOT_READY = frozenset({"prepared_stale", "not_prepared"})
TOLD = frozenset({states.FAILED, states.MISSED})
FREE: Mapping[str, Any] = {"owner": "", "lease_until": None}


@dataclass(frozen=True, slots=True)
class Move:
    """Where a result takes its row, and with which values."""

    to: str
    values: Mapping[str, Any]


def moved_by(result: Result, *, now: datetime, pace: Pace) -> Move:
    """Return what a result means for its row."""
    job, error = result.job, result.error
    if result.receipt is not None:
        return Move(states.PUBLISHED, published(result.receipt, due=job.due, left_at=result.left_at or job.send_at))
    if result.outcome == Outcome.NOT_SENT:
        return Move(states.WAITING, {"next_at": now})
    told = problem_of(error, result.outcome)
    if result.outcome == Outcome.UNAVAILABLE:
        retry_at = error.retry_at if isinstance(error, Unavailable) else None
        when = next_try(now=now, tries=job.tries + 1, late_after=job.late_after, retry_at=retry_at)
        again = {"prepared": None, "prepared_at": None} if error and error.code in NOT_READY else {}
        return Move(states.WAITING, {**told, **again, "next_at": when, "tries": job.tries + 1})
    if result.outcome == Outcome.UNKNOWN:
        look_at = datetime.fromtimestamp(result.left_at or job.send_at, UTC) + timedelta(seconds=pace.looks_s[0])
        return Move(states.UNKNOWN, {**told, "next_at": max(now, look_at)})
    return Move(states.FAILED, {**told, "next_at": None})


def problem_of(error: AdapterError | None, error_class: str) -> dict[str, Any]:
    """Return the columns that tell people what is wrong."""
    return {
        "problem_code": code_of(error) if error else "",
        "problem_values": dict(error.values) if error else {},
        "error_class": error_class,
    }


def code_of(error: AdapterError) -> str:
    """Return the code that stands beside a post. Its server was found when it was connected: nobody mistyped its address."""
    code = "server_silent" if error.code == "server_not_reached" else error.code[:60]
    return code  # noqa: RET504  (the name tells the test of sentences that a code stands here)


def published(receipt: Receipt, *, due: float, left_at: float) -> dict[str, Any]:
    """Return the columns of a receipt."""
    return {
        "remote_id": storable(receipt.remote_id)[:255],
        "remote_uri": storable(receipt.uri)[:500],
        "remote_extra": storable_facts(receipt.extra),
        "url": web_address(storable(receipt.url)),
        "published_at": receipt.published_at or datetime.fromtimestamp(left_at, UTC),
        "lag_ms": max(-(2**31), min(2**31 - 1, round((left_at - due) * 1000))),
        "next_at": None,
        **problem_of(None, ""),
    }


@dataclass(slots=True)
class Writer:
    """Writes results for one clock."""

    hours: Hours
    pace: Pace

    def write(self, results: Sequence[Result]) -> None:
        """Store all in one transaction; where one of them cannot be stored, each in its own."""
        try:
            with transaction.atomic():
                self._write(results)
        except (IntegrityError, DataError):
            for result in results:
                self._write_alone(result)

    def _write_alone(self, result: Result) -> None:
        try:
            with transaction.atomic():
                self._write([result])
        except (IntegrityError, DataError):
            log.exception("a receipt cannot be stored, or names a post of another row", extra=named(result.job))
            with transaction.atomic():
                values = {"next_at": None, "problem_code": "still_unknown", "news": states.UNKNOWN}
                doubtful = Move(states.UNKNOWN, values)
                self._store(result, doubtful)

    def _write(self, results: Sequence[Result]) -> None:
        self._lock(results)
        now = self.hours.now_at()
        good = [result for result in results if result.receipt is not None]
        self._store_receipts(good, now=now)
        for result in results:
            if result.receipt is None:
                self._store(result, moved_by(result, now=now, pace=self.pace))
        release_followers([result.job.errand.publication_id for result in good])
        self._note_health(results, now=now)

    @staticmethod
    def _lock(results: Sequence[Result]) -> None:
        """Lock the rows by id, as a withdrawal does that reaches several of them: nobody waits in a circle."""
        if connection.features.has_select_for_update:
            rows = Publication.objects.filter(pk__in=[result.job.errand.publication_id for result in results])
            list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))

    def _store_receipts(self, results: Sequence[Result], *, now: datetime) -> None:
        """Store good news, which comes in hundreds. It is welcome even when recovery has begun to doubt."""
        wanted = []
        for result in results:
            values = moved_by(result, now=now, pace=self.pace).values
            errand = result.job.errand
            wanted.append((errand.publication_id, errand.fence, {**FREE, **values, "news": states.PUBLISHED}))
        won = move_each(Publication, wanted, to=states.PUBLISHED, since=["sending", "unknown"], at=now)
        if won < len(wanted):
            log.warning("%s receipts came after their rows had moved on", len(wanted) - won)
        close_attempts((closed_by(result) for result in results), at=now)

    def _store(self, result: Result, wanted: Move) -> None:
        """Move one row and close its attempt."""
        job, error = result.job, result.error
        rows = Publication.objects.filter(pk=job.errand.publication_id, fence=job.errand.fence)
        news = {"news": wanted.to} if wanted.to in TOLD else {}
        won = move(rows, to=wanted.to, since=["sending"], **FREE, **wanted.values, **news)
        Attempt.objects.filter(publication=job.errand.publication_id, number=job.number, finished_at=None).update(
            finished_at=Now(),
            outcome=result.outcome,
            request_sha256=result.request_sha256,
            **evidence(result.receipt, error),
        )
        if not won:
            log.warning("a result came after its row had moved on", extra={**named(job), "outcome": result.outcome})

    def _note_health(self, results: Iterable[Result], *, now: datetime) -> None:
        """Pause profiles that asked for it, and count failures and successes of profiles and hosts."""
        good = [result.job for result in results if result.receipt]
        Profile.objects.filter(pk__in={job.profile_id for job in good}, failures__gt=0).update(
            failures=0, breaker_until=None
        )
        Host.objects.filter(name__in={job.host for job in good}, failures__gt=0).update(failures=0, breaker_until=None)
        note_quotas([result for result in results if result.receipt], now=now)
        hosts: Counter[str] = Counter()
        for result in results:
            if result.error is None or result.outcome == Outcome.NOT_SENT:
                continue
            if result.outcome == Outcome.SIGN_IN or result.error.code == EXPIRED:
                heed(Channel.objects.get(pk=result.job.channel_id), result.error)
            elif blames_host(result.error):
                hosts[result.job.host] += 1
                pause_host(result.job.host, result.error)
            else:
                pause_profile(result.job.profile_id, result.error, now=now)
        for name, many in hosts.items():
            note_failures(name, many=many, now=now)


def closed_by(result: Result) -> Closed:
    """Return how a try with a receipt ended."""
    found = evidence(result.receipt, None)
    job = result.job
    return Closed(
        job.errand.publication_id,
        job.number,
        Outcome.RECEIPT.value,
        found["status"],
        found["provider_request_id"],
        result.request_sha256,
    )


def blames_host(error: AdapterError) -> bool:
    """Tell whether an error says that the server is ill, and not one profile or one post."""
    return isinstance(error, OutcomeUnknown) or (isinstance(error, Unavailable) and error.scope == "host")


def pause_profile(profile_id: int, error: AdapterError, *, now: datetime) -> None:
    """Let a profile rest as long as its platform asks."""
    if isinstance(error, Unavailable) and error.scope == "profile":
        until = error.retry_at or now + timedelta(minutes=1)
        Profile.objects.filter(pk=profile_id).update(paused_until=until)


def pause_host(name: str, error: AdapterError) -> None:
    """Let a server rest as long as it asks; a shorter wish does not end a longer one."""
    if isinstance(error, Unavailable) and error.retry_at is not None:
        host, _ = Host.objects.get_or_create(name=name[:255])
        sooner = Q(paused_until=None) | Q(paused_until__lt=error.retry_at)
        Host.objects.filter(sooner, pk=host.pk).update(paused_until=error.retry_at)


def note_quotas(results: Sequence[Result], *, now: datetime) -> None:
    """Keep what the platforms say is left, all by one statement; who has nothing left rests until it is filled again."""
    told: dict[int, Mapping[str, Any]] = {}
    for result in results:
        if result.receipt is not None and result.receipt.quota:
            told[result.job.profile_id] = result.receipt.quota
    rows = [{"id": profile_id, "quota": dict(quota)} for profile_id, quota in sorted(told.items())]
    update_each(Profile, rows, by=("id",), same={}, where={})
    for profile_id, quota in told.items():
        until = parse_datetime(str(quota.get("reset_at", ""))) if quota.get("left") == 0 else None
        if until is not None and until > now:
            Profile.objects.filter(pk=profile_id).update(paused_until=min(until, now + LONGEST_WAIT))


def note_failures(name: str, *, many: int, now: datetime) -> None:
    """Count failures of a host in a row, and leave it alone after several."""
    host, _ = Host.objects.get_or_create(name=name[:255])
    found = after_failure(Breaker(host.failures, host.breaker_until), now=now, many=many)
    Host.objects.filter(pk=host.pk).update(failures=found.failures, breaker_until=found.until)
    if found.is_open(now):
        log.warning("a server is left alone for a while: %s", name)


def release_followers(publication_ids: Sequence[int]) -> None:
    """Let the parts go that waited for these to be out, each under the one before it."""
    if not publication_ids:
        return
    waiting = Publication.objects.filter(
        after__in=list(publication_ids), after__state=states.PUBLISHED, state__in=["waiting", "held"], next_at=None
    )
    for row in waiting.exclude(after__remote_id="").select_related("after"):
        if row.after is not None:
            Publication.objects.filter(pk=row.pk).update(next_at=row.due_at, reply_to=row.after.remote_id)


def evidence(receipt: Receipt | None, error: AdapterError | None) -> dict[str, Any]:
    """Return what an attempt keeps of an answer: the status, the platform's own number for the call, a word."""
    source: Receipt | AdapterError | None = receipt or error
    if source is None:
        return {}
    note = error.note or error.code if error else ""
    return {"status": source.status, "provider_request_id": source.request_id[:120], "note": note[:200]}


def named(job: Job) -> dict[str, Any]:
    """Return the ids that a log line carries."""
    return {"publication": job.errand.publication_id, "attempt": job.number, "platform": job.platform}

"""The threads that speak to platforms. They never touch the database: a job goes in, a result comes out."""

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from publisher.clock.calls import Errand
from publisher.clock.flags import StopFlags
from publisher.clock.hours import Hours, ticks
from publisher.clock.pace import Pace
from publisher.contract.content import Prepared, Receipt
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.contract.http import Door
from publisher.contract.wire import no_later_than
from publisher.logs import about
from publisher.models import Outcome

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One armed publication, its attempt written down, on its way to a thread."""

    errand: Errand
    prepared: Prepared
    number: int
    brand_id: int
    agency_id: int
    channel_id: int
    profile_id: int
    origin_key: uuid.UUID
    platform: str
    host: str
    due: float
    late_after: datetime
    tries: int
    send_at: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended: an outcome, with the receipt or the error. ``left_at`` is empty when nothing left.

    ``request_sha256`` is the digest of what was sent, secrets left out.
    """

    job: Job
    outcome: str
    receipt: Receipt | None = None
    error: AdapterError | None = None
    left_at: float | None = None
    request_sha256: str = ""


def outcome_of(error: AdapterError) -> str:
    """Return the outcome that a class of error stands for; what is none of the first three is unknown."""
    for kind, outcome in ((Rejected, Outcome.REJECTED), (SignIn, Outcome.SIGN_IN), (Unavailable, Outcome.UNAVAILABLE)):
        if isinstance(error, kind):
            return outcome
    return Outcome.UNKNOWN


def attempt(job: Job, *, hours: Hours, flags: StopFlags, pace: Pace) -> Result:
    """Wait for the second, look at the stop flag and the deadline once more, and make the one call."""
    wait_for(job.send_at, hours=hours)
    if flags.stops.cover(job):
        return Result(job, Outcome.NOT_SENT, error=Unavailable("stopped"))
    if flags.age_s() > pace.stops_stale_s:
        return Result(job, Outcome.NOT_SENT, error=Unavailable("stops_unread"))
    if ticks() > job.deadline:
        return Result(job, Outcome.NOT_SENT, error=Unavailable("late"))
    left_at = hours.now()
    result = _call(job, latest=job.deadline + pace.call_s / 2)  # well before the lease ends, even if we stand still
    return replace(result, left_at=left_at, request_sha256=Door.last_sha256())


def _call(job: Job, *, latest: float) -> Result:
    """Make the call, and return how it ended."""
    errand = job.errand
    ids = {"publication": errand.publication_id, "attempt": job.number, "platform": job.platform}
    try:
        with about(**ids), no_later_than(latest):
            receipt = errand.adapter.publish(errand.call, errand.content, errand.ticket, job.prepared)
    except AdapterError as error:
        outcome = outcome_of(error)
        log.info("a call brought no receipt", extra={**ids, "outcome": outcome, "code": error.code})
        return Result(job, outcome, error=error)
    except Exception as error:  # whatever broke, the call may have left: nobody knows
        log.exception("an adapter broke", extra=ids)
        unknown = OutcomeUnknown("internal_error", note=type(error).__name__)
        return Result(job, Outcome.UNKNOWN, error=unknown)
    return Result(job, Outcome.RECEIPT, receipt=receipt)


def wait_for(hour: float, *, hours: Hours) -> None:
    """Sleep until the hour has come by both clocks: nothing is early."""
    while (left := hours.until(hour)) > 0:
        time.sleep(left)


@dataclass(slots=True)
class Crew:
    """Threads made when they are needed. ``put`` never waits; what comes of it goes to ``results``."""

    name: str
    size: int
    results: "queue.SimpleQueue[Any]"
    _work: "queue.SimpleQueue[Callable[[], Any] | None]" = field(default_factory=queue.SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: int = 0

    def put(self, work: Callable[[], Any]) -> None:
        """Hand over work; a thread is added while there are fewer than open pieces of work."""
        with self._lock:
            self._open += 1
            if self._open > len(self._threads) < self.size:
                self._hire()
        self._work.put(work)

    def stand_by(self, count: int) -> None:
        """Have so many threads ready before their work comes: starting one costs more than the work does."""
        for _ in range(min(count, self.size)):
            with self._lock:
                if len(self._threads) >= min(count, self.size):
                    return
                self._hire()

    def _hire(self) -> None:
        thread = threading.Thread(target=self._go, name=f"{self.name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _go(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                brought = work()
                if brought is not None:
                    self.results.put(brought)
            except Exception:  # a piece of work that breaks must not cost the thread
                log.exception("work in a thread broke")
            finally:
                with self._lock:
                    self._open -= 1

    @property
    def open(self) -> int:
        """Return how many pieces of work are not done."""
        return self._open

    def end(self) -> None:
        """Let the threads go home after what they have in hand."""
        for _ in self._threads:
            self._work.put(None)

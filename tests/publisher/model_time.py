"""Time, threads and processes as the model turns them: one thread, a time of its own, nothing by chance."""

import queue
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from publisher.clock import hours, keeper, leases, loop, sending
from publisher.clock.loop import Clock
from tests.publisher.driving import make_clock

BEGAN = datetime(2026, 12, 1, 11, 0, 30, tzinfo=UTC).timestamp()
NEVER = float("inf")


class DiedError(BaseException):
    """The process is killed in the middle of a statement. Nothing may catch it."""


@dataclass
class Universe:
    """The true time, by the database's clock, and how far the machine whose turn it is differs from it."""

    now: float = BEGAN
    skew: float = 0.0
    owners: int = 0
    dead: set[str] = field(default_factory=set)
    tasks: list[int] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def sleep(self, seconds: float) -> None:
        """A thread waits for its second: time goes on."""
        self.now += seconds

    def ring(self, name: str, *args: Any) -> None:
        """The queue takes a task; whether it ever runs is another matter."""
        if name == "publisher.tasks.preflight":
            self.tasks.append(args[0])

    def rule(self, patch: pytest.MonkeyPatch) -> None:
        """Let everything that asks what time it is ask here."""
        steady = SimpleNamespace(
            time=lambda: self.now + self.skew, clock_gettime=lambda _which: self.now - BEGAN, sleep=self.sleep
        )
        patch.setattr(hours, "time", steady)
        patch.setattr(hours, "connection", SimpleNamespace(vendor="postgresql"))
        patch.setattr(hours.Hours, "_asked", lambda _hours: self.now)
        patch.setattr(sending, "time", steady)
        patch.setattr(loop, "time", SimpleNamespace(sleep=lambda _seconds: None))
        patch.setattr(timezone, "now", lambda: self.at)
        patch.setattr(leases, "is_dead", self.dead.__contains__)
        patch.setattr(keeper, "async_task", self.ring)
        patch.setattr(keeper, "deliver_outcome", lambda **_news: True)
        patch.setattr(keeper, "due_streams", lambda **_when: [])


class HandQueue:
    """A queue on which nobody sleeps."""

    def __init__(self) -> None:
        self.items: deque[Any] = deque()

    def put(self, item: Any) -> None:
        self.items.append(item)

    def get(self, timeout: float = 0.0) -> Any:  # noqa: ARG002  (as the real one is asked)
        if not self.items:
            raise queue.Empty
        return self.items.popleft()

    def empty(self) -> bool:
        return not self.items

    def qsize(self) -> int:
        return len(self.items)


@dataclass
class HandCrew:
    """Threads that move when they are told to: work is begun by hand, and what it brought may stay on its way."""

    results: HandQueue
    work: list[Callable[[], Any]] = field(default_factory=list)
    away: list[Any] = field(default_factory=list)

    def put(self, work: Callable[[], Any]) -> None:
        self.work.append(work)

    @property
    def open(self) -> int:
        return len(self.work) + len(self.away)

    def begin(self, index: int = 0) -> None:
        """Let one thread do its work; it comes back with ``bring``."""
        brought = self.work.pop(index)()
        if brought is not None:
            self.away.append(brought)

    def bring(self, index: int = 0) -> None:
        self.results.put(self.away.pop(index))

    def do_all(self) -> None:
        """Let every thread come and go as on a good day."""
        while self.work:
            self.begin()
        while self.away:
            self.bring()


@dataclass
class Machine:
    """One clock process on one machine."""

    universe: Universe
    skew: float
    judge: Callable[[], None]
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin a process: nothing of the one before it is known to it."""
        self.universe.owners += 1
        self.universe.skew = self.skew
        clock = make_clock(
            f"model:{self.universe.owners}", poll_s=0.5, keep_s=1.0, arm_ahead_s=0.4, batch_s=0.0, call_s=60.0,
            looks_s=(10.0, 30.0, 90.0), replays_s=(10.0, 30.0, 90.0), threads=4, held=8, held_per_profile=3, side_threads=2,
        )  # fmt: skip
        clock.results, clock.keeper.inbox = HandQueue(), HandQueue()  # type: ignore[assignment]  # as much of a queue as is asked for
        clock.crew, clock.keeper.crew = HandCrew(clock.results), HandCrew(clock.keeper.inbox)  # type: ignore[assignment]  # the same of threads
        clock.keeper._last.update({"beat": NEVER, "sweep": NEVER, "canary": NEVER})
        self.clock = clock

    @property
    def calls(self) -> HandCrew:
        return self.clock.crew  # type: ignore[return-value]  # set above

    @property
    def side(self) -> HandCrew:
        return self.clock.keeper.crew  # type: ignore[return-value]  # set above

    def die(self, *, is_seen: bool) -> None:
        """End at once. ``is_seen``: the next one on the machine knows it; otherwise only the leases tell."""
        if is_seen:
            self.universe.dead.add(self.clock.owner)
        self.start()

    def watch(self) -> None:
        self.universe.skew = self.skew
        self.clock.flags.read()

    def keep(self) -> None:
        """The keeper's part: what threads brought, and what each second wants."""
        self.universe.skew = self.skew
        self.clock.keeper.work_inbox(wait_s=0.0)
        self.clock.keeper.each_second()
        self.judge()

    def turn(self) -> None:
        """The main thread's part: results, arming, claiming."""
        self.universe.skew = self.skew
        self.clock.turn()
        self.judge()

    def live(self) -> None:
        """A good moment: everything has its turn, every call is answered."""
        self.watch()
        self.keep()
        self.side.do_all()
        self.keep()
        self.turn()
        self.calls.do_all()
        self.turn()
        self.calls.do_all()


@contextmanager
def broken_at(statement: int, error: type[BaseException]) -> Iterator[None]:
    """Break the database connection, or end the process, at the so-manieth statement from now."""
    left = [statement]

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise error("the model")
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(count):
            yield
    except (DiedError, OperationalError):
        if left[0] > 0:
            raise
    finally:
        connection.needs_rollback = False  # no statement was run: outside of the test nothing would be open any more


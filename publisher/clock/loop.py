"""The clock itself: a thread that claims, arms and writes; threads that send; one that watches stops; one that keeps."""

import gc
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Q

from publisher.breaker import FAILURES
from publisher.clock.arming import Armed, arm
from publisher.clock.claiming import Held, claim, let_go, renew
from publisher.clock.flags import StopFlags
from publisher.clock.hours import Hours
from publisher.clock.keeper import Keeper
from publisher.clock.owners import own_name
from publisher.clock.pace import Pace, pace_of_settings
from publisher.clock.results import Writer, blames_host
from publisher.clock.sending import Crew, Job, Result, attempt
from publisher.contract.content import Target
from publisher.contract.http import DoorError
from publisher.door import door
from publisher.limits import choose
from publisher.models import Host
from publisher.platforms import adapter_of

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.05
NEAR_S = 0.5
PAST_S = 2.0
ENDING_S = 45.0
SELDOM = 20_000


@dataclass(slots=True)
class Clock:
    """One publisher process. ``turn`` is one round of its main thread, the only one that arms and writes results."""

    pace: Pace = field(default_factory=pace_of_settings)
    owner: str = field(default_factory=own_name)
    flags: StopFlags = field(default_factory=StopFlags)
    held: dict[int, Held] = field(default_factory=dict)
    flying: dict[int, Job] = field(default_factory=dict)
    results: "queue.SimpleQueue[Result]" = field(default_factory=queue.SimpleQueue)
    ending: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    hours: Hours = field(init=False)
    crew: Crew = field(init=False)
    keeper: Keeper = field(init=False)
    writer: Writer = field(init=False)
    _unwritten: list[Result] = field(default_factory=list)
    _claim_at: float = 0.0
    _blocked_until: float = 0.0
    _renew_at: float = 0.0
    _shut_at: float = 0.0
    _read_at: float = 0.0
    _warm: set[tuple[str, int]] = field(default_factory=set)
    _shut: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hours = Hours(skew_s=self.pace.skew_s)
        self.crew = Crew("send", self.pace.threads, self.results)
        self.keeper = Keeper(
            self.owner,
            self.hours,
            self.pace,
            self.flags,
            is_rushing=self.is_rushing,
            has_posts=self.is_busy,
            detail=self.describe,
        )
        self.writer = Writer(self.hours, self.pace)

    # running

    def run(self) -> None:
        """Turn until asked to end; then arm nothing new, finish what is in flight, and go."""
        settle_memory()
        go_first()
        self.hours.read()
        helpers = [threading.Thread(target=work, daemon=True) for work in (self.keeper.run, self.watch)]
        for helper in helpers:
            helper.start()
        log.info("the clock runs", extra={"owner": self.owner})
        while not self.ending.is_set() or self.is_flying():
            try:
                self.turn()
            except (DatabaseError, InterfaceError):
                log.exception("the clock lost the database")
                connection.close()
                go_first()
                time.sleep(0.1)
        self.let_all_go()
        self.keeper.ending.set()
        helpers[0].join(ENDING_S)
        self.done.set()
        helpers[1].join(1)
        self.crew.end()
        log.info("the clock ends", extra={"owner": self.owner})

    def stop(self) -> None:
        """Ask it to end: what is in flight is finished, nothing new is armed."""
        self.ending.set()

    def is_flying(self) -> bool:
        """Tell whether a call is under way or its result is not written yet."""
        return bool(self.flying or self._unwritten)

    def is_busy(self) -> bool:
        """Tell whether anything is in hand: in flight, or claimed."""
        return bool(self.held) or self.is_flying()

    def watch(self) -> None:
        """Read the open stops every few hundredths of a second while something is about to leave."""
        while not self.done.is_set():
            try:
                if self.is_rushing() or self.flags.age_s() > self.watch_s():
                    self.flags.read()
            except (DatabaseError, InterfaceError):
                log.exception("the stops cannot be read: nothing is sent until they can")
                connection.close()
            self.done.wait(self.pace.stops_s * (4 if self.keeper.is_idle() else 1))
        connection.close()

    def watch_s(self) -> float:
        """Return how old the reading of the stops may get while nothing is near its hour."""
        is_idle = self.keeper.is_idle()
        return self.pace.beat_s if is_idle else self.pace.stops_stale_s * 0.7

    def is_rushing(self) -> bool:
        """Tell whether something is in flight or about to be."""
        now = self.hours.now()
        near = now + self.pace.arm_ahead_s + NEAR_S
        hours = [one.send_at for one in list(self.held.values())] + [one.send_at for one in list(self.flying.values())]
        return any(now - PAST_S <= hour <= near for hour in hours)

    def describe(self) -> dict[str, object]:
        """Return what the heartbeat shows."""
        return {
            "owner": self.owner,
            "held": len(self.held),
            "flying": len(self.flying),
            "skew": round(self.hours.skew, 3),
        }

    # one round

    def turn(self) -> None:
        """Take what came back, fill the threads that are free again, then write; claim what is due soon."""
        self._unwritten = self.gather()
        self.leave_alone()
        if not self.ending.is_set():
            self.arm_due()
        self.write()
        if self.ending.is_set():
            self.let_all_go()
            return
        if self.hours.now() >= self._claim_at:
            self.claim_due()
        self.warm_up()

    def gather(self) -> list[Result]:
        """Wait until something comes back or has to be done; then a moment longer, for those that come together."""
        got = self._unwritten
        try:
            got.append(self.results.get(timeout=0 if got else self.nap_s()))
            if self.flying:
                self.let_come()
        except queue.Empty:
            pass
        while not self.results.empty():
            got.append(self.results.get())
        return got

    def let_come(self) -> None:
        """Wait while answers keep coming, until half a batch is there: many cost little more than one."""
        enough = min(len(self.flying) - 1, self.pace.batch // 2)
        latest = self.hours.now() + 3 * self.pace.batch_s
        seen = -1
        while seen < self.results.qsize() < enough and self.hours.now() < latest:
            seen = self.results.qsize()
            time.sleep(self.pace.batch_s / 3)

    def nap_s(self) -> float:
        """Return how long nothing has to be done."""
        now = self.hours.now()
        wake = [self._claim_at if not self.ending.is_set() else now + self.pace.poll_s]
        soonest = [max(one.send_at - self.pace.arm_ahead_s, one.look_at) for one in self.waiting_here()]
        wake += [max(self._blocked_until, min(soonest))] if soonest else []
        return (
            min(self.pace.poll_s, max(0.0, min(wake) - now))
            if len(self.flying) < self.pace.threads
            else self.pace.batch_s
        )

    def leave_alone(self) -> None:
        """A server whose one call failed gets no second one before the database says for how long it rests."""
        for result in self._unwritten:
            if result.job.host in self._shut and result.error is not None and blames_host(result.error):
                self._shut[result.job.host] = True

    def waiting_here(self) -> list[Held]:
        """Return what is claimed, not being prepared, and free to be called."""
        if self.ending.is_set():
            return []
        busy = {job.profile_id for job in self.flying.values()}
        in_work, shut = self.keeper.in_work, self._shut
        free = (one for one in self.held.values() if one.pk not in in_work and one.profile_id not in busy)
        return [one for one in free if not shut.get(one.host)]

    def write(self) -> None:
        """Store a batch of what came back; it is forgotten only once the database has it."""
        batch, rest = self._unwritten[: self.pace.batch], self._unwritten[self.pace.batch :]
        if batch:
            self.writer.write(batch)
            for result in batch:
                self.flying.pop(result.job.errand.publication_id, None)
        self._unwritten = rest

    def arm_due(self) -> None:
        """Arm what is due within the next moment, batch by batch while there are free threads."""
        while self.arm_batch() == self.pace.batch:
            pass

    def arm_batch(self) -> int:
        """Arm one batch, hand it to the threads, and return how many rows it had."""
        now = self.hours.now()
        near = now + self.pace.arm_ahead_s
        due = [one for one in self.waiting_here() if one.send_at <= near and one.look_at <= now]
        if not due:
            return 0
        due.sort(key=lambda one: (one.send_at, one.pk))
        trying = [name for name, is_shut in self._shut.items() if not is_shut]
        back = {result.job.errand.publication_id for result in self._unwritten}
        flying = [job for pk, job in self.flying.items() if pk not in back]
        chosen = choose(due, threads=self.pace.threads, flying=flying, trying=trying)
        chosen = chosen[: self.pace.batch]
        if not chosen:  # every thread they may have is busy: what comes back wakes us
            self._blocked_until = now + LOOK_AGAIN_S
            return 0
        self.send_off(chosen, arm(chosen, owner=self.owner, hours=self.hours, pace=self.pace))
        return len(chosen)

    def send_off(self, chosen: Sequence[Held], armed: Armed) -> None:
        """Hand the jobs to the threads, and remember what stayed behind."""
        for job in armed.jobs:
            self.flying[job.errand.publication_id] = job
            self.crew.put(partial(attempt, job, hours=self.hours, flags=self.flags, pace=self.pace))
        for one in chosen:
            if one.pk in armed.gone:
                self.held.pop(one.pk, None)
            elif one.pk in armed.unprepared:
                self.keeper.prepare(one.pk)
            else:
                self.held[one.pk] = replace(one, look_at=self.hours.now() + LOOK_AGAIN_S)

    def claim_due(self) -> None:
        """Read the clock, take what is due soon, and hold on to what is held."""
        if self.held or self.hours.now() >= self._read_at:
            self.hours.read()
            self._read_at = self.hours.now() + self.pace.keep_s * 2
        self._claim_at = self.hours.now() + self.pace.poll_s
        if self.hours.now() >= self._shut_at:
            self._shut = shut_hosts(self.hours)
            self._shut_at = self.hours.now() + self.pace.keep_s * (1 if self.held else 2)
        shut = [name for name, is_shut in self._shut.items() if is_shut]
        held = list(self.held.values())
        for one in claim(owner=self.owner, hours=self.hours, pace=self.pace, held=held, shut=shut):
            self.held[one.pk] = one
            if not one.is_prepared:
                self.keeper.prepare(one.pk)
        if self.held and self.flags.age_s() > self.pace.stops_stale_s:
            self.flags.read()
        if self.held and self.hours.now() >= self._renew_at:
            renew(held, owner=self.owner, hours=self.hours, pace=self.pace)
            self._renew_at = self.hours.now() + self.pace.lease_s / 3

    def warm_up(self) -> None:
        """Open connections for what leaves within the next two seconds."""
        if self.pace.warm_ahead_s <= 0:
            return
        until = self.hours.now() + self.pace.warm_ahead_s
        soon = Counter(
            (one.platform, one.server, int(one.send_at)) for one in self.held.values() if one.send_at <= until
        )
        for (platform, server, second), count in soon.items():
            if (server, second) not in self._warm:
                self._warm = {key for key in self._warm if key[1] >= second - 10} | {(server, second)}
                most = min(count, self.pace.threads)
                self.keeper.crew.put(partial(warm, platform, server, most, crew=self.crew))

    def let_all_go(self) -> None:
        """Give back what was only claimed."""
        if self.held:
            with transaction.atomic():
                let_go(owner=self.owner)
            self.held.clear()


def settle_memory() -> None:
    """Spare the collector what is loaded for good, so that it does not walk through it in the second that counts."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)


def go_first() -> None:
    """On SQLite, let this thread's writes pass before those that queue."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        setattr(connection, "goes_first", True)  # noqa: B010  (an attribute of our own backend only)


def shut_hosts(hours: Hours) -> dict[str, bool]:
    """Return hosts that failed several times or asked for a pause.

    True while they are left alone, False while one call tries those that failed.
    """
    now = hours.now_at()
    resting = Host.objects.filter(Q(failures__gte=FAILURES) | Q(paused_until__gt=now))
    found = resting.values_list("name", "breaker_until", "paused_until")
    return {name: any(until is not None and until > now for until in pauses) for name, *pauses in found}


def warm(platform: str, server: str, count: int, *, crew: Crew) -> None:
    """Start the threads that will send in a moment, and have them open their connections side by side."""
    crew.stand_by(count)
    address = adapter_of(platform).address(Target(server=server, remote_id=""))
    try:
        for open_one in door().openings(address, count=count):
            crew.put(partial(warm_one, open_one, platform=platform))
    except DoorError as error:  # the call that follows says so to people
        log.info("warming failed: %s", error.why, extra={"platform": platform})


def warm_one(open_one: Callable[[], None], *, platform: str) -> None:
    """Open one connection; where that fails, the call itself will say so."""
    try:
        open_one()
    except DoorError as error:
        log.info("warming failed: %s", error.why, extra={"platform": platform})

"""Everything that must be done each second beside the sending: preparing, doubts, leases, windows, news, wake-ups."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, connection, transaction
from django_q.tasks import async_task

from publisher import states
from publisher.clock import leases, preparing
from publisher.clock.doubts import Checked, Doubts, make
from publisher.clock.flags import Reach, StopFlags
from publisher.clock.hours import Hours, ticks
from publisher.clock.pace import Pace
from publisher.clock.preparing import Errands, Prepared
from publisher.clock.sending import Crew
from publisher.heartbeat import beat, farewell, forget_old
from publisher.models import Publication
from publisher.renewing import due, renew_aside
from publisher.signals import comments_waiting, deliver, deliver_outcome
from publisher.states import move
from publisher.streams import due_streams, put_off
from publisher.tallies import tick_off

log = logging.getLogger(__name__)

MOST = 200
TICKED_AT_ONCE = 25
RING_AGAIN = timedelta(minutes=2)
ANYWAY_S = 5.0
IDLE, SELDOM = 2, 5
DEAF_S = 10.0
NEWS_S = 0.5
SOON_S = 0.02
GIVEN_UP = timedelta(hours=1)
SWEEPS = (
    "accounts.tasks.sweep_letters",
    "publisher.tasks.sweep",
    "calendar_app.tasks.sweep",
    "community.tasks.sweep",
)


@dataclass(slots=True)
class Keeper:
    """One thread with a database connection of its own. ``inbox`` takes rows to prepare and what threads bring back."""

    owner: str
    hours: Hours
    pace: Pace
    flags: StopFlags
    is_rushing: Callable[[], bool] = bool
    has_posts: Callable[[], bool] = bool
    detail: Callable[[], dict[str, object]] = dict
    inbox: "queue.SimpleQueue[int | Prepared | Checked]" = field(default_factory=queue.SimpleQueue)
    in_work: set[int] = field(default_factory=set)
    ending: threading.Event = field(default_factory=threading.Event)
    _out: set[int] = field(default_factory=set)
    _line: "deque[Errands]" = field(default_factory=deque)
    _preparing: dict[int, str] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)
    _deaf_until: float = 0.0
    _has_more_doubts: bool = False
    crew: Crew = field(init=False)
    doubts: Doubts = field(init=False)

    def __post_init__(self) -> None:
        self.crew = Crew("side", self.pace.side_threads, self.inbox)
        self.doubts = Doubts(self.owner, self.hours, self.pace)

    def run(self) -> None:
        """Work until the clock ends, then until nothing is left in hand."""
        while not self.ending.is_set() or self.is_busy():
            try:
                self.work_inbox(wait_s=min(0.5 if self.is_idle() else 0.2, self.pace.keep_s))
                if self._is_time("second", self.pace.keep_s * (IDLE if self.is_idle() else 1)):
                    self.each_second()
                elif self._has_more_doubts:
                    self.look_into_doubts()
            except (DatabaseError, InterfaceError):
                log.exception("the keeper lost the database")
                connection.close()
                self.ending.wait(0.5)
            except Exception:  # one bad row must not end preparing and recovery for all others
                log.exception("the keeper stumbled")
                self.ending.wait(0.5)
        self.tell_news()
        farewell("clock")
        self.crew.end()
        connection.close()

    def is_busy(self) -> bool:
        """Tell whether its threads have work, or brought something that is not written yet."""
        return bool(self.crew.open or self._line) or not self.inbox.empty()

    def is_idle(self) -> bool:
        """Tell whether nothing is in hand anywhere in this clock: then its rounds are rarer."""
        return not (self.has_posts() or self.is_busy() or self.in_work or self._has_more_doubts)

    def prepare(self, publication_id: int) -> None:
        """Have a row prepared; asking twice is asking once."""
        if publication_id not in self.in_work:
            self.in_work.add(publication_id)
            self.inbox.put(publication_id)

    # what threads bring back

    def work_inbox(self, *, wait_s: float) -> None:
        """Hand out rows to prepare, and write what came back."""
        self._hand_out()
        try:
            items = [self.inbox.get(timeout=min(wait_s, SOON_S) if self._line else wait_s)]
        except queue.Empty:
            return
        while len(items) < MOST and not self.inbox.empty():
            items.append(self.inbox.get())
        try:
            self._work(items)
        finally:  # what was lost on the way is asked for again
            self.in_work.difference_update(item for item in items if isinstance(item, int) and item not in self._out)
            back = {item.publication_id for item in items if isinstance(item, Prepared)}
            self.in_work.difference_update(back)
            self._preparing = {pk: server for pk, server in self._preparing.items() if pk not in back}

    def _work(self, items: "list[int | Prepared | Checked]") -> None:
        self._open({item for item in items if isinstance(item, int)})
        with transaction.atomic():
            for item in items:
                if isinstance(item, Prepared):
                    self._store(item)
        with transaction.atomic():
            for item in sorted((one for one in items if isinstance(one, Checked)), key=lambda one: one.publication_id):
                self.doubts.conclude(item)

    def _open(self, publication_ids: set[int]) -> None:
        """Put what has to be prepared in line for the threads."""
        if not publication_ids:
            return
        for wanted in preparing.open_errands(publication_ids):
            if isinstance(wanted, Errands):
                self._out.add(wanted.errand.publication_id)
                self._line.append(wanted)
            else:
                self._store(wanted)
        self._hand_out()

    def _hand_out(self) -> None:
        """Give what stands in line to idle threads: one server that hangs never has them all, nor while we end."""
        if self.ending.is_set():
            self._out.difference_update(wanted.errand.publication_id for wanted in self._line)
            self._line.clear()
        for _ in range(len(self._line)):
            wanted, free = self._line.popleft(), self.pace.side_threads - self.crew.open
            server = wanted.errand.call.target.server
            if free > (self._spare() if server in self._preparing.values() else 0):
                self._preparing[wanted.errand.publication_id] = server
                self.crew.put(partial(preparing.prepare, wanted))
            else:
                self._line.append(wanted)

    def _room(self) -> int:
        """Return how many threads look-ups and renewals may still take: some are left for what has to be prepared."""
        return self.pace.side_threads - self._spare() - self.crew.open

    def _spare(self) -> int:
        """Return how many threads are kept for servers that have none."""
        return self.pace.side_threads // 4

    def _store(self, prepared: Prepared) -> None:
        """Write what preparing brought; a claimed row that could not be prepared waits for its next try."""
        is_good = preparing.store(prepared)
        if not is_good:
            row = Publication.objects.filter(pk=prepared.publication_id).first()
            if row is not None and row.prepare_next_at is not None:
                mine = Publication.objects.filter(pk=row.pk, owner=self.owner, fence=row.fence)
                move(mine, to=states.WAITING, since=["claimed"], owner="", next_at=row.prepare_next_at)
        self._out.discard(prepared.publication_id)

    # what each second wants

    def each_second(self) -> None:
        """Do in order of importance what has fallen due."""
        self.recover()
        if self._is_time("beat", self.pace.beat_s):
            beat("clock", detail=self.detail())
        if self.is_rushing() and not self._is_time("anyway", ANYWAY_S):
            return
        self.tell_news()
        self.ring()
        if self._is_time("sweep", self.pace.sweep_s):
            forget_old()
            for name in SWEEPS:
                async_task(name)

    def recover(self) -> None:
        """Give back what dead clocks held, miss what is too late, work on doubts, prepare what nobody prepared."""
        now = self.hours.now_at()
        if self._is_time("leases", min(self.pace.leases_s, self.pace.keep_s * 2)):
            leases.expire(now=now, pace=self.pace)
            leases.release_dead(now=now, pace=self.pace)
            leases.miss(now=now)
        self.renew_sign_ins()
        self.look_into_doubts()
        self.prepare_late_ones()

    def renew_sign_ins(self) -> None:
        """Hand out sign-ins that end soon; a lease in the row sees to it that one worker renews each."""
        room = self._room()
        if not self._is_time("sign-ins", self.pace.keep_s * SELDOM):
            return
        for connection_id in due(now=self.hours.now_at(), limit=room) if room > 0 else ():
            self.crew.put(partial(renew_aside, connection_id))

    def look_into_doubts(self) -> None:
        """Hand out look-ups and repetitions, no more than there are threads for them.

        After a bad minute there are hundreds, and their windows end: a full hand means not to wait for the next second.
        """
        room = self._room()
        if room <= 0 or self.ending.is_set():
            return
        checks = self.doubts.take(limit=room)
        if checks and self.flags.age_s() > self.pace.stops_stale_s / 2:
            self.flags.read()
        self._has_more_doubts = len(checks) == room
        for check in checks:
            self.crew.put(partial(make, check, is_stopped=self.is_stopped))

    def is_stopped(self, reach: Reach) -> bool:
        """Tell whether a stop reaches it, or nobody knows because the flags are old."""
        return self.flags.age_s() > self.pace.stops_stale_s or self.flags.stops.cover(reach)

    def prepare_late_ones(self) -> None:
        """Prepare here what is due within the minute and was not prepared in time."""
        until = self.hours.now_at() + timedelta(seconds=self.pace.prepare_ahead_s)
        late = Publication.objects.filter(state=states.WAITING, next_at__lte=until, prepared_at=None)
        for pk in late.exclude(pk__in=list(self.in_work)).order_by("next_at").values_list("pk", flat=True)[:MOST]:
            self.prepare(pk)

    def ring(self) -> None:
        """Enqueue what has fallen due: preflights, and readings of comments. Each rings again if it was lost."""
        now = self.hours.now_at()
        soon = now + timedelta(seconds=self.pace.prepare_ahead_s)
        due = Publication.objects.filter(state=states.WAITING, prepare_next_at__lte=now)
        found = list(due.order_by("prepare_next_at").values_list("pk", "next_at")[:MOST])
        if found:
            pks = [pk for pk, _ in found]
            Publication.objects.filter(pk__in=pks, prepare_next_at__lte=now).update(prepare_next_at=now + RING_AGAIN)
        for pk, next_at in found:
            if next_at is None or next_at > soon:
                async_task("publisher.tasks.preflight", pk)
            else:
                self.prepare(pk)
        streams = due_streams(now=now, limit=MOST)
        if streams:
            put_off(streams, until=now + RING_AGAIN)
        for stream_id in streams:
            deliver(comments_waiting, stream_id=stream_id)

    def tell_news(self) -> None:
        """Tell upstairs what became of publications. A row is ticked off, and counted, once it was heard.

        While a receiver fails (its queue is down) nothing is told for a while; after an hour sweeps have to find it.
        Telling hundreds takes seconds: after a moment the rest waits for the next round, since doubts and late posts do not.
        """
        if ticks() < self._deaf_until:
            return
        now, began = self.hours.now_at(), ticks()
        untold = Publication.objects.exclude(news="").order_by("state_at").values_list("pk", "news", "state_at")[:MOST]
        rows = list(untold)
        for start in range(0, len(rows), TICKED_AT_ONCE):
            if ticks() - began > NEWS_S:
                break
            heard = {}
            for pk, state, state_at in rows[start : start + TICKED_AT_ONCE]:
                is_heard = deliver_outcome(publication_id=pk, state=state)
                if is_heard or now - state_at > GIVEN_UP:
                    heard[pk] = state
                if not is_heard:
                    self._deaf_until = ticks() + DEAF_S
            tick_off(heard)

    def _is_time(self, name: str, every_s: float) -> bool:
        if ticks() - self._last.get(name, float("-inf")) < every_s:
            return False
        self._last[name] = ticks()
        return True

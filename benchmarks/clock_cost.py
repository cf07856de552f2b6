"""The clock's own steps, timed one by one on the database at hand; imported once Django knows its database."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from benchmarks.claim_cost import Watch
from benchmarks.history import look_over
from benchmarks.plans import Planned, Plans, plans
from benchmarks.rows import make_posts
from publisher import states
from publisher.clock import leases
from publisher.clock.arming import Armed, arm
from publisher.clock.claiming import Held, claim
from publisher.clock.doubts import Doubts
from publisher.clock.flags import StopFlags
from publisher.clock.hours import Hours
from publisher.clock.keeper import Keeper
from publisher.clock.pace import Pace
from publisher.clock.results import Writer
from publisher.clock.sending import Result
from publisher.contract.content import Receipt
from publisher.models import Attempt, Channel, Outcome, Publication
from publisher.tallies import tick_off

OWNER = "bench-00000000:1:1"
DUE = 500
IDLE_TIMES = 25
DOUBTS = 8
CHURNED = 10_000
CROWD_TIMES = 7


@dataclass(slots=True)
class Trial:
    """One clock without threads: what it asks of the database, step by step."""

    channels: list[Channel]
    watch: Watch
    pace: Pace = field(default_factory=Pace)
    hours: Hours = field(default_factory=Hours)
    counts: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Count what there is, and read the hour."""
        logging.getLogger("publisher.clock.leases").setLevel(logging.ERROR)
        self.counts = {"before": Publication.objects.count()}
        self.counts["waiting"] = Publication.objects.filter(state=states.WAITING).count()
        self.hours.read()

    def round(self, watch: Watch) -> None:
        """Send posts of its own, which are history for the next round, and let the clock idle."""
        self.send_all(watch, at_once=100)
        self.send_all(watch, at_once=DUE)
        self.recover(watch)
        look_over()
        for name, work in self.idle_work().items():
            watch.often(name, work, times=IDLE_TIMES)
        self.counts["after"] = Publication.objects.count()

    def make_due(self, count: int = DUE) -> None:
        """Make prepared posts that are due now."""
        made = make_posts(self.channels, hours=[datetime.now(UTC)] * count, label=f"due {uuid.uuid4().hex[:6]}")
        rows = Publication.objects.filter(state=states.WAITING, next_at__lte=Now(), prepared_at=None)
        if rows.update(prepared={}, prepared_at=Now(), prepare_next_at=None) != len(made):
            raise RuntimeError("other rows were due too")

    def claim(self) -> list[Held]:
        return claim(owner=OWNER, hours=self.hours, pace=self.pace)

    def arm(self, held: list[Held]) -> Armed:
        return arm(held, owner=OWNER, hours=self.hours, pace=self.pace)

    def send_all(self, watch: Watch, *, at_once: int) -> None:
        """Claim 500, arm them, and write their receipts as they come back, 128 at once."""
        self.make_due()
        before = written()
        with watch.over("claim_500"):
            held = self.claim()
        jobs = []
        for start in range(0, len(held), at_once):
            with watch.over(f"arm_{at_once}"):
                jobs += self.arm(held[start : start + at_once]).jobs
        if len(jobs) != DUE:
            raise RuntimeError(f"{len(jobs)} of {DUE} were armed")
        results = [
            Result(job, Outcome.RECEIPT, Receipt(uuid.uuid4().hex, "https://social.invalid/1"), left_at=job.send_at)
            for job in jobs
        ]
        writer, size = Writer(self.hours, self.pace), self.pace.batch
        for start in range(0, len(results), size):
            part = results[start : start + size]
            with watch.over("write_128_receipts" if len(part) == size else "write_the_rest"):
                writer.write(part)
        tick_off({result.job.errand.publication_id: states.PUBLISHED for result in results})
        if connection.vendor == "postgresql":
            self.counts["log_bytes_per_post"] = (written() - before) // DUE

    def recover(self, watch: Watch) -> None:
        """Let a clock die with 100 calls in flight and 100 rows in hand, and take them back."""
        now = self.hours.now_at
        self.make_due(100)
        self.arm(self.claim())
        mine().update(lease_until=Now() - timedelta(seconds=1))
        with watch.over("expire_100_in_flight"):
            leases.expire(now=now(), pace=self.pace)
        Publication.objects.filter(state=states.UNKNOWN).update(next_at=Now())
        with watch.over("take_8_doubts"):
            Doubts(OWNER, self.hours, self.pace).take(limit=DOUBTS)
        self.make_due(100)
        self.claim()
        with watch.over("release_100_claimed"):
            leases.release(OWNER, now=now(), pace=self.pace)
        settle()

    def idle_work(self) -> dict[str, Callable[[], Any]]:
        """Return what a clock asks while nothing is due, twice a second or once a second, by name."""
        keeper = Keeper(OWNER, self.hours, self.pace, StopFlags())
        doubts, now = Doubts(OWNER, self.hours, self.pace), self.hours.now_at
        return {
            "claim_idle": self.claim,
            "expire_idle": lambda: leases.expire(now=now(), pace=self.pace),
            "release_dead_idle": lambda: leases.release_dead(now=now(), pace=self.pace),
            "miss_idle": lambda: leases.miss(now=now()),
            "doubts_idle": lambda: doubts.take(limit=DOUBTS),
            "prepare_late_idle": keeper.prepare_late_ones,
            "ring_idle": keeper.ring,
            "news_idle": keeper.tell_news,
            "stops": StopFlags().read,
        }

    def churn(self) -> None:
        """Let 10,000 rows be due and gone again while an old snapshot, as a backup holds it, forbids cleaning up."""
        address = connection.get_connection_params()
        keys = {name: address[name] for name in ("host", "port", "user", "dbname") if name in address}
        with psycopg.connect(**keys) as old:
            old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.execute("SELECT count(*) FROM publisher_host")
            over = Publication.objects.filter(state=states.PUBLISHED).order_by("pk").values_list("pk", flat=True)
            rows = Publication.objects.filter(pk__in=list(over[:CHURNED]))
            rows.update(state=states.WAITING, next_at=F("due_at"))
            rows.update(state=states.PUBLISHED, next_at=None)
            self.watch.often("claim_idle_beside_a_backup", self.claim, times=4 * IDLE_TIMES)
        look_over()
        self.watch.often("claim_idle_cleaned", self.claim, times=4 * IDLE_TIMES)

    def crowd(self, count: int) -> None:
        """Let so many rows fall due at the same instant, and claim as much as one clock holds, several times."""
        hour = self.hours.now_at()
        over = Publication.objects.filter(state=states.PUBLISHED).order_by("pk").values_list("pk", flat=True)
        rows = Publication.objects.filter(pk__range=(over.first(), over[count - 1]), state=states.PUBLISHED)
        self.counts["crowd"] = rows.update(state=states.WAITING, next_at=hour, late_after=hour + timedelta(hours=9))
        look_over(is_clean=False)
        for _ in range(CROWD_TIMES):
            with self.watch.over("claim_1024_of_a_crowd"):
                held = self.claim()
            mine().filter(pk__in=[one.pk for one in held]).update(state=states.PUBLISHED, next_at=None, owner="")
        Publication.objects.filter(next_at=hour).update(state=states.PUBLISHED, next_at=None)
        look_over()

    def explain(self) -> dict[str, dict[str, Any]]:
        """Return the plan of every statement of these steps, each under the name of its step."""
        found: dict[str, Plans] = {}
        self.make_due()
        with plans() as found["claim_500"]:
            held = self.claim()
        with plans() as found["arm_100"]:
            jobs = self.arm(held[:100]).jobs
        result = Result(jobs[0], Outcome.RECEIPT, Receipt(uuid.uuid4().hex, "https://social.invalid/1"), left_at=jobs[0].send_at)
        with plans() as found["write_receipts"]:
            Writer(self.hours, self.pace).write([result])
        mine().update(lease_until=Now() - timedelta(seconds=1))
        with plans() as found["expire"]:
            leases.expire(now=self.hours.now_at(), pace=self.pace)
        Publication.objects.filter(state=states.UNKNOWN).update(next_at=Now())
        with plans() as found["take_doubts"]:
            Doubts(OWNER, self.hours, self.pace).take(limit=DOUBTS)
        settle()
        look_over()
        for name, work in self.idle_work().items():
            with plans() as found[name]:
                work()
        return {f"{step} {n}": told(plan) for step, one in found.items() for n, plan in enumerate(one.found.values(), 1)}


def told(plan: Planned) -> dict[str, Any]:
    """Return a plan as it is stored."""
    tables = (Publication._meta.db_table, Attempt._meta.db_table)
    return {
        "sql": plan.sql,
        "lines": plan.lines,
        "is_whole_table": any(plan.is_whole_table(table) for table in tables),
    }


def mine() -> QuerySet[Publication]:
    return Publication.objects.filter(owner=OWNER, state__in=["claimed", "sending"])


def written() -> int:
    """Return how much the database has written to its log so far."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


def settle() -> None:
    """Let everything that is still open become history."""
    Attempt.objects.filter(finished_at=None).update(finished_at=Now(), outcome=Outcome.UNKNOWN)
    opened = Publication.objects.filter(state__in=["claimed", "sending", "unknown"])
    due = Publication.objects.filter(state=states.WAITING, next_at__lte=Now())
    for rows in (opened, due):
        rows.update(state=states.PUBLISHED, next_at=None, prepare_next_at=None, lease_until=None, owner="", news="")

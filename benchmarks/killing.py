"""What can be done to a running installation: kill, freeze, cut off from the database; aimed at calls under way."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from benchmarks.hurry import LONGEST_LEASE_S
from benchmarks.supervised import Ward, Wards, descendants
from publisher.models import Attempt, Publication

PATIENCE_S = 30.0
SHORTLY_S = 3.0
A_CALL_S = 0.2
Q2 = ("q2_main", "q2_worker", "q2_group")
HOLD = """
import os, signal, sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
held.execute("BEGIN IMMEDIATE")
held.execute("CREATE TABLE of_nobody (id)")
time.sleep(float(sys.argv[2]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def kinds(kills: int) -> list[str]:
    """Share the kills: three of five hit clocks, one the queue, one a database connection; a freeze on top of six."""
    queue = [Q2[number % len(Q2)] for number in range(kills // 5)]
    database = ["database", "database_writing"] if connection.vendor == "sqlite" else ["database"]
    cut = [database[number % len(database)] for number in range(kills // 5)]
    clocks = ["clock"] * (kills - len(queue) - len(cut))
    return clocks + queue + cut + ["freeze"] * max(1, kills // 6)


def open_tries(owner: str = "", *, platform: str = "") -> int:
    """Return how many calls have left and are not closed."""
    tries = Attempt.objects.filter(finished_at=None, act__in=["publish", "replay"], started_at__lte=timezone.now())
    if platform:
        tries = tries.filter(publication__profile__platform__startswith=platform)
    return tries.filter(owner__startswith=owner).count()


def is_anything_left() -> bool:
    """Tell whether anything has still to become of a publication."""
    moving = Q(state__in=["waiting", "claimed", "sending"]) | Q(state="unknown", next_at__isnull=False)
    return Publication.objects.filter(moving).exists()


@dataclass(slots=True)
class Killer:
    """Does harm at random moments, most of it while a call is under way."""

    wards: Wards
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    held: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    kill_platform: Callable[[], None] | None = None

    def run(self, wanted: Sequence[str], *, span_s: float) -> None:
        """Do each harm once, in any order, spread over so many seconds."""
        order = list(wanted)
        self.dice.shuffle(order)
        began = time.monotonic()
        for kind, moment in zip(order, sorted(self.dice.uniform(0, span_s) for _ in order), strict=True):
            self.wards.rest(began + moment - time.monotonic())
            getattr(self, kind if kind not in Q2 else "q2")(kind)
        for one in self.held:
            one.wait()

    # clocks

    def clock(self, kind: str) -> None:
        """Kill a clock: most in the middle of a call, some of these the control's, the others at any moment."""
        number = self.done[kind]
        platform = "blind" if number % 3 == 1 else ""
        victim = self._any_clock() if number % 4 == 3 else self._calling(platform)
        self._kill_clock(kind, victim)

    def database_writing(self, kind: str) -> None:
        """Kill a clock that stands in the middle of a write: it holds the writer's lock of the SQLite file."""
        path = Path(f"{connection.settings_dict['NAME']}-writer")
        caught: list[Ward] = []

        def is_caught() -> bool:
            until = time.monotonic() + 0.5
            while not caught and time.monotonic() < until:
                pids = holders(path)
                caught.extend(one for one in self.wards.named("clock") if one.pid in pids)
            return bool(caught)

        self.wards.rest(PATIENCE_S, until=is_caught)
        self._kill_clock(kind, caught[0] if caught else self._any_clock())

    def freeze(self, kind: str) -> None:
        """Stop a clock in the middle of a call for longer than any lease."""
        victim = self._calling()
        self._count(kind, victim)
        self.wards.freeze(victim, self.dice.uniform(1.1, 1.5) * LONGEST_LEASE_S)

    def _kill_clock(self, kind: str, victim: Ward) -> None:
        """Kill, and see in the log of tries what was under way."""
        owner = victim.owner
        os.kill(victim.pid, signal.SIGKILL)
        if victim.process is not None:
            victim.process.wait()
        self.done[kind] += 1
        self.in_flight[kind] += open_tries(owner) > 0

    def _count(self, kind: str, victim: Ward) -> None:
        self.done[kind] += 1
        self.in_flight[kind] += open_tries(victim.owner) > 0

    def _any_clock(self) -> Ward:
        """Wait until there is one, and return it."""
        found: list[Ward] = []

        def is_found() -> bool:
            found.extend(self.wards.named("clock"))
            return bool(found)

        if not self.wards.rest(PATIENCE_S, until=is_found):
            raise TimeoutError("no clock came back")
        return self.dice.choice(found)

    def _calling(self, platform: str = "") -> Ward:
        """Wait for a call that has left, then a part of the time it takes; return a clock that makes one now."""
        self._wait_for_call(platform)
        self.wards.rest(self.dice.uniform(0, A_CALL_S))
        calling = self._wait_for_call(platform) or self._wait_for_call()
        return self.dice.choice(calling) if calling else self._any_clock()

    def _wait_for_call(self, platform: str = "") -> list[Ward]:
        """Return the clocks that have a call under way, as soon as there is one."""
        found: list[Ward] = []

        def is_found() -> bool:
            found.extend(one for one in self.wards.named("clock") if open_tries(one.owner, platform=platform))
            return bool(found)

        self.wards.rest(SHORTLY_S if platform else PATIENCE_S, until=lambda: is_found() or not is_anything_left())
        return found

    # the queue

    def q2(self, kind: str) -> None:
        """Kill the queue's main process, one of its workers and helpers, or all of it at once."""
        (queue,) = (one for one in self.wards.all if one.command == "qcluster")
        self.wards.rest(PATIENCE_S, until=lambda: len(descendants(queue.pid)) > 2)
        if kind == "q2_group":
            os.killpg(queue.pid, signal.SIGKILL)
        else:
            below = descendants(queue.pid)[1:]
            victim = queue.pid if kind == "q2_main" or not below else self.dice.choice(below)
            with contextlib.suppress(ProcessLookupError):  # it was just recycled
                os.kill(victim, signal.SIGKILL)
        self.done[kind] += 1

    # the platform

    def platform(self, kind: str) -> None:
        """Kill the server out there in the middle of a call; who gave the way to do it starts it again."""
        self._wait_for_call()
        if self.kill_platform is not None:
            self.kill_platform()
            self.done[kind] += 1

    # the database

    def database(self, kind: str) -> None:
        """Cut a clock's sessions; where there are none (SQLite), somebody outside holds the file, and dies in a write."""
        victim = self._calling()
        self._count(kind, victim)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
                cursor.execute(ours, [victim.label])
            return
        seconds = str(self.dice.uniform(1.5, 5.0))
        command = [sys.executable, "-c", HOLD, str(connection.settings_dict["NAME"]), seconds]
        self.held.append(subprocess.Popen(command))


def holders(path: Path) -> set[int]:
    """Return who holds a file lock, as the system lists them."""
    try:
        number = str(path.stat().st_ino)
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return set()
    words = [line.split() for line in lines if "FLOCK" in line and "->" not in line]
    return {int(one[4]) for one in words if one[5].rpartition(":")[2] == number}

"""Clocks that are killed while posts fall due, and the counts of what became of them."""

import random
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from benchmarks.rows import make_channels, make_posts
from benchmarks.sandbox_process import SandboxProcess
from publisher.models import Attempt, Publication

PATIENCE_S = 90.0
QUICK = "benchmarks.quick_settings"


@dataclass(slots=True)
class Killer:
    """Starts clocks, and ends them without a warning while a call is under way or at any other moment."""

    start: Callable[[], "subprocess.Popen[bytes]"]
    kills: int
    dice: random.Random
    done: int = 0
    in_flight: int = 0
    log: list[str] = field(default_factory=list)

    def run(self) -> "subprocess.Popen[bytes]":
        """Kill as often as wanted; return the clock that is left to finish."""
        clock = self.start()
        while self.done < self.kills:
            if self.done % 4 == 3:
                time.sleep(self.dice.uniform(1.5, 3.0))
            elif not self._wait_for_open_try():
                break
            clock.send_signal(signal.SIGKILL)
            clock.wait()
            self.done += 1
            self.in_flight += open_tries() > 0
            clock = self.start()
        return clock

    def _wait_for_open_try(self) -> bool:
        """Wait until a call has left and a little longer; False when nothing more will leave."""
        until = time.monotonic() + PATIENCE_S
        while not open_tries():
            if time.monotonic() > until or not is_anything_left():
                return False
            time.sleep(0.01)
        time.sleep(self.dice.uniform(0.0, 0.3))
        return True


def open_tries() -> int:
    """Return how many tries have left and are not closed."""
    return Attempt.objects.filter(finished_at=None, act__in=["publish", "replay"]).count()


def is_anything_left() -> bool:
    """Tell whether anything has still to become of a publication."""
    moving = Q(state__in=["waiting", "claimed", "sending"]) | Q(state="unknown", next_at__isnull=False)
    return Publication.objects.filter(moving).exists()


def wait_for_end(*, patience_s: float = PATIENCE_S) -> None:
    """Wait until everything has come to rest."""
    until = time.monotonic() + patience_s
    while is_anything_left() and time.monotonic() < until:
        time.sleep(0.2)


def report(texts: Mapping[str, datetime], arrivals: Sequence[Mapping[str, Any]], killer: Killer) -> dict[str, Any]:
    """Count what was lost and doubled out there, and what was left to people here."""
    stored: dict[str, set[Any]] = defaultdict(set)
    for one in arrivals:
        if one["stored_id"] is not None:
            stored[one["text"]].add(one["stored_id"])
    counted = Counter(one["text"] for one in arrivals)
    return {
        "posts": len(texts),
        "kills": killer.done,
        "kills_in_flight": killer.in_flight,
        "lost": sum(not stored[text] for text in texts),
        "doubled": sum(len(stored[text]) > 1 for text in texts),
        "arrived_twice": sum(counted[text] > 1 for text in texts),
        "asked": Publication.objects.filter(state="unknown").count(),
        "missed": Publication.objects.filter(state="missed").count(),
        "early": sum(one["arrived_at"] < texts[one["text"]].timestamp() for one in arrivals if one["text"] in texts),
        "states": dict(Counter(Publication.objects.values_list("state", flat=True))),
    }


def crash(
    sandbox: SandboxProcess, start: Callable[[], "subprocess.Popen[bytes]"], *, posts: int, kills: int, software: str
) -> dict[str, Any]:
    """Let posts fall due over a while, kill clocks meanwhile, and return the counts."""
    sandbox.latency(250)
    sandbox.admin("POST", "state", {"rate_limit": 1_000_000})
    sandbox.fault("stall", method="POST", path="/api/v1/statuses", ms=200, probability=0.5, seed=7)
    channels = make_channels(sandbox, count=max(5, posts // 5), software=software)
    first = datetime.now(UTC) + timedelta(seconds=3)
    every = max(0.05, 2.5 * kills / posts)
    texts = make_posts(channels, hours=[first + timedelta(seconds=every * number) for number in range(posts)])
    killer = Killer(start, kills, random.Random(posts))  # noqa: S311  (repeatable, no secret)
    clock = killer.run()
    wait_for_end()
    clock.send_signal(signal.SIGTERM)
    clock.wait(timeout=60)
    return report(texts, sandbox.arrivals(), killer)

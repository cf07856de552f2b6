"""Kill clocks again and again and count what the receiving server saw: python -m benchmarks.crash --posts 50 --kills 10."""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from benchmarks.scratch import make_channels, make_posts, scratch

CLASSES = ("keyed", "readable", "opaque")
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
    from publisher.models import Attempt

    return Attempt.objects.filter(finished_at=None, act__in=["publish", "replay"]).count()


def is_anything_left() -> bool:
    """Tell whether anything has still to become of a publication."""
    from django.db.models import Q

    from publisher.models import Publication

    moving = Q(state__in=["waiting", "claimed", "sending"]) | Q(state="unknown", next_at__isnull=False)
    return Publication.objects.filter(moving).exists()


def wait_for_end(*, patience_s: float = PATIENCE_S) -> None:
    """Wait until everything has come to rest."""
    until = time.monotonic() + patience_s
    while is_anything_left() and time.monotonic() < until:
        time.sleep(0.2)


def report(texts: Mapping[str, datetime], arrivals: Sequence[Mapping[str, Any]], killer: Killer) -> dict[str, Any]:
    """Count what was lost and doubled out there, and what was left to people here."""
    from publisher.models import Publication

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--platform-class", choices=CLASSES, default="keyed")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    software = options.platform_class
    with (
        running_sandbox(software=software) as sandbox,
        scratch(database=options.database, sandbox_url=sandbox.url) as house,
    ):
        start = lambda: house.start_clock(settings=QUICK)  # noqa: E731  (one word for one thing)
        found = crash(sandbox, start, posts=options.posts, kills=options.kills, software=software)
    text = json.dumps({**found, "platform_class": software, "database": options.database})
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()

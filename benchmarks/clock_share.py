"""How several clocks share what is due in one second: python -m benchmarks.clock_share --posts 500 --clocks 3."""

import argparse
import contextlib
import json
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.publish_lag import LEAD_S, PATIENCE_S, open_sandboxes, report, wait_for_clocks
from benchmarks.scratch import load, scratch, used, wait_for_arrivals


def measure(*, posts: int, clocks: int, latency_ms: int, database: str, held: int) -> dict[str, Any]:
    """Make posts on as many channels, run the clocks, and ask the intent log who sent what."""
    os.environ["BENCH_HELD"] = str(held)
    with contextlib.ExitStack() as ends:
        (sandbox,) = open_sandboxes(ends, count=1, latency_ms=latency_ms)
        house = ends.enter_context(scratch(database=database, sandbox_url=sandbox.url))
        rows = import_module("benchmarks.rows")
        channels = rows.make_channels(sandbox, count=posts, brands=20)
        running = [house.start_clock(settings="benchmarks.few_hands") for _ in range(clocks)]
        wait_for_clocks(clocks)
        loaded, before = load(), sum(used(clock)["cpu_s"] for clock in running)
        due_at = (datetime.now(UTC) + timedelta(seconds=LEAD_S + posts / 150)).replace(microsecond=0)
        texts = rows.make_posts(channels, hours=[due_at] * posts)
        time.sleep(max(0.0, due_at.timestamp() + 1.0 - time.time()))
        arrivals = wait_for_arrivals(sandbox, count=posts, until=due_at.timestamp() + PATIENCE_S)
        spent = sum(used(clock)["cpu_s"] for clock in running) - before
        return {
            "posts": posts,
            "clocks": clocks,
            "held": held,
            "database": database,
            "sent_by": sent_by(),
            "cpu_s": round(spent, 2),
            "load": round(loaded, 2),
            **report(texts, arrivals),
        }


def sent_by() -> list[int]:
    """Return how many posts each clock brought out, the busiest first."""
    attempts = import_module("publisher.models").Attempt.objects.filter(act="publish", outcome="receipt")
    return [many for _, many in Counter(attempts.values_list("owner", flat=True)).most_common()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=500)
    parser.add_argument("--clocks", type=int, default=3)
    parser.add_argument("--held", type=int, default=1024, help="how many rows a clock holds at once")
    parser.add_argument("--latency-ms", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    text = json.dumps(
        measure(
            posts=options.posts,
            clocks=options.clocks,
            latency_ms=options.latency_ms,
            database=options.database,
            held=options.held,
        )
    )
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()

"""How late do posts arrive that are due in one second? python -m benchmarks.publish_lag --posts 200 --latency-ms 100."""

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.sandbox_process import running_sandbox
from benchmarks.scratch import scratch, used, wait_for_arrivals

PATIENCE_S = 60.0
LEAD_S = 12.0


def share(sorted_values: Sequence[float], part: float) -> float:
    """Return the value below which that part lies."""
    if not sorted_values:
        return math.nan
    return sorted_values[min(len(sorted_values) - 1, math.ceil(part * len(sorted_values)) - 1)]


def report(texts: Mapping[str, datetime], arrivals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare what was due with what the receiving server saw, before it removed any doubles."""
    lags = [(one["arrived_at"] - texts[one["text"]].timestamp()) * 1000 for one in arrivals if one["text"] in texts]
    first = {one["text"]: one["arrived_at"] for one in reversed(arrivals)}
    counted = Counter(one["text"] for one in arrivals)
    ordered = sorted(lags)
    span = max(first.values()) - min(first.values()) if len(first) > 1 else 0.0
    return {
        "lag_ms": {
            "p50": round(share(ordered, 0.5), 1),
            "p99": round(share(ordered, 0.99), 1),
            "max": round(ordered[-1], 1) if ordered else None,
        },
        "early": sum(lag < 0 for lag in lags),
        "lost": sum(text not in counted for text in texts),
        "doubled": sum(counted[text] > 1 for text in texts),
        "rate_per_s": round(len(first) / span, 1) if span else None,
    }


def measure(*, posts: int, channels: int, latency_ms: int, database: str, clocks: int) -> dict[str, Any]:
    """Make the posts due in one second, run real clocks, and ask the sandbox what came when."""
    with running_sandbox() as sandbox, scratch(database=database, sandbox_url=sandbox.url) as house:
        sandbox.latency(latency_ms)
        sandbox.admin("POST", "state", {"rate_limit": 1_000_000})
        rows = import_module("benchmarks.rows")
        made = rows.make_channels(sandbox, count=channels)
        running = [house.start_clock() for _ in range(clocks)]
        lead = timedelta(seconds=LEAD_S + posts / 100)
        due_at = (datetime.now(UTC) + lead).replace(microsecond=0)
        texts = rows.make_posts(made, hours=[due_at] * posts)
        left = due_at.timestamp() - time.time()
        arrivals = wait_for_arrivals(sandbox, count=posts, until=due_at.timestamp() + PATIENCE_S)
        costs = [used(process) for process in running]
    return {
        **report(texts, arrivals),
        "posts": posts,
        "channels": channels,
        "latency_ms": latency_ms,
        "database": database,
        "clocks": clocks,
        "ready_s_before": round(left, 1),
        "cpu_s": round(sum(cost.get("cpu_s", 0.0) for cost in costs), 2),
        "peak_rss_mb": max((cost.get("peak_rss_mb", 0.0) for cost in costs), default=0.0),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--channels", type=int, help="as many as posts, if not said")
    parser.add_argument("--latency-ms", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--clocks", type=int, default=1)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    found = measure(
        posts=options.posts,
        channels=options.channels or options.posts,
        latency_ms=options.latency_ms,
        database=options.database,
        clocks=options.clocks,
    )
    text = json.dumps(found)
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()

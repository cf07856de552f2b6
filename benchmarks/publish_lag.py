"""How late do posts arrive that are due in one second? python -m benchmarks.publish_lag --posts 500 --latency-ms 100.

Everything is as seen by the receiving sandbox, which notes when it has read a request, before any delay of its answer.
``floor_ms`` is the same for requests that lay ready in memory, sent by the clock's own threads and HTTP client in the
same run. ``cpu_s`` counts the clocks from the moment at which the posts were handed over.
"""

import argparse
import contextlib
import json
import math
import statistics
import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from benchmarks.floor import floor
from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from benchmarks.scratch import Scratch, load, scratch, used, wait_for_arrivals, wait_for_clocks

PATIENCE_S = 60.0
LEAD_S = 10.0
BESIDE_S = 5.0
FLOORS = 3
SETTLE_S = 8.0
PLENTY = 1_000_000


def share(sorted_values: Sequence[float], part: float) -> float:
    """Return the value below which that part lies."""
    if not sorted_values:
        return math.nan
    return sorted_values[min(len(sorted_values) - 1, math.ceil(part * len(sorted_values)) - 1)]


def report(texts: Mapping[str, datetime], arrivals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare what was due with what the receiving server saw, before it removed any doubles."""
    ours = [one for one in arrivals if one["text"] in texts]
    lags = sorted((one["arrived_at"] - texts[one["text"]].timestamp()) * 1000 for one in ours)
    first = {one["text"]: one["arrived_at"] for one in reversed(ours)}
    counted = Counter(one["text"] for one in ours)
    span = max(first.values()) - min(first.values()) if len(first) > 1 else 0.0
    return {
        "lag_ms": {
            "p50": round(share(lags, 0.5), 1),
            "p99": round(share(lags, 0.99), 1),
            "max": round(lags[-1], 1) if lags else None,
        },
        "rate_per_s": round(len(first) / span, 1) if span else None,
        "early": sum(lag < 0 for lag in lags),
        "lost": sum(text not in counted for text in texts),
        "doubled": sum(counted[text] > 1 for text in texts),
    }


def measure_floor(sandboxes: Sequence[SandboxProcess], *, posts: int, house: Scratch) -> dict[str, float]:
    """Send as many requests that lie ready in memory; the middle one of several rounds."""
    found: list[tuple[float, float]] = []
    names = [f"floor{number}" for number in range(posts)]
    for number, sandbox in enumerate(sandboxes):
        sandbox.add_accounts(names[number :: len(sandboxes)])
    for _ in range(FLOORS):
        requests = [
            {
                "url": f"{sandbox.url}/api/v1/statuses",
                "token": sandbox.tokens[name],
                "text": f"floor {name} {uuid.uuid4().hex[:8]}",
            }
            for number, name in enumerate(names)
            for sandbox in [sandboxes[number % len(sandboxes)]]
        ]
        due = floor(requests, variables=house.variables)
        texts = {one["text"] for one in requests}
        arrived = [one["arrived_at"] for sandbox in sandboxes for one in sandbox.arrivals() if one["text"] in texts]
        lags = sorted((at - due) * 1000 for at in arrived)
        found.append((share(lags, 0.5), share(lags, 0.99)))
    p50, p99 = zip(*found, strict=True)
    return {"p50": round(statistics.median(p50), 1), "p99": round(statistics.median(p99), 1)}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Make the posts due in one second, run real clocks, and ask the sandboxes what came when."""
    with contextlib.ExitStack() as ends:
        sandboxes = open_sandboxes(ends, count=options.platforms, latency_ms=options.latency_ms)
        house = ends.enter_context(
            scratch(database=options.database, sandbox_url=sandboxes[0].url, is_earnest=True)
        )
        found = send_at_once(house, sandboxes, options)
        house.stop_clocks()
        lowest = measure_floor(sandboxes, posts=options.posts, house=house)
    lag = found.pop("lag_ms")
    return {
        "lag_ms": lag,
        "floor_ms": lowest,
        "lag_over_floor_p99": round(lag["p99"] / lowest["p99"], 2),
        **found,
        **{name: getattr(options, name) for name in ("posts", "channels", "platforms", "latency_ms", "database", "clocks")},
    }


def send_at_once(
    house: Scratch, sandboxes: Sequence[SandboxProcess], options: argparse.Namespace
) -> dict[str, Any]:
    """Let real clocks send all posts in one second, and report."""
    rows = import_module("benchmarks.rows")
    channels = spread(rows, sandboxes, count=options.channels)
    clocks = [house.start_clock() for _ in range(options.clocks)]
    wait_for_clocks(len(clocks))
    beside = import_module("benchmarks.beside").Beside(house, sandboxes[0], channels) if options.beside else None
    if beside:
        beside.make_threads()
    before, load_before = sum(used(clock)["cpu_s"] for clock in clocks), load()
    already = sum(one.counts()["statuses"] for one in sandboxes)
    due_at = (datetime.now(UTC) + timedelta(seconds=LEAD_S + options.posts / 150)).replace(microsecond=0)
    texts = rows.make_posts(channels, hours=[due_at] * options.posts)
    left = due_at.timestamp() - time.time()
    running = run_beside(beside, due_at=due_at) if beside else {}
    time.sleep(max(0.0, due_at.timestamp() + 1.0 - time.time()))
    until = due_at.timestamp() + PATIENCE_S
    arrivals = wait_for_arrivals(*sandboxes, count=already + options.posts, until=until)
    costs = [used(clock) for clock in clocks]
    return {
        **report(texts, arrivals),
        "cpu_s": round(sum(cost["cpu_s"] for cost in costs) - before, 2),
        "peak_rss_mb": max(cost["peak_rss_mb"] for cost in costs),
        "ready_s_before": round(left, 1),
        "load": round(load_before, 2),
        **({"beside": {**running, **beside.end()}} if beside else {}),
    }


def spread(rows: Any, sandboxes: Sequence[SandboxProcess], *, count: int) -> list[Any]:
    """Make channels, in turn on each server."""
    each = math.ceil(count / len(sandboxes))
    by_server = [rows.make_channels(sandbox, count=each) for sandbox in sandboxes]
    return [one for one in chain(*zip_longest(*by_server)) if one is not None][:count]


def measure_idle(options: argparse.Namespace) -> dict[str, Any]:
    """Let a clock wait for posts of the next hours, and say what that costs."""
    with running_sandbox() as sandbox, scratch(database=options.database, sandbox_url=sandbox.url, is_earnest=True) as house:
        rows = import_module("benchmarks.rows")
        channels = rows.make_channels(sandbox, count=min(100, options.channels))
        later = datetime.now(UTC) + timedelta(hours=2)
        rows.make_posts(channels, hours=[later + timedelta(minutes=number) for number in range(len(channels))])
        clock = house.start_clock()
        wait_for_clocks(1)
        time.sleep(SETTLE_S)
        before = used(clock)
        time.sleep(options.idle)
        after = used(clock)
    return {
        "cpu_percent": round((after["cpu_s"] - before["cpu_s"]) / options.idle * 100, 2),
        "rss_mb": after["rss_mb"],
        "seconds": options.idle,
        "database": options.database,
        "load": round(load(), 2),
    }


def open_sandboxes(ends: contextlib.ExitStack, *, count: int, latency_ms: int) -> list[SandboxProcess]:
    """Start sandboxes, each under an address of its own, so that the clock takes them for several servers."""
    found = []
    for number in range(1, count + 1):
        sandbox = ends.enter_context(running_sandbox(arguments=["--host", f"127.0.0.{number}"]))
        sandbox.latency(latency_ms)
        sandbox.admin("POST", "state", {"rate_limit": PLENTY})
        found.append(sandbox)
    return found


def run_beside(beside: Any, *, due_at: datetime) -> dict[str, list[str]]:
    """Start the import and the reading of comments before the second, and look at it whether they run."""
    time.sleep(max(0.0, due_at.timestamp() - BESIDE_S - time.time()))
    beside.start()
    time.sleep(max(0.0, due_at.timestamp() - time.time()))
    return {"at_the_second": beside.alive()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=500)
    parser.add_argument("--channels", type=int, help="as many as posts, if not said")
    parser.add_argument("--latency-ms", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--clocks", type=int, default=1)
    parser.add_argument("--platforms", type=int, default=1, help="servers over which the channels are spread")
    parser.add_argument("--beside", choices=("import-and-sync",), help="what else writes to the database meanwhile")
    parser.add_argument("--idle", type=float, metavar="SECONDS", help="only what a clock costs that has nothing to do")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    options.channels = options.channels or options.posts
    text = json.dumps(measure_idle(options) if options.idle else measure(options))
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()

"""What claiming, arming and keeping cost on a full table: python -m benchmarks.claim_cost --rows 10000 1000000."""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.scratch import scratch

USUAL = (10_000, 1_000_000)
MOST_SLOWER = 2.0
CLAIM = ("claim_idle", "claim_500", "claim_1024_of_a_crowd")


class Watch:
    """Milliseconds by name: as the clock on the wall counts, and as the processors of client and database count.

    The second is what is compared, for a busy machine disturbs it little.
    """

    def __init__(self, cpu_s: Callable[[], float] = time.thread_time) -> None:
        self.took: dict[str, list[float]] = {}
        self.worked: dict[str, list[float]] = {}
        self.cpu_s = cpu_s

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        """Time the block."""
        cpu, before = self.cpu_s(), time.perf_counter()
        yield
        took, worked = time.perf_counter() - before, self.cpu_s() - cpu
        self.took.setdefault(name, []).append(took * 1000)
        self.worked.setdefault(name, []).append(worked * 1000)

    def often(self, name: str, work: Callable[[], Any], *, times: int) -> None:
        """Time something that changes nothing, many times."""
        for _ in range(times):
            with self.over(name):
                work()

    def told(self) -> dict[str, dict[str, float]]:
        """Return the middle of each, and the shortest."""
        return {
            "median_ms": {name: round(statistics.median(took), 2) for name, took in self.took.items()},
            "least_ms": {name: round(min(took), 2) for name, took in self.took.items()},
            "cpu_ms": {name: round(statistics.median(worked), 2) for name, worked in self.worked.items()},
        }


def slower(small: dict[str, float], large: dict[str, float]) -> dict[str, float]:
    """Return how many times as long each takes on the larger table."""
    return {name: round(large[name] / small[name], 2) for name in small if name in large and small[name]}


def measure(*, database: str, sizes: list[int], rounds: int, crowd: int) -> dict[str, Any]:
    """Fill a table for each size; measure with the clock's own functions, on all of them in turn."""
    with scratch(database=database, sandbox_url=""):
        tables = import_module("benchmarks.tables")
        cost = import_module("benchmarks.clock_cost")
        trials = {}
        for table in tables.make(sorted(sizes)):
            before = time.perf_counter()
            channels = table.fill()
            trials[table] = cost.Trial(channels=channels, watch=Watch(table.cpu_s))
            trials[table].begin()
            say(f"{table.rows:,} rows after {time.perf_counter() - before:.0f} s")
        for number in range(rounds + 1):
            for table, trial in trials.items():
                table.use()
                trial.round(trial.watch if number else Watch())  # the first round warms up
        found = {table: finish(table, trial, crowd=crowd) for table, trial in trials.items()}
    return {"database": database, "rounds": rounds, **told(found)}


def finish(table: Any, trial: Any, *, crowd: int) -> dict[str, Any]:
    """Take the last measures and the plans of one table, and return all of it."""
    table.use()
    if crowd <= table.rows:
        trial.crowd(crowd)
    if table.is_postgresql:
        trial.churn()
    plans = trial.explain()
    say(f"{table.rows:,} rows: {json.dumps(trial.watch.told())}")
    return {
        **trial.watch.told(),
        "rows": trial.counts,
        "bytes": table.bytes(),
        "reads_whole_table": sorted(name for name, plan in plans.items() if plan["is_whole_table"]),
        "plans": plans,
    }


def told(found: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """Return the measures by size, and the largest beside the smallest."""
    sizes = {str(table.rows): one for table, one in found.items()}
    return {"sizes": sizes, **compared(sizes)}


def compared(found: dict[str, Any]) -> dict[str, Any]:
    """Return the largest table beside the smallest, and whether the claim keeps its word."""
    sizes = sorted(found, key=int)
    if len(sizes) < 2:
        return {}
    times = slower(found[sizes[0]]["cpu_ms"], found[sizes[-1]]["cpu_ms"])
    return {"slower": times, "is_good": all(times.get(name, 0.0) <= MOST_SLOWER for name in CLAIM)}


def text_of(found: dict[str, Any]) -> str:
    """Return the plans as text."""
    lines = []
    for rows, one in found["sizes"].items():
        for name, plan in one["plans"].items():
            lines += [f"== {name}, {int(rows):,} rows, {found['database']}", plan["sql"], *plan["lines"], ""]
    return "\n".join(lines)


def say(words: str) -> None:
    sys.stderr.write(words + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(USUAL))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--crowd", type=int, default=8_000, help="rows that fall due at the same instant")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--plans", metavar="FILE", help="the plans as text")
    options = parser.parse_args()
    found = measure(database=options.database, sizes=options.rows, rounds=options.rounds, crowd=options.crowd)
    if options.plans:
        Path(options.plans).write_text(text_of(found))
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n")
    for one in found["sizes"].values():
        del one["plans"]
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()

"""What is possible at best: the clock's own threads and HTTP client with requests that are ready in memory.

A process of its own, ``python -m benchmarks.floor``: reads what to send from its input, says when it was due.
"""

import json
import os
import queue
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import django

HOUSE = Path(__file__).resolve().parent.parent
READY_S = 2.5
PATIENCE_S = 60


def send_all(requests: Sequence[Mapping[str, str]]) -> float:
    """Send all of them at one moment, and return it. Waiting is the clock's own waiting; nothing else is done."""
    http, sending = import_module("publisher.contract.http"), import_module("publisher.clock.sending")
    pace, hours = import_module("publisher.clock.pace").Pace(), import_module("publisher.clock.hours").Hours()
    door = import_module("publisher.door").door()
    content = import_module("publisher.contract.content")
    import_module("publisher.clock.loop").settle_memory()
    built = [
        door.build("POST", one["url"], json={"status": one["text"]}, secrets=content.Secrets(access=one["token"]))
        for one in requests
    ]
    at = time.time() + READY_S
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    crew = sending.Crew("floor", pace.threads, results)
    for origin in {call.place.origin for call in built}:
        count = sum(call.place.origin == origin for call in built)
        door.warm(origin, count=min(count, pace.threads))

    def send(call: "http.PreparedCall") -> int:  # type: ignore[name-defined]  # imported once Django is ready
        sending.wait_for(at, hours=hours)
        return int(door.send(call).status)

    for call in built:
        crew.put(partial(send, call))
    statuses = [results.get(timeout=PATIENCE_S) for _ in built]
    crew.end()
    if set(statuses) != {200}:
        raise SystemExit(f"not every call was answered well: {set(statuses)}")
    return at


def floor(requests: Sequence[Mapping[str, str]], *, variables: Mapping[str, str]) -> float:
    """Have a process of its own send them; return the moment at which they were due."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.floor"],
        cwd=HOUSE,
        env={**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "config.settings"},
        input=json.dumps(list(requests)),
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S * 2,
        check=True,
    )
    return float(done.stdout)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(f"{send_all(json.load(sys.stdin))}\n")

"""How long the clock's own write waits on SQLite beside busy writers: python -m benchmarks.sqlite_writers."""

import argparse
import json
import subprocess
import sys
import time
from importlib import import_module

from benchmarks.publish_lag import share
from benchmarks.scratch import HOUSE, scratch

WRITER = """
import time
from django.db import transaction
from accounts.models import AuditEntry
while True:
    with transaction.atomic():
        AuditEntry.objects.bulk_create([AuditEntry(verb="bench.written") for _ in range({rows})])
    time.sleep(0.02)
"""


def measure(*, writers: int, rows: int, seconds: float) -> dict[str, float]:
    """Let writers work, and time small transactions of one that goes first."""
    with scratch(database="sqlite", sandbox_url=""):
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", WRITER.format(rows=rows)]
        busy = [subprocess.Popen(command, cwd=HOUSE) for _ in range(writers)]
        try:
            models = import_module("publisher.models")
            loop = import_module("publisher.clock.loop")
            loop.go_first()
            time.sleep(4)
            took: list[float] = []
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                before = time.perf_counter()
                models.Host.objects.update_or_create(name="bench", defaults={"failures": len(took) % 5})
                took.append((time.perf_counter() - before) * 1000)
                time.sleep(0.03)
            written = import_module("accounts.models").AuditEntry.objects.count()
        finally:
            for process in busy:
                process.kill()
                process.wait()
    took.sort()
    return {
        "writers": writers,
        "rows_per_write": rows,
        "writes": len(took),
        "p50_ms": round(share(took, 0.5), 1),
        "p99_ms": round(share(took, 0.99), 1),
        "max_ms": round(took[-1], 1),
        "others_rows_per_s": round(written / (seconds + 4)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    sys.stdout.write(json.dumps(measure(writers=options.writers, rows=options.rows, seconds=options.seconds)) + "\n")


if __name__ == "__main__":
    main()

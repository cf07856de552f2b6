"""A disk that really fills up under a running clock: python -m benchmarks.full_disk --posts 100 --full-s 8.

The installation lies on a small file system in memory, made in a namespace of its own (Linux, ``unshare``; nobody has to be
root where the system lets everybody make namespaces). While posts fall due, a file takes the room that is left, and is
removed some seconds later. The receiving sandbox, whose memory is elsewhere, counts.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.sandbox_process import HOUSE, SandboxProcess, running_sandbox
from benchmarks.scratch import Scratch, scratch

QUICK = "benchmarks.quick_settings"
SIZE_MB = 64
PIECE = bytes(65_536)


def fill(folder: Path) -> Path:
    """Take all the room that is left, as a log or an upload does."""
    stuff = folder / "stuff"
    with stuff.open("wb", buffering=0) as file:
        for size in (len(PIECE), 4096, 512):
            try:
                while file.write(PIECE[:size]) == size:
                    pass
            except OSError:
                continue
    return stuff


def measure(sandbox: SandboxProcess, house: Scratch, *, posts: int, full_s: float) -> dict[str, Any]:
    """Let posts fall due before, while and after the disk is full, and count."""
    crashing, rows = import_module("benchmarks.crashing"), import_module("benchmarks.rows")
    sandbox.latency(100)
    sandbox.admin("POST", "state", {"rate_limit": 1_000_000})
    channels = rows.make_channels(sandbox, count=max(5, posts // 5))
    house.start_clock(settings=QUICK)
    first = datetime.now(UTC) + timedelta(seconds=5)
    span = full_s + 6
    texts = rows.make_posts(channels, hours=[first + timedelta(seconds=span * n / posts) for n in range(posts)])
    time.sleep(max(0.0, (first - datetime.now(UTC)).total_seconds()) + 3)
    stuff = fill(house.folder)
    time.sleep(full_s)
    while_full = len(sandbox.arrivals())
    stuff.unlink()
    until = time.monotonic() + 90
    while import_module("benchmarks.killing").is_anything_left() and time.monotonic() < until:
        time.sleep(0.2)
    found = crashing.report(texts, sandbox.arrivals(), "keyed")
    said = (house.folder / "clock.log").read_text(errors="replace")
    return {**kept(found), "arrived_until_room": while_full, "full_s": full_s, "said_full": said.count("disk is full")}


def kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what only a run with a control has."""
    return {name: value for name, value in found.items() if not name.startswith("control")}


def inside(options: argparse.Namespace) -> int:
    """Run on the small file system."""
    with running_sandbox() as sandbox, scratch(database="sqlite", sandbox_url=sandbox.url) as house:
        found = measure(sandbox, house, posts=options.posts, full_s=options.full_s)
    text = json.dumps(found)
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")
    return int(bool(found["lost"] or found["doubled"] or found["missed"] or found["asked"] or not found["said_full"]))


def outside(words: list[str]) -> int:
    """Make the file system and run there; it goes with the namespace."""
    unshare = shutil.which("unshare")
    if unshare is None:
        sys.stderr.write("unshare is missing: this needs Linux with util-linux.\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="palinsesto-disk-") as folder:
        script = f'mount -t tmpfs -o size={SIZE_MB}m tmpfs "$0" && exec "$@"'
        command = [sys.executable, "-m", "benchmarks.full_disk", "--inside", *words]
        run = [unshare, "--map-root-user", "--mount", "sh", "-c", script, folder, *command]
        return subprocess.run(run, cwd=HOUSE, env={**os.environ, "TMPDIR": folder}, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--full-s", type=float, default=8.0)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    return inside(options) if options.inside else outside(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

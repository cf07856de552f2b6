"""Kill clocks again and again and count what the receiving server saw: python -m benchmarks.crash --posts 50 --kills 10."""

import argparse
import json
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

from benchmarks.sandbox_process import running_sandbox
from benchmarks.scratch import scratch

CLASSES = ("keyed", "readable", "opaque")


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
        crashing = import_module("benchmarks.crashing")
        start = partial(house.start_clock, settings=crashing.QUICK)
        found = crashing.crash(sandbox, start, posts=options.posts, kills=options.kills, software=software)
    text = json.dumps({**found, "platform_class": software, "database": options.database})
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()

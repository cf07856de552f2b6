"""Kill, freeze and cut off again and again, and count what the receiving server saw.

``python -m benchmarks.crash --posts 2000 --kills 30 --database sqlite --platform-class keyed``: two clocks and the queue
run under a supervisor; about three of five kills hit a clock, the others the queue and database connections; clocks
are frozen on top of that for longer than their leases. The server loses answers after storing. It ends with 1
where a bar was not reached. The seed that it prints repeats the order of the harm, not its every moment.
"""

import argparse
import json
import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management import call_command

from benchmarks.sandbox_process import HOUSE, running_sandbox
from benchmarks.scratch import Scratch, scratch

CLASSES = ("keyed", "readable", "opaque")


def starting(house: Scratch) -> Any:
    """Return how a process of this installation is started; what it says goes to a log of its name."""
    crashing = import_module("benchmarks.crashing")

    def start(command: str, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        own = {**house.variables, **variables, "DJANGO_SETTINGS_MODULE": crashing.QUICK}
        with (house.folder / f"{command}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=HOUSE,
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    return start


def measure(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Run the trial; return its figures and the bars that were not reached."""
    name = options.platform_class
    with (
        running_sandbox(software=name) as sandbox,
        scratch(database=options.database, sandbox_url=sandbox.url) as house,
    ):
        call_command("createcachetable", verbosity=0)
        logging.getLogger("publisher.clock.leases").setLevel(logging.ERROR)  # each call under way would be a line
        crashing = import_module("benchmarks.crashing")
        trial = crashing.Trial(posts=options.posts, kills=options.kills, seed=options.seed, clocks=options.clocks)
        found = crashing.crash({name: sandbox}, starting(house), trial)
        wrong = crashing.broken(found, trial)
        if wrong and options.logs:
            keep(house.folder, Path(options.logs))
    return {**found.pop("classes")[name], "database": options.database, **found, "broken": wrong}, wrong


def keep(folder: Path, kept: Path) -> None:
    """Copy the logs of a run that went wrong."""
    kept.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--platform-class", choices=CLASSES, default="keyed")
    parser.add_argument("--clocks", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--logs", metavar="FOLDER", help="where the logs go if a bar was not reached")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who ends us leaves no clock behind
    sys.stdout.write(f"seed {options.seed}\n")
    sys.stdout.flush()
    found, wrong = measure(options)
    text = json.dumps(found)
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

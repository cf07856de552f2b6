"""Kill, freeze and cut off again and again, and count what the receiving server saw.

``python -m benchmarks.crash --posts 2000 --kills 30 --database sqlite --platform-class keyed``: two clocks and the queue
run under a supervisor; about three of five kills hit a clock, the others the queue and database connections; clocks
are frozen on top of that for longer than their leases. The server loses answers after storing. It ends with 1
where a bar was not reached. The seed that it prints repeats the order of the harm, not its every moment.

``--network bluesky`` tries the same on Bluesky's own server behind a proxy that loses calls and answers; the server is
killed too. ``make test-real`` installs it.
"""

import argparse
import contextlib
import json
import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management import call_command

from benchmarks.sandbox_process import HOUSE, running_sandbox
from benchmarks.scratch import Scratch, scratch
from tests.real.bluesky_network import running_bluesky

CLASSES = ("keyed", "readable", "opaque")
SERVER_EVERY_S = 3.0


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
    with contextlib.ExitStack() as ends:
        network = NETWORKS[options.network](options, ends)
        house = ends.enter_context(scratch(database=options.database, sandbox_url=network.sandbox_url))
        call_command("createcachetable", verbosity=0)
        logging.getLogger("publisher.clock.leases").setLevel(logging.ERROR)  # each call under way would be a line
        found, trial = network.attempt(starting(house))
        wrong = import_module("benchmarks.crashing").broken(found, trial)
        if wrong and options.logs:
            keep(house.folder, Path(options.logs))
    return {**found.pop("classes")[options.platform_class], "database": options.database, **found, "broken": wrong}, wrong


@dataclass(frozen=True, slots=True)
class Network:
    """What receives the posts: its address, where it is a sandbox, and the trial on it once Django knows its database."""

    sandbox_url: str
    attempt: Callable[[Any], tuple[dict[str, Any], Any]]


def on_sandbox(options: argparse.Namespace, ends: contextlib.ExitStack) -> Network:
    """Start a sandbox of the class."""
    name = options.platform_class
    sandbox = ends.enter_context(running_sandbox(software=name))

    def attempt(start: Any) -> tuple[dict[str, Any], Any]:
        crashing = import_module("benchmarks.crashing")
        trial = crashing.Trial(**wanted(options))
        return crashing.crash({name: sandbox}, start, trial), trial

    return Network(sandbox.url, attempt)


def on_bluesky(options: argparse.Namespace, ends: contextlib.ExitStack) -> Network:
    """Start Bluesky's servers."""
    bluesky = ends.enter_context(running_bluesky())

    def attempt(start: Any) -> tuple[dict[str, Any], Any]:
        crashing, side = import_module("benchmarks.crashing"), import_module("benchmarks.bluesky_side")
        kills = 1 + options.kills // 10
        trial = crashing.Trial(**wanted(options), every_s=SERVER_EVERY_S, platform_kills=kills)
        return side.crash_bluesky(bluesky, start, trial, accounts=options.accounts), trial

    return Network("", attempt)


NETWORKS = {"sandbox": on_sandbox, "bluesky": on_bluesky}


def wanted(options: argparse.Namespace) -> dict[str, int]:
    """Return what every trial is told."""
    return {"posts": options.posts, "kills": options.kills, "seed": options.seed, "clocks": options.clocks}


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
    parser.add_argument("--network", choices=sorted(NETWORKS), default="sandbox")
    parser.add_argument("--accounts", type=int, default=40, help="how many post on a real server")
    parser.add_argument("--clocks", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--logs", metavar="FOLDER", help="where the logs go if a bar was not reached")
    options = parser.parse_args()
    if options.network == "bluesky" and options.platform_class != "keyed":
        parser.error("on Bluesky every post has a name of ours: its class is keyed")
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

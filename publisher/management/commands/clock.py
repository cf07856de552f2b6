"""The publisher process: ``manage.py clock``."""

import json
import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from publisher.clock.leases import release
from publisher.clock.loop import Clock
from publisher.clock.owners import name_of
from publisher.clock.pace import pace_of_settings
from publisher.overview import overview


class Command(BaseCommand):
    """Send what is due, at its second, until SIGTERM or Ctrl-C."""

    help = "Sends what is due, at its second. SIGTERM: finishes what is in flight, arms nothing new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do instead of running."""
        parser.add_argument("--status", action="store_true", help="say who runs, what waits and what rests")
        parser.add_argument("--json", action="store_true", help="say it as JSON")
        parser.add_argument("--release", metavar="PID", help="give back what a dead clock of this machine held")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run, or answer."""
        if options["status"] or options["json"]:
            self.say_status(as_json=options["json"])
        elif options["release"]:
            self.release(options["release"])
        else:
            self.run()

    def run(self) -> None:
        """Run until a signal asks to end."""
        clock = Clock()

        def end(_number: int, _frame: FrameType | None) -> None:
            clock.stop()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        clock.run()

    def release(self, given: str) -> None:
        """Take rows from a clock that is known to be dead: its process number here, or its whole name."""
        owner = name_of(int(given)) if given.isdigit() else given
        if len(owner) < len(name_of(0)):
            raise CommandError(_("Give the process number of a clock of this machine, or its whole name."))
        count = release(owner, now=timezone.now(), pace=pace_of_settings())
        self.stdout.write(_("%(count)s given back.") % {"count": count})

    def say_status(self, *, as_json: bool) -> None:
        """Show who lives, what waits and what rests."""
        found = overview()
        if as_json:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
            return
        for title, rows in tables(found):
            self.stdout.write(f"\n{title}")
            widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
            for row in rows:
                self.stdout.write("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def tables(found: dict[str, Any]) -> Iterator[tuple[str, list[list[str]]]]:
    """Turn an overview into titled rows of words, the first of each being its heading."""
    clocks = found["clocks"]
    living = sum(one["is_alive"] for one in clocks)
    since = f", none since {found['no_clock_since'][:19]}" if found["no_clock_since"] else ""
    head = ["host", "pid", "heard", "held", "flying", "skew"]
    yield f"clocks: {living} alive{since}", rows_of(head, clocks, ["host", "pid", "age_s", "held", "flying", "skew"])
    head = ["cluster", "host", "pid", "heard"]
    yield f"queue: {len(found['queues'])} heard", rows_of(head, found["queues"], ["name", "host", "pid", "age_s"])
    backlogs = [{"name": name, **values} for name, values in found["backlog"].items()]
    head = ["cluster", "broker answers", "waiting", "taken", "oldest"]
    yield "tasks", rows_of(head, backlogs, ["name", "is_up", "waiting", "taken", "first_s"])
    yield "publications", [["state", "number"], *([name, said(value, name)] for name, value in found["publications"].items())]
    yield "left alone", rows_of(["who", "why", "for"], found["breakers"], ["name", "why", "for_s"])
    yield "stops", rows_of(["scope", "of", "since", "reason"], found["stops"], ["scope", "of", "age_s", "reason"])


def rows_of(head: list[str], found: list[dict[str, Any]], fields: list[str]) -> list[list[str]]:
    """Return rows of words under a heading."""
    rows = [[said(one[name], name) for name in fields] for one in found]
    return [head, *rows] if rows else [["none"]]


def said(value: object, name: str) -> str:
    """Return a value as words; a name that ends with _s is a number of seconds. A line stays a line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(f"{value} s".split()) if name.endswith("_s") else " ".join(str(value).split())

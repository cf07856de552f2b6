"""The publisher process: ``manage.py clock``."""

import signal
import socket
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from publisher.clock.leases import release
from publisher.clock.loop import Clock
from publisher.clock.owners import name_of
from publisher.clock.pace import pace_of_settings
from publisher.models import Heartbeat, Publication


class Command(BaseCommand):
    """Send what is due, at its second, until SIGTERM or Ctrl-C."""

    help = "Sends what is due, at its second. SIGTERM: finishes what is in flight, arms nothing new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do instead of running."""
        parser.add_argument("--status", action="store_true", help="say who runs and what waits")
        parser.add_argument("--release", metavar="PID", help="give back what a dead clock of this machine held")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run, or answer."""
        if options["status"]:
            self.say_status()
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

    def say_status(self) -> None:
        """List clocks and queues that were heard, and how much stands in which state."""
        for one in Heartbeat.objects.order_by("name", "host", "pid"):
            seconds = round((timezone.now() - one.at).total_seconds())
            here = " *" if one.host == socket.gethostname() else ""
            self.stdout.write(f"{one.name} {one.host}:{one.pid}{here} {seconds} s {one.detail or ''}".rstrip())
        for state, count in Publication.objects.values_list("state").annotate(count=Count("pk")).order_by("state"):
            self.stdout.write(f"{state} {count}")

"""Real processes that are started again whenever they end, as the product's own supervisor does it."""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError
from django.utils import timezone

from config.supervisor import kill_group
from publisher.clock.leases import release_dead
from publisher.clock.owners import name_of
from publisher.clock.pace import Pace

PAUSE_S = 0.2
GRACE_S = 30.0
Start = Callable[[str, Mapping[str, str]], "subprocess.Popen[bytes]"]


@dataclass(slots=True)
class Ward:
    """One process that has to run. ``label`` is also the name under which PostgreSQL knows its sessions."""

    command: str
    label: str
    process: "subprocess.Popen[bytes] | None" = None
    restart_at: float = 0.0
    frozen_until: float = 0.0
    starts: int = 0

    @property
    def pid(self) -> int:
        """Its number; 0 while it does not run."""
        return self.process.pid if self.process is not None and self.process.poll() is None else 0

    @property
    def owner(self) -> str:
        """The beginning of the name that it writes into rows."""
        return name_of(self.pid)

    @property
    def is_frozen(self) -> bool:
        return time.monotonic() < self.frozen_until


@dataclass(slots=True)
class Wards:
    """All of them. ``tend`` has to be called often; ``rest`` does so while it waits."""

    start: Start
    pace: Pace
    all: list[Ward] = field(default_factory=list)

    def add(self, command: str, label: str) -> None:
        """Start one more."""
        one = Ward(command, label)
        self.all.append(one)
        self._launch(one)

    def named(self, command: str) -> list[Ward]:
        """Those that run this command and live, frozen ones left out."""
        return [one for one in self.all if one.command == command and one.pid and not one.is_frozen]

    def tend(self) -> None:
        """Bury what has ended, whatever its exit code, and start it again a moment later."""
        now = time.monotonic()
        for one in self.all:
            if one.process is not None and one.process.poll() is not None:
                self._bury(one)
                one.restart_at = now + PAUSE_S
            elif one.process is None and now >= one.restart_at:
                self._launch(one)

    def rest(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait and tend; True as soon as ``until`` says so."""
        end = time.monotonic() + seconds
        while True:
            self.tend()
            if until():
                return True
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)

    def freeze(self, one: Ward, seconds: float) -> None:
        """Stop a process as a stalled machine does, and let it go on later. A thread thaws it: we may have to wait for it."""
        if one.process is not None:
            one.frozen_until = time.monotonic() + seconds
            one.process.send_signal(signal.SIGSTOP)
            timer = threading.Timer(seconds, one.process.send_signal, [signal.SIGCONT])
            timer.daemon = True
            timer.start()

    def end(self) -> None:
        """End all as a supervisor does: ask each, then kill what is left of its group."""
        for one in self.all:
            if one.process is not None and one.pid:
                one.process.send_signal(signal.SIGCONT)
                one.process.send_signal(signal.SIGTERM)
        for one in self.all:
            if one.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    one.process.wait(timeout=GRACE_S)
                kill_group(one.process.pid)
                one.process.wait()

    def _launch(self, one: Ward) -> None:
        one.starts += 1
        one.frozen_until = 0.0
        one.process = self.start(one.command, {"PGAPPNAME": one.label})

    def _bury(self, one: Ward) -> None:
        """Kill what is left of its group, and free what a dead clock held."""
        if one.process is not None:
            kill_group(one.process.pid)
            one.process.wait()
        one.process = None
        if one.command == "clock":
            with contextlib.suppress(DatabaseError):  # as the supervisor: a clock that lives does it, or the lease ends
                release_dead(now=timezone.now(), pace=self.pace)


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and theirs, from the top down."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    own = [int(word) for word in words]
    return own + [below for one in own for below in descendants(one)]

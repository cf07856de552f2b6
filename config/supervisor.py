"""A small supervisor: starts the processes, restarts what ends, and leaves nothing behind when it is told to stop.

Each child leads a process group of its own. A stop signals the child alone (django-q2 must tell its own workers), and
after the grace time kills whatever is left of the group. When the supervisor itself is killed, its guardian does so.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config import guardian

LOOK_EVERY_S = 0.2
SHORT_LIFE_S = 5.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 15.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """One process that has to run: its name, its command, and how long it may take to end."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 10.0
    is_last: bool = False  # ended after the others, which still speak to it
    log: Path | None = None  # where it writes; None: where we write


@dataclass(slots=True)
class Running:
    """A child in flight, or waiting to be started again."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S


@dataclass(slots=True)
class Supervisor:
    """Runs children until told to stop.

    ``on_exit`` hears of every child that ended by itself (name, pid, exit code). ``watch`` is asked now and then for the
    names of children that live and yet do nothing: they are killed with their group and started again.
    """

    children: Sequence[Child]
    on_exit: Callable[[str, int, int], None] = lambda _name, _pid, _code: None
    watch: Callable[[Mapping[str, float]], Sequence[str]] = lambda _ages: ()
    watch_every_s: float = 30.0
    running: dict[str, Running] = field(default_factory=dict)
    signals: int = 0
    _guardian: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start every child that is not running yet."""
        self._keep_guardian()
        for child in self.children:
            if child.name not in self.running:
                self.running[child.name] = Running(child)
                self._launch(self.running[child.name])

    def run(self) -> None:
        """Start, watch over, and return once a signal asked for the end and everything has ended."""
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            self.start()
            next_watch = time.monotonic() + self.watch_every_s
            while not self.signals:
                self._look()
                if time.monotonic() >= next_watch:
                    self._restart_silent()
                    next_watch = time.monotonic() + self.watch_every_s
                time.sleep(LOOK_EVERY_S)
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def drop(self, name: str) -> None:
        """End one child for good, if it runs."""
        one = self.running.pop(name, None)
        if one is not None:
            self._end([one])

    def stop(self) -> None:
        """End everything: ask, wait for the grace time (a second signal cuts it short), kill what is left."""
        for is_last in (False, True):
            group = [one for one in self.running.values() if one.child.is_last is is_last]
            self._end(group)
        self._dismiss_guardian()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1

    def _launch(self, one: Running) -> None:
        one.started = time.monotonic()
        with contextlib.ExitStack() as files:
            log = files.enter_context(one.child.log.open("ab")) if one.child.log else None
            one.process = subprocess.Popen(  # noqa: S603  (our own programs, no words of anybody else)
                one.child.command,
                env={**os.environ, **one.child.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  (this process has one thread while it starts children)
            )
        self._tell_guardian(f"+{one.process.pid}\n")

    def _keep_guardian(self) -> None:
        """Have a guardian that knows of every child; it leads a group of its own, so that nothing ends it beside us."""
        if self._guardian is not None and self._guardian.poll() is None:
            return
        self._dismiss_guardian()
        grace_s = max([child.grace_s for child in self.children], default=0.0)
        self._guardian = subprocess.Popen(  # noqa: S603  (our own program, no words of anybody else)
            [sys.executable, "-I", "-S", str(Path(guardian.__file__)), str(grace_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for one in self.running.values():
            if one.process is not None:
                self._tell_guardian(f"+{one.process.pid}\n")

    def _tell_guardian(self, line: str) -> None:
        if self._guardian is not None and self._guardian.stdin is not None:
            with contextlib.suppress(OSError):  # it is gone: the next look starts another, which hears of all
                self._guardian.stdin.write(line.encode())
                self._guardian.stdin.flush()

    def _dismiss_guardian(self) -> None:
        """Let it go home; it kills nothing, for it was told of every burial."""
        if self._guardian is not None and self._guardian.stdin is not None:
            with contextlib.suppress(OSError):
                self._guardian.stdin.close()
            self._guardian.wait()
        self._guardian = None

    def _look(self) -> None:
        """Start again what has ended, whatever its exit code, slower when it ends at once."""
        self._keep_guardian()
        now = time.monotonic()
        for one in self.running.values():
            if one.process is not None and one.process.poll() is not None:
                self._bury(one)
                one.pause_s = FIRST_PAUSE_S if now - one.started > SHORT_LIFE_S else min(one.pause_s * 2, LONGEST_PAUSE_S)
                one.restart_at = now + one.pause_s
            elif one.process is None and now >= one.restart_at:
                self._launch(one)

    def _bury(self, one: Running) -> None:
        """Kill what an ended child left of its group, and tell who cares."""
        if one.process is None:
            return
        kill_group(one.process.pid)
        code = one.process.wait()
        pid, one.process = one.process.pid, None
        self._tell_guardian(f"-{pid}\n")
        self.on_exit(one.child.name, pid, code)

    def _restart_silent(self) -> None:
        now = time.monotonic()
        ages = {name: now - one.started for name, one in self.running.items() if one.process is not None}
        for name in self.watch(ages):
            self._bury(self.running[name])

    def _end(self, group: Sequence[Running]) -> None:
        asked = time.monotonic()
        for one in group:
            if one.process is not None and one.process.poll() is None:
                one.process.send_signal(signal.SIGTERM)
        heard = self.signals
        for one in group:
            while one.process is not None and one.process.poll() is None:
                if time.monotonic() - asked > one.child.grace_s or self.signals > heard + 1:
                    break
                time.sleep(0.05)
        for one in group:
            self._bury(one)


def kill_group(leader: int) -> None:
    """End all that is left of a process group, at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers "not permitted" for a group of zombies
        os.killpg(leader, signal.SIGKILL)


def _find_prctl() -> Callable[..., int] | None:
    """The system call that ties a child's life to ours, where there is one."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[..., int] = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    return found


_prctl = _find_prctl()  # looked up before any fork


def _die_with_parent() -> None:
    """Run in the child before its program: when the supervisor is killed, the child is asked to end."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

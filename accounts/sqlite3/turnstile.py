"""One writer at a time, in line: file locks that are taken before SQLite's own.

SQLite lets a second writer sleep and try again, longer each time, so that beside busy writers one of them starves for
seconds. Here everybody queues at one lock and only its winner tries the writer's lock, and not while somebody who goes
first (the clock) says by a third lock that it waits. So the clock waits for the one short transaction that is
under way, whoever queues.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db.utils import OperationalError

PATIENCE_S = 20.0
FIRST_S = 0.0005
OTHERS_S = 0.002
NAMES = ("queue", "first", "writer")


class Turnstile:
    """The locks of one connection. Entering twice is entering once; leaving twice does no harm."""

    def __init__(self, database: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._paths = tuple(database.with_name(f"{database.name}-{name}") for name in NAMES)
        self._patience_s = patience_s
        self._files: list[int] = []
        self._pid = 0
        self.is_inside = False

    def enter(self, *, first: bool) -> None:
        """Wait for the turn. Raises OperationalError when it does not come in time."""
        if self.is_inside and self._pid == os.getpid():
            return
        queue, wish, writer = self._opened()
        until = time.monotonic() + self._patience_s
        if first:
            has_wished = take(wish)
            self._wait(lambda: take(writer), until=until, pause_s=FIRST_S, let_go=(wish,))
            if has_wished:
                give(wish)
        else:
            self._wait(lambda: take(queue), until=until, pause_s=OTHERS_S)
            self._wait(lambda: nobody_holds(wish) and take(writer), until=until, pause_s=FIRST_S, let_go=(queue,))
        self.is_inside = True

    def leave(self) -> None:
        """Let the next one in: whoever goes first before whoever queues."""
        if self.is_inside and self._pid == os.getpid():
            queue, _, writer = self._files
            give(writer)
            give(queue)
        self.is_inside = False

    def close(self) -> None:
        """Leave, and let go of the files."""
        self.leave()
        for file in self._files:
            os.close(file)
        self._files = []

    def _opened(self) -> list[int]:
        """Open the files once per process: a lock that crosses a fork would belong to both sides."""
        if self._pid != os.getpid():
            self.is_inside = False
            self.close()
            self._pid = os.getpid()
        if not self._files:
            self._files = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths]
        return self._files

    def _wait(
        self, is_taken: Callable[[], bool], *, until: float, pause_s: float, let_go: tuple[int, ...] = ()
    ) -> None:
        """Try until it is taken; when the time is over, let go of what was taken before."""
        while not is_taken():
            if time.monotonic() > until:
                for file in let_go:
                    give(file)
                raise OperationalError("database is locked: no turn to write")
            time.sleep(pause_s)


def take(file: int) -> bool:
    """Take a lock if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def give(file: int) -> None:
    """Let go of a lock."""
    fcntl.flock(file, fcntl.LOCK_UN)


def nobody_holds(file: int) -> bool:
    """Tell whether a lock is free."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    give(file)
    return True

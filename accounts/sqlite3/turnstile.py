"""One writer at a time, in line: two file locks that are taken before SQLite's own.

SQLite lets a second writer sleep and try again, longer each time, so that beside busy writers one of them starves for
seconds. Here everybody queues at the outer lock and only its winner stands at the inner one. Who goes first (the
clock) asks for the inner lock alone, and so waits for one short transaction at most.
"""

import fcntl
import os
import time
from pathlib import Path

from django.db.utils import OperationalError

PATIENCE_S = 20.0
FIRST_S = 0.0005
OTHERS_S = 0.002


class Turnstile:
    """The two locks of one connection. Entering twice is entering once; leaving twice does no harm."""

    def __init__(self, database: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._paths = tuple(database.with_name(f"{database.name}-{name}") for name in ("queue", "writer"))
        self._patience_s = patience_s
        self._files: list[int] = []
        self._pid = 0
        self.is_inside = False

    def enter(self, *, first: bool) -> None:
        """Wait for the turn. Raises OperationalError when it does not come in time."""
        if self.is_inside:
            return
        queue, writer = self._opened()
        until = time.monotonic() + self._patience_s
        if first:
            self._take(writer, until=until, pause_s=FIRST_S)
        else:
            self._take(queue, until=until, pause_s=OTHERS_S)
            try:
                self._take(writer, until=until, pause_s=FIRST_S)
            except OperationalError:
                fcntl.flock(queue, fcntl.LOCK_UN)
                raise
        self.is_inside = True

    def leave(self) -> None:
        """Let the next one in: whoever goes first before whoever queues."""
        if self.is_inside and self._pid == os.getpid():
            queue, writer = self._files
            fcntl.flock(writer, fcntl.LOCK_UN)
            fcntl.flock(queue, fcntl.LOCK_UN)
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

    def _take(self, file: int, *, until: float, pause_s: float) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise OperationalError("database is locked: no turn to write") from None
                time.sleep(pause_s)
            else:
                return

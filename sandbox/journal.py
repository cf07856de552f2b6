"""The append-only journal: one JSON line per change, read again at the next start."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.records import Json


class Journal:
    """A file that only grows, with a folder of media beside it.

    Each line reaches the operating system before the caller is answered, so that
    killing the process loses nothing that somebody was told.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._handle: int | None = None
        self._is_scratch = path is None
        self.folder = (
            Path(tempfile.mkdtemp(prefix="sandbox-")) if path is None else path.with_name(path.name + ".media")
        )
        self.folder.mkdir(parents=True, exist_ok=True)

    def lines(self) -> Iterator[Json]:
        """Every whole line; a last line that a crash cut short is dropped from the file."""
        if self.path is None or not self.path.exists():
            return
        whole = 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield json.loads(line)
        if whole < self.path.stat().st_size:
            os.truncate(self.path, whole)

    def open(self) -> None:
        if self.path is not None:
            self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, event: Json) -> None:
        if self._handle is not None:
            os.write(self._handle, json.dumps(event, separators=(",", ":")).encode() + b"\n")

    def empty(self) -> None:
        """Start over: no lines, no files."""
        if self._handle is not None:
            os.truncate(self._handle, 0)
        for file in self.folder.iterdir():
            file.unlink()

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self._is_scratch:
            with contextlib.suppress(OSError):
                shutil.rmtree(self.folder)

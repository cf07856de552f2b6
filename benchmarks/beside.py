"""What goes on beside the clock on the same database: an import of a thousand rows, and comments that come home."""

import csv
import io
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.rows import make_posts
from benchmarks.sandbox_process import SandboxProcess
from benchmarks.scratch import HOUSE, Scratch
from community.models import Comment
from publisher.models import Channel, Publication

ROWS = 1000
THREADS = 40
COMMENTS = 10
PATIENCE_S = 60.0


@dataclass(slots=True)
class Beside:
    """Real commands in processes of their own, again and again until the measurement is over."""

    house: Scratch
    sandbox: SandboxProcess
    channels: Sequence[Channel]
    statuses: list[str] = field(default_factory=list)
    imports: int = 0
    readings: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def make_threads(self) -> None:
        """Have posts go out under which people will write."""
        texts = make_posts(self.channels[:THREADS], hours=[datetime.now(UTC)] * THREADS, label="earlier")
        until = time.monotonic() + PATIENCE_S
        out = Publication.objects.filter(state="published")
        while out.count() < len(texts) and time.monotonic() < until:
            time.sleep(0.2)
        self.statuses = [one["stored_id"] for one in self.sandbox.arrivals() if one["text"] in texts]

    def start(self) -> None:
        """Begin, a few seconds before the second."""
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._import, self._read)]
        for thread in self.threads:
            thread.start()

    def end(self) -> dict[str, Any]:
        """End what still runs, and say what was done."""
        self.over.set()
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        for thread in self.threads:
            thread.join(PATIENCE_S)
        if self.problems:
            raise SystemExit(f"a command beside the clock failed: {self.problems[0]}")
        return {"imports": self.imports, "readings": self.readings, "comments": Comment.objects.count()}

    def alive(self) -> list[str]:
        """Return which commands run at this moment."""
        return sorted(name for name, process in self.running.items() if process.poll() is None)

    def _import(self) -> None:
        while not self.over.is_set():
            path = self.house.folder / f"plan-{self.imports}.csv"
            path.write_text(table(self.channels[0].name, label=f"Piano {self.imports}"))
            self._run("import_plan", str(path), "--brand", self.channels[0].brand.slug)
            self.imports += 1

    def _read(self) -> None:
        while not self.over.is_set():
            for number in range(COMMENTS * len(self.statuses)):
                self.sandbox.comment(self.statuses[number % len(self.statuses)], f"Bello, il numero {number}?")
            self._run("sync_comments")
            self.readings += 1

    def _run(self, name: str, *words: str) -> None:
        process = subprocess.Popen(
            [sys.executable, "manage.py", name, *words],
            cwd=HOUSE,
            env=self.house.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.running[name] = process
        _, said = process.communicate()
        if process.returncode and not self.over.is_set():
            self.problems.append(said.decode()[-2000:])
            self.over.set()


def table(channel: str, *, label: str) -> str:
    """Return a plan of a thousand rows for one channel, over the next months."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["date", "time", "title", "text", "channels"])
    writer.writeheader()
    first = datetime.now(UTC) + timedelta(days=2)
    for number in range(ROWS):
        day = first + timedelta(hours=2 * number)
        row: Mapping[str, str] = {
            "date": day.date().isoformat(),
            "time": f"{day.hour:02}:30",
            "title": f"{label}, {number}",
            "text": f"{label}: la vendemmia comincia il giorno {number}. " * 3,
            "channels": channel,
        }
        writer.writerow(row)
    return out.getvalue()

"""A scratch installation for measurements: a database of its own, and real clocks on it."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from benchmarks.sandbox_process import SandboxProcess
from tests.migrated import put_migrated
from tests.servers import running_postgres

HOUSE = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Scratch:
    """The variables of the installation, and the clocks that run on it."""

    folder: Path
    variables: dict[str, str]
    clocks: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self, *, settings: str = "config.settings") -> dict[str, str]:
        """Return the environment of a process of this installation."""
        return {**os.environ, **self.variables, "DJANGO_SETTINGS_MODULE": settings}

    def start_clock(self, *, settings: str = "config.settings") -> subprocess.Popen[bytes]:
        """Start a real clock in a process of its own; what it says goes to ``clock.log``."""
        with (self.folder / "clock.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "clock"],
                cwd=HOUSE,
                env=self.environment(settings=settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.clocks.append(process)
        return process

    def stop_clocks(self) -> None:
        """End them as a supervisor does."""
        for process in self.clocks:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.clocks:
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def scratch(*, database: str, sandbox_url: str, is_earnest: bool = False) -> Iterator[Scratch]:
    """Make the database, load Django on it in this process, and end everything with the block.

    ``is_earnest``: as in production. Otherwise Django keeps every statement with its values, which costs time.
    """
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="palinsesto-bench-")))
        address = f"sqlite:{folder / 'palinsesto.sqlite3'}"
        if database == "postgresql":
            address = ends.enter_context(running_postgres()).create_database("palinsesto")
        else:
            put_migrated(folder / "palinsesto.sqlite3")
        variables = {
            **(earnest() if is_earnest else {"PALINSESTO_DEBUG": "1", "PALINSESTO_SANDBOX_URL": sandbox_url}),
            "PALINSESTO_DATA": str(folder / "data"),
            "PALINSESTO_MEDIA": str(folder / "media"),
            "PALINSESTO_DATABASE": address,
            "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PALINSESTO_LOG_LEVEL": "WARNING",
        }
        os.environ.update(variables, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        migrate()
        made = Scratch(folder, variables)
        ends.callback(made.stop_clocks)
        yield made


def earnest() -> dict[str, str]:
    """Return what an installation in production must have."""
    return {
        "PALINSESTO_SECRET_KEY": secrets.token_urlsafe(60),
        "PALINSESTO_VAULT_KEYS": f"bench:{secrets.token_hex(32)}",
        "PALINSESTO_PUBLIC_URL": "https://palinsesto.invalid",
        "PALINSESTO_HOSTS": "palinsesto.invalid",
    }


def migrate() -> None:
    """Make the tables."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", "palinsesto_cache", verbosity=0)


def wait_for_arrivals(*sandboxes: SandboxProcess, count: int, until: float) -> list[dict[str, Any]]:
    """Wait until so many posts have arrived, or the time is over, and a moment longer for doubles.

    Nothing is asked before the second has passed, so that asking costs the measurement nothing.
    """
    while sum(one.counts()["statuses"] for one in sandboxes) < count and time.time() < until:
        time.sleep(0.2)
    time.sleep(1.0)
    return [arrival for one in sandboxes for arrival in one.arrivals()]


def wait_for_clocks(count: int, *, patience_s: float = 60.0) -> None:
    """Wait until so many clocks have been heard."""
    heartbeats = import_module("publisher.models").Heartbeat.objects.filter(name="clock")
    until = time.monotonic() + patience_s
    while heartbeats.count() < count:
        if time.monotonic() > until:
            raise SystemExit("a clock did not come up")
        time.sleep(0.1)


def load() -> float:
    """Return how many processes wanted a processor in the last minute: what else this machine does."""
    return os.getloadavg()[0]


def used(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Return processor seconds, and the resident memory of a running process, now and at its highest."""
    try:
        words = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return {}
    ticks = os.sysconf("SC_CLK_TCK")
    memory = {line.split(":")[0]: int(line.split()[1]) for line in status.splitlines() if line.startswith("Vm")}
    return {
        "cpu_s": (int(words[11]) + int(words[12])) / ticks,
        "rss_mb": round(memory["VmRSS"] / 1024, 1),
        "peak_rss_mb": round(memory["VmHWM"] / 1024, 1),
    }

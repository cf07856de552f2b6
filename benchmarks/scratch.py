"""A scratch installation for measurements: a database of its own, and channels that lead to a sandbox."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

from benchmarks.sandbox_process import SandboxProcess
from tests.servers import running_postgres

HOUSE = Path(__file__).resolve().parent.parent
SOFTWARE = {"keyed": "mastodon", "readable": "gotosocial", "opaque": "sandbox-opaque"}
CHUNK = 500


@dataclass(slots=True)
class Scratch:
    """The variables of the installation, and the clocks that run on it."""

    folder: Path
    variables: dict[str, str]
    clocks: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_clock(self, *, settings: str = "config.settings") -> subprocess.Popen[bytes]:
        """Start a real clock in a process of its own; what it says goes to ``clock.log``."""
        with (self.folder / "clock.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "clock"],
                cwd=HOUSE,
                env={**os.environ, **self.variables, "DJANGO_SETTINGS_MODULE": settings},
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
def scratch(*, database: str, sandbox_url: str) -> Iterator[Scratch]:
    """Make the database, load Django on it in this process, and end everything with the block."""
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="palinsesto-bench-")))
        address = f"sqlite:{folder / 'palinsesto.sqlite3'}"
        if database == "postgresql":
            address = ends.enter_context(running_postgres()).create_database("palinsesto")
        variables = {
            "PALINSESTO_DEBUG": "1",
            "PALINSESTO_DATA": str(folder / "data"),
            "PALINSESTO_MEDIA": str(folder / "media"),
            "PALINSESTO_DATABASE": address,
            "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PALINSESTO_SANDBOX_URL": sandbox_url,
            "PALINSESTO_LOG_LEVEL": "WARNING",
        }
        os.environ.update(variables, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        migrate()
        made = Scratch(folder, variables)
        ends.callback(made.stop_clocks)
        yield made


def migrate() -> None:
    """Make the tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make_channels(sandbox: SandboxProcess, *, count: int, brands: int = 5, software: str = "keyed") -> list[Any]:
    """Make accounts in the sandbox and a connected channel for each."""
    from accounts.models import Agency, Brand
    from accounts.vault import seal
    from publisher.models import Channel, Connection, Profile

    agency, _ = Agency.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    own = [Brand.objects.get_or_create(agency=agency, slug=f"b{n}", defaults={"name": f"B{n}"})[0] for n in range(brands)]
    channels = []
    for number, account in enumerate(make_accounts(sandbox, count)):
        profile = Profile.objects.create(
            platform="mastodon", server=sandbox.url, remote_id=account["id"], software=SOFTWARE[software], version="4.5.3"
        )
        connection = Connection(
            agency=agency, platform="mastodon", server=sandbox.url, remote_user_id=account["id"], state="connected"
        )
        connection.sealed_access = seal(account["token"], bound_to=f"connection:{connection.key}:access")
        connection.save()
        brand = own[number % brands]
        channels.append(Channel.objects.create(brand=brand, profile=profile, connection=connection, name=account["username"]))
    return channels


def make_accounts(sandbox: SandboxProcess, count: int) -> list[dict[str, Any]]:
    """Return accounts with their ids and tokens."""
    names = [f"c{uuid.uuid4().hex[:6]}{number}" for number in range(count)]
    made: list[dict[str, Any]] = []
    for start in range(0, count, CHUNK):
        wanted = [{"username": name, "token": f"{name}-token"} for name in names[start : start + CHUNK]]
        made += sandbox.admin("POST", "accounts", {"accounts": wanted})["accounts"]
    return made


def make_posts(channels: Sequence[Any], *, hours: Sequence[datetime], label: str = "post") -> dict[str, datetime]:
    """Hand posts over, one for each hour, channel by channel in turn; return text and hour of each."""
    from django.db import transaction

    from publisher.outbox import Parcel, Permit, enqueue

    permit = Permit(
        sealed_at=datetime.now(UTC), sealed_by="bench", rule={}, redate_within=None, late_tolerance=timedelta(minutes=15)
    )
    texts: dict[str, datetime] = {}
    with transaction.atomic():
        for number, due_at in enumerate(hours):
            text = f"{label} {number} · {uuid.uuid4().hex[:8]}"
            texts[text] = due_at
            parcel = Parcel(
                channel=channels[number % len(channels)],
                origin_key=uuid.uuid4(),
                content={"text": text, "link": "", "language": "it", "options": {}},
                due_at=due_at,
                wall=due_at.replace(tzinfo=None),
                zone="UTC",
            )
            enqueue([parcel], permit=permit)
    return texts


def wait_for_arrivals(sandbox: SandboxProcess, *, count: int, until: float) -> list[dict[str, Any]]:
    """Wait until so many posts have arrived, or the time is over, and a moment longer for doubles."""
    while sandbox.counts()["statuses"] < count and time.time() < until:
        time.sleep(0.2)
    time.sleep(1.0)
    return sandbox.arrivals()


def used(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Return processor seconds and the highest resident memory of a running process."""
    try:
        words = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return {}
    ticks = os.sysconf("SC_CLK_TCK")
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
    return {"cpu_s": (int(words[11]) + int(words[12])) / ticks, "peak_rss_mb": round(int(peak) / 1024, 1)}

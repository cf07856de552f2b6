"""The processes of one installation on one machine, as the supervisor starts them."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from config.clusters import LONG
from config.demo import cast
from config.supervisor import Child

NAMES = ("web", "clock", "qcluster", "long")
EVERYWHERE = "0.0.0.0"  # noqa: S104  (only when somebody asks for the local network)
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where this start listens, and under which address people come."""

    port: int
    sandbox_port: int
    lan: str = ""  # this machine's address in the local network, when it was asked for

    @property
    def host(self) -> str:
        """Where servers listen."""
        return EVERYWHERE if self.lan else LOOPBACK

    @property
    def shown_host(self) -> str:
        """What people type."""
        return self.lan or LOOPBACK

    @property
    def address(self) -> str:
        """The product's one address."""
        return f"http://{self.shown_host}:{self.port}" if settings.DEBUG else settings.PUBLIC_URL

    @property
    def sandbox_address(self) -> str:
        """The sandbox's address for people."""
        return f"http://{self.shown_host}:{self.sandbox_port}"

    def variables(self) -> dict[str, str]:
        """What the children need to know of this start. What somebody has set stays."""
        if not settings.DEBUG:
            return {}
        known = {
            "PALINSESTO_PUBLIC_URL": self.address,
            "PALINSESTO_SANDBOX_URL": f"http://{LOOPBACK}:{self.sandbox_port}" if settings.DEMO else "",
            "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8" + (f",{self.lan}/32" if self.lan else ""),
        }
        return {name: value for name, value in known.items() if value and name not in os.environ}


def usual() -> list[str]:
    """Return what runs here unless somebody chooses: the cluster for long work only where there is to be one."""
    return [name for name in NAMES if name != "long" or settings.LONG_WORKERS]


def children(plan: Plan, *, only: Sequence[str]) -> list[Child]:
    """Web, clock and the queue's clusters, as far as they are wanted here."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    commands: Mapping[str, Sequence[str]] = {
        "web": _web(plan),
        "clock": [*manage, "clock"],
        "qcluster": [*manage, "qcluster"],
        "long": [*manage, "qcluster"],
    }
    cluster = {"long": {"Q_CLUSTER_NAME": LONG}}
    return [
        Child(
            name=name,
            command=commands[name],
            variables={**plan.variables(), **cluster.get(name, {})},
            grace_s=settings.STOP_GRACE_S,
            log=log_of(name),
        )
        for name in NAMES
        if name in only
    ]


def sandbox(plan: Plan, *, has_readers: bool) -> Child:
    """The small social network of the demo; what was written there stays in the data folder."""
    folder = sandbox_folder()
    seed = folder / "seed.json"
    if not seed.exists():
        seed.touch(mode=0o600)
        seed.write_text(json.dumps(cast.seed(), ensure_ascii=False, indent=1), encoding="utf-8")
    where = ["--host", plan.host, "--port", str(plan.sandbox_port), "--public-url", plan.sandbox_address]
    files = ["--journal", str(folder / "journal"), "--seed", str(seed)]
    command = [sys.executable, "-m", "sandbox", *where, *files, "--quiet"]
    command += ["--readers"] if has_readers else []
    return Child(name="sandbox", command=command, is_last=True, log=log_of("sandbox"))


def sandbox_folder() -> Path:
    """Where the sandbox keeps its journal and its seed, tokens included."""
    folder: Path = settings.DATA_DIR / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_of(name: str) -> Path | None:
    """While trying it out the terminal belongs to the guide; in production the service manager keeps the lines."""
    if not settings.DEMO:
        return None
    folder: Path = settings.DATA_DIR / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _web(plan: Plan) -> list[str]:
    workers, threads = str(settings.WEB_WORKERS), str(settings.WEB_THREADS)
    hands = ["--worker-class", "gthread", "--workers", workers, "--threads", threads]
    patience = ["--timeout", "60", "--graceful-timeout", str(max(1, settings.STOP_GRACE_S - 2))]
    bind = ["--bind", f"{plan.host}:{plan.port}", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", "config.wsgi:application", *bind, *hands, *patience]

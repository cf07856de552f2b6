"""Starts the sandbox as a real process and ends it, for tests and measurements."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
READY = "Sandbox ready: "
PATIENCE_S = 30.0


class NotReadyError(RuntimeError):
    """The sandbox did not come up; the words hold what it said."""


@dataclass(slots=True)
class SandboxProcess:
    """A running sandbox: its address, its process, its admin address."""

    url: str
    process: subprocess.Popen[bytes]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the admin address; `path` comes without its prefix, as "faults"."""
        return self.call(method, f"/_sandbox/{path.lstrip('/')}", body)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str = "") -> Any:
        """Any JSON call; an error status raises urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)  # noqa: S310 - our own loopback address
        request.add_header("Content-Type", "application/json")
        request.add_header("Host", f"127.0.0.1:{self.port}")  # it answers its admin under this name only
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with _plain.open(request, timeout=60) as answer:
            return json.loads(answer.read())

    def arrivals(self, *, account: str = "") -> list[dict[str, Any]]:
        """Every call that wanted to post, in order, before doubles are removed."""
        found: list[dict[str, Any]] = self.admin("GET", f"arrivals?account={account}")
        return found

    def fault(self, effect: str, **values: Any) -> dict[str, Any]:
        """Add a rule; see sandbox/README.md for the effects and what a rule can match."""
        rule: dict[str, Any] = self.admin("POST", "faults", {"effect": effect, **values})
        return rule

    def clear_faults(self) -> None:
        self.admin("DELETE", "faults")

    def switch(self, software: str) -> None:
        self.admin("POST", "state", {"software": software})

    def latency(self, milliseconds: int) -> None:
        """Delay every answer of the API; the work is done at once."""
        self.admin("POST", "state", {"latency_ms": milliseconds})

    def comment(self, status_id: str, text: str, **values: Any) -> dict[str, Any]:
        """A made-up person writes under a post."""
        made: dict[str, Any] = self.admin("POST", "comments", {"status_id": status_id, "text": text, **values})
        return made

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.admin("GET", "counts")
        return found

    def add_accounts(self, accounts: Sequence[str | Mapping[str, Any]]) -> dict[str, str]:
        """Username -> token, also kept in `tokens`. A bare name is enough."""
        wanted = [{"username": one, "token": f"{one}-token"} if isinstance(one, str) else dict(one) for one in accounts]
        for start in range(0, len(wanted), 500):
            made = self.admin("POST", "accounts", {"accounts": wanted[start : start + 500]})
            self.tokens.update({one["username"]: one["token"] for one in made["accounts"]})
        return self.tokens

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """End it as a supervisor does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self._ended(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self._ended()

    def _ended(self, *, timeout: float | None = None) -> int:
        code = self.process.wait(timeout=timeout)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


_plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def start_sandbox(*, journal: Path | None = None, port: int = 0, arguments: Sequence[str] = ()) -> SandboxProcess:
    """Start it on a free port of the loopback address and wait until it listens."""
    command = [sys.executable, "-m", "sandbox", "--host", "127.0.0.1", "--port", str(port), "--quiet", *arguments]
    if journal is not None:
        command += ["--journal", str(journal)]
    process = subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, start_new_session=True)
    running = SandboxProcess(url="", process=process)
    try:
        running.url = _first_line(process).removeprefix(READY)
    except BaseException:  # an interrupted start leaves no process behind; it goes on upwards
        running.kill()
        raise
    return running


def _first_line(process: subprocess.Popen[bytes]) -> str:
    output = process.stdout
    if output is None:
        raise NotReadyError("no output to read")
    text, until = b"", time.monotonic() + PATIENCE_S
    while not text.endswith(b"\n"):
        readable, _, _ = select.select([output], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(output.fileno(), 4096) if readable else b""
        if not piece:
            raise NotReadyError(f"The sandbox did not become ready: {text.decode()!r}")
        text += piece
    line = text.decode().strip()
    if not line.startswith(READY):
        raise NotReadyError(line)
    return line


@contextlib.contextmanager
def running_sandbox(
    *,
    software: str = "keyed",
    accounts: Sequence[str | Mapping[str, Any]] = (),
    journal: Path | None = None,
    port: int = 0,
    arguments: Sequence[str] = (),
) -> Iterator[SandboxProcess]:
    """A sandbox with these accounts, ended with the block, whatever happens inside."""
    running = start_sandbox(journal=journal, port=port, arguments=["--software", software, *arguments])
    try:
        if accounts:
            running.add_accounts(accounts)
        yield running
    finally:
        running.stop()

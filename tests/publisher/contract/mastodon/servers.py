"""Servers of this family over real HTTP: our sandbox in its three kinds, and one that others wrote."""

import itertools
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from tests.publisher.contract.kit import CANARY, Seen, WatchedDoor

LISTED = ("127.0.0.0/8",)
MOCK = """
[auth]
enforce_scopes = true
[[seed.accounts]]
username = "valdoro"
access_token = "{ours}"
[[seed.accounts]]
username = "ida"
access_token = "ida-token"
"""
EFFECTS = {
    "rate_limited": {"type": "ratelimit"},
    "unavailable": {"type": "status", "status": 503, "headers": {"Retry-After": "30"}},
    "unauthorized": {"type": "status", "status": 401, "body": {"error": "The access token is invalid"}},
}


class Server:
    """What both kinds of servers share: they are asked over HTTP by a client that is not ours."""

    name: str
    server: str

    def __init__(self) -> None:
        self.door = WatchedDoor(private_networks=LISTED)
        self.words: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str = CANARY) -> Any:
        """Ask the API as another program would."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, data, method=method)  # noqa: S310  (loopback)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def picture(self, address: str) -> bytes:
        """Return the bytes of a picture out there."""
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
            return bytes(answer.read())

    def own(self, ids: list[str]) -> list[Seen]:
        """Return those statuses that are still there, as the API shows them."""
        found = []
        for remote_id in ids:
            try:
                one = self.ask("GET", f"/api/v1/statuses/{remote_id}")
            except HTTPError:
                continue
            pictures = tuple((media["description"], self.picture(media["url"])) for media in one["media_attachments"])
            found.append(Seen(str(one["id"]), words_of(one["content"]), str(one["in_reply_to_id"] or ""), pictures))
        return found


def words_of(html: str) -> str:
    """Return the words of a status; a link that is shown short is read as its address."""
    html = re.sub(r'<a href="(https?://[^"]+)"[^>]*>(?!\s*[@#]|<span>[@#])(?:(?!</a>).)*</a>', r"\1", html)
    html = re.sub(r"<br ?/?>", "\n", html).replace("</p><p>", "\n\n")
    return unescape(re.sub(r"<[^>]+>", "", html))


class SandboxWorld(Server):
    """Our sandbox."""

    def __init__(self, process: SandboxProcess, software: str) -> None:
        super().__init__()
        self.process, self.server, self.name = process, process.url, f"sandbox-{software}"

    def posts(self) -> list[Seen]:
        """Return what was stored for our account."""
        stored = dict.fromkeys(one["stored_id"] for one in self.process.arrivals(account="valdoro"))
        return self.own([str(one) for one in stored if one])

    def comment(self, remote_id: str, text: str) -> str:
        """Let one of the made-up people write."""
        return str(self.process.comment(remote_id, text)["id"])

    def remove(self, remote_id: str) -> None:
        """Delete it as its writer."""
        with suppress(HTTPError):
            self.process.admin("POST", "comments/change", {"status_id": remote_id, "delete": True})
            return
        self.ask("DELETE", f"/api/v1/statuses/{remote_id}")

    def fault(self, effect: str) -> None:
        """Spoil the next post."""
        self.process.fault(effect, method="POST", path="/api/v1/statuses", times=1, retry_after=30)

    def mend(self) -> None:
        """End it."""
        self.process.clear_faults()

    def effects(self) -> set[str]:
        """Return what it knows."""
        return {"cut_after", "cut_before", "error_after", "rate_limited", "unavailable", "unauthorized"}


class MockWorld(Server):
    """mastodon-mock: written by others, started as its own process."""

    name = "mastodon-mock"

    def __init__(self, server: str) -> None:
        super().__init__()
        self.server = server

    def posts(self) -> list[Seen]:
        """Return what our account has, oldest first."""
        account = self.ask("GET", "/api/v1/accounts/verify_credentials")["id"]
        rows = self.ask("GET", f"/api/v1/accounts/{account}/statuses?limit=40")
        return self.own([str(row["id"]) for row in reversed(rows)])

    def comment(self, remote_id: str, text: str) -> str:
        """Let Ida write."""
        return str(
            self.ask("POST", "/api/v1/statuses", {"status": text, "in_reply_to_id": remote_id}, token="ida-token")["id"]
        )

    def remove(self, remote_id: str) -> None:
        """Delete it as its writer."""
        for token in (CANARY, "ida-token"):
            with suppress(HTTPError):
                self.ask("DELETE", f"/api/v1/statuses/{remote_id}", token=token)

    def fault(self, effect: str) -> None:
        """Spoil the next post."""
        rule = {"match": {"path": "/api/v1/statuses", "methods": ["POST"]}, "effect": EFFECTS[effect], "count": 1}
        self.ask("POST", "/api/v1/_mock/faults", rule)

    def mend(self) -> None:
        """End it."""
        self.ask("DELETE", "/api/v1/_mock/faults")

    def effects(self) -> set[str]:
        """Return what it knows: it cannot lose an answer after storing."""
        return set(EFFECTS)


def sandbox(software: str) -> Callable[[Path], AbstractContextManager[SandboxWorld]]:
    """Return how to start a sandbox of one kind."""

    @contextmanager
    def start(_folder: Path) -> Iterator[SandboxWorld]:
        accounts = [{"username": "valdoro", "token": CANARY, "app": "Palinsesto"}]
        with running_sandbox(software=software, accounts=accounts) as process:
            yield SandboxWorld(process, software)

    return start


@contextmanager
def mastodon_mock(folder: Path) -> Iterator[MockWorld]:
    """A mastodon-mock on a free port, ended with the block."""
    (folder / "mock.toml").write_text(MOCK.format(ours=CANARY))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "mastodon_mock",
        "serve",
        "--config",
        str(folder / "mock.toml"),
        "--host",
        "127.0.0.1",
        "--port",
        port,
        "--in-memory",
    ]
    with (folder / "mock.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        world = MockWorld(f"http://127.0.0.1:{port}")
        wait_for(world, process, folder / "mock.log")
        yield world
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(world: MockWorld, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers by itself."""
    for _ in itertools.repeat(None, 300):
        if process.poll() is not None:
            break
        try:
            world.ask("GET", "/api/v2/instance")
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"mastodon-mock did not become ready: {log.read_text()[-800:]}")

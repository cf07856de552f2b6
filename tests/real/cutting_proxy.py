"""A proxy before a real server that loses what it is told to lose: the call, or only its answer."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

KEPT_BY_US = {"connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive", "host"}


@dataclass(slots=True)
class CuttingProxy:
    """Where it listens, what it has carried, and what it will cut: each wish is a part of a path and counts once."""

    server: str
    url: str = ""
    carried: list[str] = field(default_factory=list)
    lose_answers: list[str] = field(default_factory=list)
    lose_calls: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, wishes: list[str], path: str) -> bool:
        """Tell whether this call is one that was wished lost, and strike the wish."""
        with self._lock:
            wish = next((one for one in wishes if one in path), None)
            if wish is None:
                return False
            wishes.remove(wish)
            self.lost.append(path)
            return True

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> requests.Response:
        """Carry a call to the real server."""
        self.carried.append(path)
        kept = {name: value for name, value in headers.items() if name.lower() not in KEPT_BY_US}
        return requests.request(method, self.server + path, headers=kept, data=body, timeout=60)


class Handler(BaseHTTPRequestHandler):
    """One call on its way; the listener knows the proxy."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._carry()

    def do_POST(self) -> None:
        self._carry()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name of the base class)
        """Say nothing."""

    def _carry(self) -> None:
        proxy: CuttingProxy = self.server.proxy  # type: ignore[attr-defined]  # set by cutting_proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = proxy.takes(proxy.lose_calls, self.path)
        if self.close_connection:
            return
        try:
            answer = proxy.forward(self.command, self.path, dict(self.headers.items()), body)
        except requests.RequestException:  # the server is dead: what proxies before real servers say
            self.send_error(HTTPStatus.BAD_GATEWAY)
            return
        self.close_connection = proxy.takes(proxy.lose_answers, self.path)
        if not self.close_connection:
            self._tell(answer)

    def _tell(self, answer: requests.Response) -> None:
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in KEPT_BY_US:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)


class Listener(ThreadingHTTPServer):
    """Takes as many calls at once as a busy clock makes."""

    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller that was killed; whatever else breaks is told as ever."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def cutting_proxy(server: str, proxy: CuttingProxy | None = None) -> Iterator[CuttingProxy]:
    """Listen before a server until the block ends; a proxy of another kind can be given."""
    listener = Listener(("127.0.0.1", 0), Handler)
    proxy = proxy or CuttingProxy(server)
    proxy.url = f"http://localhost:{listener.server_address[1]}"
    listener.proxy = proxy  # type: ignore[attr-defined]  # how its handlers find it
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(5)

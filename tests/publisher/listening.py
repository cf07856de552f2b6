"""Listeners on this machine that answer as tests want, and doors that may reach them."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from publisher.contract.http import Door

HERE = ("127.0.0.0/8", "::1/128")
Serve = Callable[[socket.socket], None]


@contextmanager
def listening(
    serve: Serve, *, wrap: Callable[[socket.socket], socket.socket] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """A listener on this machine that notes every connection and answers with ``serve``."""
    seen: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                taken, _address = listener.accept()
            except OSError:
                return
            seen.append("connected")
            threading.Thread(target=one, args=(taken,), daemon=True).start()

    def one(taken: socket.socket) -> None:
        try:
            opened = wrap(taken) if wrap else taken
            seen.append(opened.recv(65536).decode("latin-1"))
            serve(opened)
            opened.close()
        except OSError:
            taken.close()

    threading.Thread(target=run, daemon=True).start()
    yield listener.getsockname()[1], seen
    listener.close()


def says(*pieces: bytes, pause: float = 0.0) -> Serve:
    """Return a server that sends these pieces and closes."""

    def serve(opened: socket.socket) -> None:
        for piece in pieces:
            opened.sendall(piece)
            time.sleep(pause)

    return serve


def ok(body: bytes = b"{}", *headers: bytes) -> bytes:
    """Return a plain answer."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body])


def here(**values: object) -> Door:
    """Return a door whose operator listed this machine."""
    return Door(private_networks=HERE, **values)  # type: ignore[arg-type]  # tests pass what the door takes


def never(address: object, port: int, timeout: float) -> socket.socket:
    """A dialler that must not be asked."""
    raise AssertionError(f"dialled {address}:{port}")


def names(*answers: Sequence[str]) -> tuple[Callable[[str, int], Sequence[str]], list[str]]:
    """Return a resolver that gives one answer after the other, and the list of what it was asked."""
    asked: list[str] = []

    def resolver(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolver, asked

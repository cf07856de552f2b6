"""Sockets on a leash: every read and write respects one deadline and a count of bytes. Only ``http.py`` opens them."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

IDLE_S = 4.0
ONE_PIECE = 16_384
HEAD_BYTES = 65_536
UNTAKEN_MS = 20_000
TAKEN_WITHIN: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
Dial = Callable[[str, int], socket.socket]
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> float:
    """Return seconds that go on while the machine sleeps, where the system can tell."""
    return time.clock_gettime(STEADY)


class TooMuch(Exception):
    """The other side sent more than we take."""


class Leash(threading.local):
    """What the call of this thread may still do, and what it has done. One call per thread at a time.

    ``latest`` bounds several calls together, however late each of them begins.
    """

    deadline: float = float("inf")
    latest: float = float("inf")
    connect_s: float = 5.0
    read_s: float = 15.0
    ceiling: int = HEAD_BYTES
    received: int = 0
    left: bool = False
    sha256: str = ""

    def start(self, *, connect_s: float, read_s: float, total_s: float) -> None:
        """Begin a call: nothing has left, nothing has come."""
        self.deadline = min(steady() + total_s, self.latest)
        self.connect_s = connect_s
        self.read_s = read_s
        self.ceiling = HEAD_BYTES
        self.received = 0
        self.left = False

    def remaining(self, most: float) -> float:
        """Return how long the next step may take. Raises TimeoutError when the whole call has had its time."""
        rest = self.deadline - steady()
        if rest <= 0:
            raise TimeoutError("the whole call took too long")
        return min(most, rest)

    def count(self, received: int) -> None:
        """Count bytes as they come in, before anything is decompressed. Raises TooMuch."""
        self.received += received
        if self.received > self.ceiling:
            raise TooMuch


LEASH = Leash()


@contextlib.contextmanager
def no_later_than(moment: float) -> Iterator[None]:
    """Let no byte of this thread's calls leave or come after a moment of the steady clock, however late a call begins.

    So a process that stood still until others took its work over sends nothing when it goes on. What the thread sent
    before is forgotten, so that its digest is never taken for that of these calls.
    """
    LEASH.latest, LEASH.sha256 = moment, ""
    try:
        yield
    finally:
        LEASH.latest = float("inf")


class LeashedSocket(socket.socket):
    """A plain socket that asks the leash."""

    def hold_nothing_back(self) -> None:
        """Send at once, and where the system can, forget what a lost network did not take in time.

        Else the system itself delivers it minutes later, after our end and after every look whether it is out.
        """
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if TAKEN_WITHIN is not None:
            self.setsockopt(socket.IPPROTO_TCP, TAKEN_WITHIN, UNTAKEN_MS)

    def recv_into(self, *args: Any, **names: Any) -> int:
        """Receive within the time and the amount that are left."""
        self.settimeout(LEASH.remaining(LEASH.read_s))
        received = super().recv_into(*args, **names)
        LEASH.count(received)
        return received

    def sendall(self, *args: Any) -> None:
        """Send within the time that is left."""
        self.settimeout(LEASH.remaining(LEASH.deadline))
        super().sendall(*args)


class LeashedTls(ssl.SSLSocket):
    """A TLS socket that asks the leash."""

    def recv_into(self, *args: Any, **names: Any) -> int:
        """Receive within the time and the amount that are left."""
        self.settimeout(LEASH.remaining(LEASH.read_s))
        received = super().recv_into(*args, **names)
        LEASH.count(received)
        return received

    def send(self, *args: Any, **names: Any) -> int:
        """Send within the time that is left; ``sendall`` comes through here piece by piece."""
        self.settimeout(LEASH.remaining(LEASH.read_s))
        return super().send(*args, **names)


class Guarded:
    """What our two connection classes share: they dial through the door and note when a first byte leaves."""

    dial: Dial
    used_at: float = 0.0
    held: bytes | None = None

    def request(self, *args: Any, **names: Any) -> None:
        """Send a request, the head and a small body in one piece: one packet, one turn of Python's lock."""
        self.held = b""
        try:
            super().request(*args, **names)  # type: ignore[misc]  # given by the class beside this one
            self._let_go()
        finally:
            self.held = None

    def _let_go(self) -> None:
        data, self.held = self.held, None
        if data:
            self.send(data)

    def _new_conn(self) -> socket.socket:
        return self.dial(self.host, self.port)  # type: ignore[attr-defined]  # given by the class beside this one

    def send(self, data: Any) -> None:
        """Note that something may have left from here on; what is small waits for the rest of its request."""
        if self.held is not None and isinstance(data, bytes):
            if len(self.held) + len(data) <= ONE_PIECE:
                self.held += data
                return
            self._let_go()
        if self.sock is None:  # type: ignore[attr-defined]  # given by the class beside this one
            self.connect()  # type: ignore[attr-defined]  # given by the class beside this one
        LEASH.remaining(0)  # who stood still until now sends nothing, and knows so
        LEASH.left = True
        super().send(data)  # type: ignore[misc]  # given by the class beside this one


class PlainConnection(Guarded, HTTPConnection):
    """Plain HTTP, for listed private hosts."""

    def __init__(self, *args: Any, dial: Dial, **names: Any) -> None:
        super().__init__(*args, **names)
        self.dial = dial


class TlsConnection(Guarded, HTTPSConnection):
    """HTTPS: the certificate is checked for the name, whatever address was dialled."""

    def __init__(self, *args: Any, dial: Dial, **names: Any) -> None:
        super().__init__(*args, **names)
        self.dial = dial


class Idle:
    """A pool that never hands out a connection that lay too long: the other side may just be closing it."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]  # given by the class beside this one
        if connection.sock is not None and time.monotonic() - connection.used_at > IDLE_S:
            connection.close()
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.used_at = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]  # given by the class beside this one

    def openings(self, count: int) -> list[Callable[[], None]]:
        """Return a piece of work for each of ``count`` connections, open ones first: it opens it and puts it back."""
        return [partial(self._open, connection) for connection in [self._get_conn() for _ in range(count)]]

    def _open(self, connection: Any) -> None:
        try:
            if connection.sock is None:
                connection.timeout = LEASH.connect_s
                connection.connect()
        finally:
            self._put_conn(connection)


class PlainPool(Idle, urllib3.HTTPConnectionPool):
    """Connections to one listed private host."""

    ConnectionCls = PlainConnection


class TlsPool(Idle, urllib3.HTTPSConnectionPool):
    """Connections to one host."""

    ConnectionCls = TlsConnection

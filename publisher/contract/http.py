"""The one door to the network: what is checked is what is dialled, and every answer has an end."""

import hashlib
import ipaddress
import json
import logging
import os
import socket
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack
from urllib.parse import urlencode, urljoin

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import ProtocolError
from urllib3.util import Timeout

from publisher.contract.addresses import (
    Address,
    Place,
    Refused,
    is_listed,
    is_public,
    literal,
    place_of,
)
from publisher.contract.answers import Answer
from publisher.contract.content import Secrets
from publisher.contract.wire import HEAD_BYTES, LEASH, LeashedSocket, LeashedTls, PlainPool, TlsPool, TooMuch

AGENT = "Palinsesto/0.1"
MOST_HOSTS = 256
MOST_REDIRECTS = 3
PIECE = 65_536
JSON_BYTES = 1_000_000
Resolver = Callable[[str, int], Sequence[str]]
Dialler = Callable[[Address, int, float], socket.socket]

# These loggers write whole addresses, and some platforms want the token in them.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class DoorError(Exception):
    """A call that brought no whole answer. ``why`` is a word for logs; no address, header or body is in here."""

    def __init__(self, why: str, *, host: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.host = host


class DoorRefused(DoorError):
    """We do not call such an address. Nothing was sent."""


class NotConnected(DoorError):
    """No byte of the request left: the name is unknown, nobody listens, TLS failed. Surely not done."""


class AnswerLost(DoorError):
    """Bytes may have left and no whole answer came back: nobody knows. ``status`` where its first line was read."""

    def __init__(self, why: str, *, host: str = "", status: int | None = None) -> None:
        super().__init__(why, host=host)
        self.status = status


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, to wait for the next byte, and in all."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 30.0


DEFAULT = Timeouts()
UPLOAD = Timeouts(read=60.0, total=300.0)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a multipart request, read from disk. The name that the platform sees is ours."""

    field: str
    path: str
    mime: str
    name: str = "file"


class Wanted(TypedDict, total=False):
    """What a request may be made of.

    ``secrets`` adds a bearer token; ``content`` is a raw body whose type stands in the headers; ``redirects`` (for
    GET) is 0 unless a platform needs it.
    """

    secrets: Secrets | None
    headers: Mapping[str, str]
    params: Mapping[str, Any] | Sequence[tuple[str, Any]]
    json: Any
    content: bytes
    data: Mapping[str, Any] | Sequence[tuple[str, Any]]
    files: Sequence[FilePart]
    timeouts: Timeouts
    max_bytes: int
    redirects: int


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A request whose bytes are fixed. ``sha256`` covers method, address and body, never the headers."""

    method: str
    place: Place
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    sha256: str
    timeouts: Timeouts = DEFAULT
    max_bytes: int = JSON_BYTES
    redirects: int = 0


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver once."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def dial(address: Address, port: int, timeout: float) -> socket.socket:
    """Open a connection to exactly this address."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    opened = LeashedSocket(family, socket.SOCK_STREAM)
    try:
        opened.hold_nothing_back()
        opened.settimeout(timeout)
        opened.connect((str(address), port))
    except BaseException:  # no socket is left open; it goes on upwards
        opened.close()
        raise
    return opened


class Door:
    """Shared by all threads of a process. Connections are pooled per host and never survive a fork."""

    def __init__(
        self,
        *,
        private_networks: Sequence[str] = (),
        ourselves: Sequence[str] = (),
        pool_size: int = 128,
        resolver: Resolver = resolve,
        dialler: Dialler = dial,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in private_networks)
        self._ourselves = tuple((place.host, place.port) for place in map(place_of, ourselves))
        self._pool_size = pool_size
        self._resolver = resolver
        self._dialler = dialler
        self._given_tls = tls
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str, int], PlainPool | TlsPool] = {}
        self._tls = self._given_tls

    # Building

    def build(self, method: str, url: str, **wanted: Unpack[Wanted]) -> PreparedCall:
        """Fix every byte of a request. Raises DoorRefused for an address that nobody would spell so."""
        if params := wanted.get("params"):
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        try:
            place = place_of(url)
        except Refused as refused:
            raise DoorRefused(str(refused)) from None
        body, kind = body_of(wanted)
        sent = {"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
        sent.update(wanted.get("headers") or {})
        if kind:
            sent["Content-Type"] = kind
        secrets = wanted.get("secrets")
        if secrets is not None and secrets.access:
            sent["Authorization"] = f"Bearer {secrets.access}"
        return PreparedCall(
            method=method,
            place=place,
            headers=sent,
            body=body,
            sha256=hashlib.sha256(f"{method} {place.origin}{place.target}\n".encode() + body).hexdigest(),
            timeouts=wanted.get("timeouts", DEFAULT),
            max_bytes=wanted.get("max_bytes", JSON_BYTES),
            redirects=wanted.get("redirects", 0) if method in {"GET", "HEAD"} else 0,
        )

    # Sending

    def call(self, method: str, url: str, **wanted: Unpack[Wanted]) -> Answer:
        """Build a request and send it."""
        return self.send(self.build(method, url, **wanted))

    def send(self, built: PreparedCall) -> Answer:
        """Send it once, and return the whole answer. Raises DoorRefused, NotConnected, AnswerLost."""
        times = built.timeouts
        LEASH.start(connect_s=times.connect, read_s=times.read, total_s=times.total)
        LEASH.sha256 = built.sha256
        answer = self._once(built)
        for _ in range(min(built.redirects, MOST_REDIRECTS)):
            if answer.status not in {301, 302, 303, 307, 308} or "location" not in answer.headers:
                break
            built = self._redirected(built, answer.headers["location"])
            LEASH.ceiling, LEASH.received = HEAD_BYTES, 0
            answer = self._once(built)
        return answer

    @staticmethod
    def last_sha256() -> str:
        """Return the digest of the last request that this thread sent, for the log of attempts."""
        return LEASH.sha256

    def warm(self, url: str, *, count: int = 1) -> None:
        """Open connections for what will be sent in a moment. Raises DoorRefused, NotConnected."""
        for open_one in self.openings(url, count=count):
            open_one()

    def openings(self, url: str, *, count: int) -> list[Callable[[], None]]:
        """Return pieces of work, for any threads, that open a connection each. They raise as ``warm`` does."""
        place = self.build("GET", url).place
        return [partial(self._warmed, place, open_one) for open_one in self._pool(place).openings(count)]

    @staticmethod
    def _warmed(place: Place, open_one: Callable[[], None]) -> None:
        LEASH.start(connect_s=DEFAULT.connect, read_s=DEFAULT.read, total_s=DEFAULT.total)
        try:
            open_one()
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise NotConnected(type(error).__name__, host=place.host) from None

    def _once(self, built: PreparedCall) -> Answer:
        place, status = built.place, None
        try:
            response = self._pool(place).urlopen(
                built.method,
                place.target,
                body=built.body or None,
                headers=dict(built.headers),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                timeout=Timeout(connect=built.timeouts.connect, read=built.timeouts.read),
            )
            status = response.status
            if not response.headers:
                raise ProtocolError("a head that was cut")
            return Answer(status, plain_headers(response), read_whole(response, built.max_bytes))
        except (OSError, TooMuch, urllib3.exceptions.HTTPError) as error:
            if not LEASH.left:
                raise NotConnected(type(error).__name__, host=place.host) from None
            raise AnswerLost(type(error).__name__, host=place.host, status=status) from None

    def _redirected(self, built: PreparedCall, location: str) -> PreparedCall:
        try:
            place = place_of(urljoin(built.place.origin + built.place.target, location))
        except Refused as refused:
            raise DoorRefused(str(refused)) from None
        headers = dict(built.headers)
        if place.origin != built.place.origin:
            headers.pop("Authorization", None)
        return PreparedCall(built.method, place, headers, b"", built.sha256, built.timeouts, built.max_bytes)

    # Connecting

    def _pool(self, place: Place) -> PlainPool | TlsPool:
        if self._pid != os.getpid():
            self._forget()
        key = (place.scheme, place.host, place.port)
        with self._lock:
            pool = self._pools.pop(key, None) or self._new_pool(place)
            self._pools[key] = pool
            if len(self._pools) > MOST_HOSTS:
                self._pools.pop(next(iter(self._pools))).close()
        return pool

    def _new_pool(self, place: Place) -> PlainPool | TlsPool:
        def connect(host: str, port: int) -> socket.socket:
            return self._connect(place.scheme, host, port)

        if place.scheme == "http":
            return PlainPool(place.host, place.port, maxsize=self._pool_size, dial=connect)
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
        self._tls.sslsocket_class = LeashedTls
        return TlsPool(place.host, place.port, maxsize=self._pool_size, dial=connect, ssl_context=self._tls)

    def _connect(self, scheme: str, host: str, port: int) -> socket.socket:
        """Resolve once, refuse if any answer is special, and dial one of the very addresses that were checked."""
        addresses = self._checked(scheme, host.strip("[]"), port)
        for number, address in enumerate(addresses, start=1):
            try:
                return self._dialler(address, port, LEASH.remaining(LEASH.connect_s) / (len(addresses) + 1 - number))
            except OSError:
                if number == len(addresses):
                    raise
        raise OSError("no address")

    def _checked(self, scheme: str, host: str, port: int) -> list[Address]:
        known = literal(host)
        found = [known] if known else list(dict.fromkeys(map(ipaddress.ip_address, self._answers(host, port))))
        for address in found:
            listed = is_listed(address, self._networks)
            if not (listed or (is_public(address) and scheme == "https" and port == 443)):
                raise DoorRefused("not an address we call", host=host)
            if self._is_us(host, address, port):
                raise DoorRefused("this installation itself", host=host)
        return found

    def _answers(self, host: str, port: int) -> Sequence[str]:
        """Ask the resolver, which knows no time-out of its own, and wait no longer than for a connection."""
        found: list[Sequence[str]] = []

        def ask() -> None:
            try:
                found.append(self._resolver(host, port))
            except (OSError, UnicodeError):
                found.append([])

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(LEASH.remaining(LEASH.connect_s))
        if not found or not found[0]:
            raise OSError("the name has no address")
        return found[0]

    def _is_us(self, host: str, address: Address, port: int) -> bool:
        return any(
            port == our_port and (address.is_loopback or our_host in {host, str(address)})
            for our_host, our_port in self._ourselves
        )


def body_of(wanted: Wanted) -> tuple[bytes, str]:
    """Return the body's bytes and its content type."""
    data = wanted.get("data")
    if "content" in wanted:
        return wanted["content"], ""
    if files := wanted.get("files"):
        return multipart(data or {}, files)
    if "json" in wanted:
        return json.dumps(wanted["json"], ensure_ascii=False, separators=(",", ":")).encode(), "application/json"
    if data is not None:
        return urlencode(data, doseq=True).encode(), "application/x-www-form-urlencoded"
    return b"", ""


def multipart(data: Any, files: Sequence[FilePart]) -> tuple[bytes, str]:
    """Return a multipart body; names of fields are ours, so they need no escaping."""
    border = uuid.uuid4().hex
    pieces: list[bytes] = []
    for name, value in data.items() if isinstance(data, Mapping) else data:
        pieces.append(f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for part in files:
        head = f'--{border}\r\nContent-Disposition: form-data; name="{part.field}"; filename="{part.name}"\r\n'
        pieces += [f"{head}Content-Type: {part.mime}\r\n\r\n".encode(), Path(part.path).read_bytes(), b"\r\n"]
    pieces.append(f"--{border}--\r\n".encode())
    return b"".join(pieces), f"multipart/form-data; boundary={border}"


def plain_headers(response: urllib3.BaseHTTPResponse) -> dict[str, str]:
    """Return the headers by lower-case name; cookies are refused."""
    return {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}


def read_whole(response: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes:
    """Read the body piece by piece and count what comes out of decompression. Raises TooMuch."""
    LEASH.ceiling = LEASH.received + 2 * max_bytes + HEAD_BYTES
    body = bytearray()
    while len(body) <= max_bytes:
        piece = response.read(PIECE, decode_content=True)
        if not piece:
            response.release_conn()
            return bytes(body)
        body += piece
    response.close()
    raise TooMuch

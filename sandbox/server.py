"""HTTP/1.1 over asyncio streams: keep-alive connections, sized and chunked bodies, limits."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import unquote

from sandbox.messages import Request, Response

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 40 * 1024 * 1024
IDLE_S = 300
TOO_LARGE = b"<html><head><title>413 Request Entity Too Large</title></head><body><h1>413 Request Entity Too Large</h1></body></html>\n"

logger = logging.getLogger("sandbox")

Handler = Callable[[Request], Awaitable[Response]]


class BrokenError(Exception):
    """The bytes are not a request that can be answered further on this line."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection:
    """One caller's line; requests on it are answered one after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
        self.reader = reader
        self.writer = writer
        self.handler = handler
        self.heard_at = time.monotonic()
        self.peer = str((writer.get_extra_info("peername") or ("",))[0])

    async def serve(self) -> None:
        try:
            while await self._exchange():
                self.heard_at = time.monotonic()
        except BrokenError as broken:
            self._send(_refusal(broken.status), keeps=False, has_body=True)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            with contextlib.suppress(ConnectionError, RuntimeError):
                self.writer.close()

    async def _exchange(self) -> bool:
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as long:
            raise BrokenError(431) from long
        request = await self._request(head)
        response = await self._handled(request)
        if response.is_cut:
            self.writer.transport.abort()
            return False
        keeps = request.headers.get("connection", "").lower() != "close"
        self._send(response, keeps=keeps, has_body=request.method != "HEAD")
        await self.writer.drain()
        return keeps

    async def _handled(self, request: Request) -> Response:
        try:
            return await self.handler(request)
        except Exception:  # one call that fails must not end the others: it is logged
            logger.exception("%s %s failed", request.method, request.path)
            return _refusal(500)

    async def _request(self, head: bytes) -> Request:
        lines = head[:-4].decode("latin-1").lstrip("\r\n").split("\r\n")
        parts = lines[0].split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise BrokenError(400)
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, sign, value = line.partition(":")
            if not sign or name != name.strip():
                raise BrokenError(400)
            headers[name.lower()] = value.strip()
        if parts[2] == "HTTP/1.0":
            headers["connection"] = headers.get("connection", "close")
        body = await self._body(headers)
        path, _, query = parts[1].partition("?")
        return Request(
            method=parts[0],
            path=unquote(path),
            query_text=query,
            headers=headers,
            body=body,
            peer=self.peer,
            arrived_at=time.time(),
        )

    async def _body(self, headers: dict[str, str]) -> bytes:
        chunked = headers.get("transfer-encoding", "").lower()
        length = headers.get("content-length", "0")
        if (chunked and (chunked != "chunked" or "content-length" in headers)) or not length.isdecimal():
            raise BrokenError(400)
        if int(length) > BODY_LIMIT:
            raise BrokenError(413)
        if headers.get("expect", "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if chunked:
            return await self._chunks()
        return await self.reader.readexactly(int(length)) if length != "0" else b""

    async def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = await self._chunk_size()
            if size == 0:
                break
            if len(body) + size > BODY_LIMIT:
                raise BrokenError(413)
            body += await self.reader.readexactly(size)
            if await self.reader.readexactly(2) != b"\r\n":
                raise BrokenError(400)
        while await self.reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return bytes(body)

    async def _chunk_size(self) -> int:
        line = await self.reader.readuntil(b"\r\n")
        try:
            return int(line.split(b";")[0], 16)
        except ValueError as wrong:
            raise BrokenError(400) from wrong

    def _send(self, response: Response, *, keeps: bool, has_body: bool) -> None:
        lines = [
            f"HTTP/1.1 {response.status} {_phrase(response.status)}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Type: {response.mime}",
            f"Content-Length: {len(response.body)}",
            f"Connection: {'keep-alive' if keeps else 'close'}",
            "X-Content-Type-Options: nosniff",
            *(f"{name}: {value}" for name, value in response.headers.items()),
        ]
        self.writer.write(
            "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + (response.body if has_body else b"")
        )


class Server:
    """Listens, keeps the open lines, closes the silent ones."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, *, host: str, port: int) -> int:
        """Begin to listen; the port that was really taken."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=HEAD_LIMIT, backlog=2048)
        self._background(self._sweep())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self.handler)
        task = asyncio.current_task()
        if task is not None:
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        self.connections.add(connection)
        try:
            await connection.serve()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.connections.discard(connection)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(10)
            for connection in list(self.connections):
                if time.monotonic() - connection.heard_at > IDLE_S:
                    connection.writer.transport.abort()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _refusal(status: int) -> Response:
    body = TOO_LARGE if status == 413 else f"<html><body><h1>{status} {_phrase(status)}</h1></body></html>\n".encode()
    return Response(status=status, body=body, mime="text/html; charset=utf-8")

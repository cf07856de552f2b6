"""The picture of an account: initials on its colour for people, a plain PNG for programs."""

import struct
import zlib
from html import escape

from sandbox.messages import Response
from sandbox.records import Account
from sandbox.routing import Route
from sandbox.world import Call

GREY = "#646b65"
DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">'
    '<rect width="40" height="40" rx="20" fill="{colour}"/>'
    '<text x="20" y="20" dy=".36em" text-anchor="middle" font-family="system-ui, sans-serif" font-size="15" '
    'font-weight="600" fill="#fff">{letters}</text></svg>'
)


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def drawn(colour: str, *, name: str) -> bytes:
    return DRAWN.format(colour=colour, letters=escape(initials(name))).encode()


def painted(colour: str, *, size: int = 96) -> bytes:
    """A PNG disc in the account's colour on a lighter ground."""
    ink = bytes.fromhex(colour.removeprefix("#"))
    ground = bytes(200 + part // 5 for part in ink)
    middle = (size - 1) / 2
    rows = []
    for y in range(size):
        dots = (ink if (x - middle) ** 2 + (y - middle) ** 2 < (size * 0.36) ** 2 else ground for x in range(size))
        rows.append(b"\0" + b"".join(dots))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in pieces)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def show(call: Call) -> Response:
    """Number 0, and any that is not known, is the sandbox itself."""
    number, _, kind = call.args[0].partition(".")
    account: Account | None = call.store.accounts.get(int(number)) if number.isascii() and number.isdecimal() else None
    colour = account.colour if account is not None else GREY
    headers = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if kind == "svg":
        name = account.display_name if account is not None else "P"
        return Response(body=drawn(colour, name=name), mime="image/svg+xml", headers=headers)
    return Response(body=painted(colour), mime="image/png", headers=headers)


ROUTES = [Route("GET", "/avatars/{}", show, "visitor")]

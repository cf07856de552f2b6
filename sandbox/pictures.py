"""What kind of file this is and how large, read from its first bytes."""

import struct
from dataclasses import dataclass

SUPPORTED = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
}


@dataclass(slots=True)
class Looked:
    """What the bytes say about themselves."""

    mime: str
    width: int
    height: int

    @property
    def kind(self) -> str:
        return "video" if self.mime.startswith("video/") else "image"


def look(content: bytes) -> Looked | None:
    """None for anything that is not a picture or a video that the server takes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 24:
        return Looked("image/png", *struct.unpack(">II", content[16:24]))
    if content[:6] in {b"GIF87a", b"GIF89a"} and len(content) > 10:
        return Looked("image/gif", *struct.unpack("<HH", content[6:10]))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    if content[:3] == b"\xff\xd8\xff":
        return _jpeg(content)
    return _video(content)


def _video(content: bytes) -> Looked | None:
    if content[4:8] == b"ftyp":
        return Looked("video/mp4", 0, 0)
    return Looked("video/webm", 0, 0) if content[:4] == b"\x1a\x45\xdf\xa3" else None


def _jpeg(content: bytes) -> Looked | None:
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        size = int.from_bytes(content[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return Looked("image/jpeg", width, height)
        place += 2 + size
    return None


def _webp(content: bytes) -> Looked | None:
    if len(content) < 30:
        return None
    if content[12:16] == b"VP8X":
        width = 1 + int.from_bytes(content[24:27], "little")
        return Looked("image/webp", width, 1 + int.from_bytes(content[27:30], "little"))
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return Looked("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if content[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return Looked("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None

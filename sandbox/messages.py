"""What comes in and what goes out: requests with their fields, and responses."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


class BadBodyError(ValueError):
    """The body does not say what its content type promises."""


@dataclass(slots=True)
class Upload:
    """A file that came in a multipart body."""

    filename: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Fields:
    """Names and values from the query or the body, however they were written."""

    values: dict[str, list[Any]] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        self.values.setdefault(name.removesuffix("[]"), []).append(value)

    def has(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, [None])[-1] if self.values.get(name) else None
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true", "on", "t"}

    def number(self, name: str) -> int | None:
        """An id or a count; anything that is not one reads as absent."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None

    def plain(self) -> dict[str, Any]:
        """Each name with its last value, as a JSON object would hold them."""
        return {name: values[-1] for name, values in self.values.items() if values}

    def many(self, name: str) -> list[Any]:
        return [value for value in self.values.get(name, []) if value is not None]


@dataclass(slots=True)
class Request:
    """One HTTP request, whole."""

    method: str
    path: str
    query_text: str
    headers: dict[str, str]
    body: bytes
    peer: str
    arrived_at: float

    def query(self) -> Fields:
        fields = Fields()
        for name, value in parse_qsl(self.query_text, keep_blank_values=True):
            fields.add(name, value)
        return fields

    def fields(self) -> Fields:
        """Query and body together, as Mastodon reads them."""
        fields = self.query()
        kind, _, rest = self.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        if not self.body:
            return fields
        if kind == "application/json":
            _read_json(fields, self.body)
        elif kind == "multipart/form-data":
            _read_multipart(fields, self.body, rest)
        elif kind == "application/x-www-form-urlencoded":
            for name, value in parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True):
                fields.add(name, value)
        return fields

    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, sign, value in pairs if sign}

    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


@dataclass(slots=True)
class Response:
    """What is answered; `is_cut` closes the line without a word."""

    status: int = 200
    body: bytes = b""
    mime: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False


def as_json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(status=status, body=json.dumps(value).encode(), headers=headers or {})


def error(status: int, text: str, **more: Any) -> Response:
    return as_json({"error": text, **more}, status=status)


def _read_json(fields: Fields, body: bytes) -> None:
    try:
        value = json.loads(body)
    except ValueError as broken:
        raise BadBodyError("There was a problem in the JSON you submitted") from broken
    if not isinstance(value, dict):
        raise BadBodyError("There was a problem in the JSON you submitted")
    for name, item in value.items():
        fields.values[name.removesuffix("[]")] = list(item) if isinstance(item, list) else [item]


def _read_multipart(fields: Fields, body: bytes, parameters: str) -> None:
    found = re.search(r'boundary="?([^";,]+)"?', parameters)
    if found is None:
        raise BadBodyError("The multipart body has no boundary")
    mark = b"--" + found[1].strip().encode("latin-1")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise BadBodyError("The multipart body is not complete")
    for piece in pieces[1:-1]:
        _read_part(fields, piece.removeprefix(b"\r\n"))


def _read_part(fields: Fields, piece: bytes) -> None:
    head, _, content = piece.partition(b"\r\n\r\n")
    lines = dict(_header(line) for line in head.decode("utf-8", "replace").split("\r\n") if ":" in line)
    disposition = lines.get("content-disposition", "")
    name = re.search(r'[;\s]name="([^"]*)"|[;\s]name=([^;\s]+)', disposition)
    if name is None:
        raise BadBodyError("A part of the multipart body has no name")
    label = name[1] if name[1] is not None else name[2]
    filename = re.search(r'filename="([^"]*)"|filename=([^;\s]+)|filename\*=([^;\s]+)', disposition)
    if filename is None:
        fields.add(label, content.decode("utf-8", "replace"))
    else:
        shown = next(text for text in filename.groups() if text is not None)
        fields.files[label] = Upload(filename=shown, mime=lines.get("content-type", ""), content=content)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()

"""Log lines: time, level, words, and the ids that were given or that stand around the work; secrets are left out."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

GIVEN = (
    "publication",
    "attempt",
    "channel",
    "brand",
    "platform",
    "outcome",
    "code",
    "lag_ms",
    "owner",
    "stream",
    "task",
    "letter",
    "act",
)

SECRETS = (
    # addresses that hold a secret: guest links, invitations, feeds, letters of the sign-in page
    (
        re.compile(
            r"(/(?:r|invitations|feed|accounts/confirm-email|accounts/password/reset/key)/)(?!again/|done/)[^/\s\"'\\]{8,}"
        ),
        r"\1…",
    ),
    # what opens a door: in a header, in a parameter or a field, in front of a host
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+(?=[^\s\"'\\,]*[0-9._~+/=-])[^\s\"'\\,]{8,}"), r"\1 …"),
    (
        re.compile(
            r"(?i)\b([a-z_]*(?:token|secret|password|passwd|jwt|api_?key))"
            r"([\"'\\]*\s*[=:]\s*[\"'\\]*)[^\s\"'\\&,;)}]{4,}"
        ),
        r"\1\2…",
    ),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@\"']*):[^\s/@\"']+@"), r"\1:…@"),
)

_around: ContextVar[Mapping[str, object] | None] = ContextVar("around", default=None)


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Give these ids to every line that is written inside, however deep."""
    token = _around.set({**(_around.get() or {}), **ids})
    try:
        yield
    finally:
        _around.reset(token)


def begin(**ids: object) -> None:
    """Give these ids, and no others, to every line from now on: another piece of work begins in this process."""
    _around.set(ids)


def without_secrets(text: str) -> str:
    """Return text in which everything that opens a door is left out."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def known_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the ids of a line: those of the work around it, and those given with it, which count more."""
    around = _around.get() or {}
    found = {name: getattr(record, name, around.get(name)) for name in GIVEN}
    return {name: value for name, value in found.items() if value is not None and value != ""}


class LineFormatter(logging.Formatter):
    """One JSON object a line; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": record.getMessage(),
            **known_of(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(line, ensure_ascii=False, default=str))


class TextFormatter(logging.Formatter):
    """The same for somebody who reads along; what came from outside cannot begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its trace below."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        ids = "".join(f" {name}={value}" for name, value in known_of(record).items())
        said = "".join(sign if sign.isprintable() else "␤" for sign in f"{record.getMessage()}{ids}")
        line = f"{at} {record.levelname.lower():<8} {record.name}: {said}"
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return without_secrets(line + trace)

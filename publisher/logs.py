"""Log lines: time, level, words, and the ids that were given; secrets never reach a formatter as text."""

import json
import logging
import re
from datetime import UTC, datetime

GIVEN = ("publication", "attempt", "channel", "brand", "platform", "outcome", "code", "lag_ms", "owner", "stream")

# Addresses that hold a secret: guest links, invitations, feeds, letters of the sign-in page.
IN_ADDRESSES = re.compile(
    r"(/(?:r|invitations|feed|accounts/confirm-email|accounts/password/reset/key)/)(?!again/|done/)[^/\s\"'\\]{8,}"
)


def without_secrets(text: str) -> str:
    """Return text in which the secret part of such addresses is left out."""
    return IN_ADDRESSES.sub(r"\1…", text)


class LineFormatter(logging.Formatter):
    """One JSON object a line; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in GIVEN if hasattr(record, name)})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(line, ensure_ascii=False, default=str))

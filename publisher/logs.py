"""Log lines: time, level, words, and the ids that were given; secrets never reach a formatter as text."""

import json
import logging
from datetime import UTC, datetime

GIVEN = ("publication", "attempt", "channel", "brand", "platform", "outcome", "code", "lag_ms", "owner", "stream")


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
        return json.dumps(line, ensure_ascii=False, default=str)

"""What came back from a call, and when its headers say to come again."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

REQUEST_IDS = ("x-request-id", "x-runtime-request-id", "x-fb-trace-id", "x-li-uuid", "cf-ray")
LONGEST_WAIT = timedelta(days=1)
QUOTA = ("x-ratelimit-", "ratelimit-")
SINCE_1970, MILLISECONDS = 1e9, 1e11
UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\x00|\xed[\xa0-\xbf]")


class NotJson(Exception):
    """The body is not the JSON that this API speaks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status, headers by lower-case name, and the body within its limit."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the body read as JSON, its texts such that every database takes them. Raises NotJson."""
        try:
            found = json.loads(self.body)
            return storable_facts(found) if UNSTORABLE.search(self.body) else found
        except (ValueError, RecursionError):
            raise NotJson from None

    @property
    def is_ok(self) -> bool:
        """Say whether the status is one of success."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        """Return the platform's own name for this call, where it gave one."""
        told = next((self.headers[name][:120] for name in REQUEST_IDS if name in self.headers), "")
        return told if told.isprintable() else ""


def storable(text: str) -> str:
    """Return text that every database takes: no NUL, no half characters."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def storable_facts(facts: Any) -> Any:
    """Return JSON values whose texts every database takes."""
    if isinstance(facts, str):
        return storable(facts)
    if isinstance(facts, list | tuple):
        return [storable_facts(fact) for fact in facts]
    if hasattr(facts, "items"):
        return {storable(str(name)): storable_facts(fact) for name, fact in facts.items()}
    return facts


def moment(text: str, *, now: datetime) -> datetime | None:
    """Read an instant as servers write it: ISO 8601, seconds since 1970, seconds from now, or an HTTP date."""
    for read in (partial(_number, now=now), datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _number(text: str, *, now: datetime) -> datetime:
    """Read seconds, or milliseconds, since 1970, or seconds from now. Raises ValueError for any other text."""
    seconds = float(text)
    if seconds > MILLISECONDS:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC) if seconds > SINCE_1970 else now + timedelta(seconds=seconds)


def _count(text: str) -> int | None:
    """Return a plain number of a header; a server may write anything there."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def wait_until(answer: Answer, *, now: datetime) -> datetime | None:
    """Return when the server wants to be asked again, never more than a day ahead and never in the past."""
    for name in ("retry-after", *(f"{start}reset" for start in QUOTA)):
        found = moment(answer.headers.get(name, ""), now=now)
        if found is not None:
            return min(max(found, now), now + LONGEST_WAIT)
    return None


def quota_of(answer: Answer, *, now: datetime) -> dict[str, Any]:
    """Return how many calls are left and until when, as JSON; empty where the server does not say."""
    start = next((one for one in QUOTA if f"{one}remaining" in answer.headers), QUOTA[0])
    left = _count(answer.headers.get(f"{start}remaining", ""))
    limit = _count(answer.headers.get(f"{start}limit", ""))
    if left is None:
        return {}
    reset = moment(answer.headers.get(f"{start}reset", ""), now=now)
    return {
        "left": left,
        **({"limit": limit} if limit is not None else {}),
        **({"reset_at": reset.isoformat()} if reset else {}),
    }


def dictionary(value: Any) -> dict[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def web_address(value: Any) -> str:
    """Return an address that a page may link to, or nothing."""
    text = str(value or "")
    return text[:500] if text.startswith(("https://", "http://")) else ""


def picked(found: Mapping[str, Any], wanted: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return numbers and lists of words under our own names, each from its dotted path; a later path wins."""
    chosen: dict[str, Any] = {}
    for ours, path in wanted:
        value: Any = found
        for key in path.split("."):
            value = dictionary(value).get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            chosen[ours] = value
        elif isinstance(value, list):
            chosen[ours] = [str(word)[:60] for word in value[:60]]
    return chosen

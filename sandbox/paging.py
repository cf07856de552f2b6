"""Pages of a list by id, with the Link header that leads on."""

from collections.abc import Sequence
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode

from sandbox.world import Call


class HasId(Protocol):
    """Anything that can be paged."""

    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=HasId)


def page(call: Call, rows: Sequence[Row], *, default: int, most: int) -> tuple[list[Row], dict[str, str]]:
    """Newest first. `rows` are oldest first; min_id walks forward, since_id and max_id cut."""
    limit = min(call.fields.number("limit") or default, most)
    lowest, highest = call.fields.number("min_id"), call.fields.number("max_id")
    since = call.fields.number("since_id")
    floor = lowest if lowest is not None else since
    chosen = [row for row in rows if (floor is None or row.id > floor) and (highest is None or row.id < highest)]
    chosen = chosen[:limit] if lowest is not None else chosen[-limit:]
    chosen.reverse()
    return chosen, _links(call, chosen, is_full=len(chosen) == limit)


def _links(call: Call, rows: Sequence[HasId], *, is_full: bool) -> dict[str, str]:
    if not rows:
        return {}
    links = [_link(call, "prev", min_id=rows[0].id)]
    if is_full:
        links.insert(0, _link(call, "next", max_id=rows[-1].id))
    return {"Link": ", ".join(links)}


def _link(call: Call, rel: str, **cursor: int) -> str:
    kept = [
        (name, value)
        for name, value in parse_qsl(call.request.query_text, keep_blank_values=True)
        if name not in {"min_id", "max_id", "since_id"}
    ]
    query = urlencode([*kept, *cursor.items()])
    return f'<{call.world.public_url}{call.request.path}?{query}>; rel="{rel}"'

"""What the register of addresses is written in: who may, how the object is made, and what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.permissions import Ability
from tests.security.world import Side


class Open(StrEnum):
    """Who may, where no role in a brand decides it."""

    ANYONE = "anyone"
    SIGNED_IN = "whoever is signed in"
    GUEST = "the browser that opened the link"


Who: TypeAlias = Ability | Open
Made: TypeAlias = Callable[[Side], dict[str, Any]]


def nothing(_side: Side) -> dict[str, Any]:
    """An address without an object."""
    return {}


def brand(side: Side) -> dict[str, Any]:
    """A page of a brand."""
    return {"brand": side.brand.pk}


@dataclass(frozen=True, kw_only=True)
class Route:
    """One address. ``get`` and ``post`` name who may; None means that the method does not exist there."""

    get: Who | None = None
    post: Who | None = None
    made: Made = nothing
    is_of_time: bool = False  # what is made names a day or a month: a page of all one's brands, whoever asks
    query: Made = nothing  # what the page needs behind the question mark
    body: Made | None = None  # a POST that works
    verb: str = ""  # the one audit entry that this POST leaves
    unaudited: str = ""  # or why it leaves none, or where that is proven instead
    foreign: dict[str, Callable[[Side], Any]] = field(default_factory=dict)  # fields that name a row
    ignores: bool = False  # a foreign row in these fields is left out rather than refused
    writes: str = ""  # why a GET may write, and into which table: "table: reason"
    cached: str = ""  # why the answer may be kept
    note: str = ""

    def address(self, name: str, side: Side) -> str:
        """Return the address with the side's own object."""
        query = "&".join(f"{key}={value}" for key, value in self.query(side).items())
        return reverse(name, kwargs=self.made(side)) + (f"?{query}" if query else "")

    @property
    def has_object(self) -> bool:
        """Tell whether the address names a row."""
        return self.made is not nothing and not self.is_of_time


def text_of(answer: HttpResponseBase) -> str:
    """Read an answer to its end, which closes its file, and return what it says."""
    if isinstance(answer, StreamingHttpResponse):
        data = b"".join(answer.streaming_content)  # type: ignore[arg-type]  # no asynchronous answer here
        return data.decode(errors="replace")
    return bytes(answer.content).decode(errors="replace")  # type: ignore[attr-defined]  # every other answer has one


def ask(browser: Client, method: str, address: str, body: dict[str, Any] | None = None) -> tuple[HttpResponseBase, str]:
    """Ask and read the whole answer: files are closed, and the text is there to be searched."""
    answer = browser.generic(method, address) if method not in {"GET", "POST"} else None
    if answer is None:
        answer = browser.post(address, body or {}) if method == "POST" else browser.get(address)
    return answer, text_of(answer)


def patterns() -> dict[str, URLPattern]:
    """Return every address of the program by name; the admin is looked at on its own."""
    found: dict[str, URLPattern] = {}
    _walk(get_resolver().url_patterns, found)
    return found


def _walk(entries: list[URLPattern | URLResolver], found: dict[str, URLPattern]) -> None:
    for entry in entries:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                _walk(entry.url_patterns, found)
            continue
        assert entry.name, f"{entry.pattern} has no name: it cannot be classified"
        assert entry.name not in found, f"two addresses are called {entry.name}"
        found[entry.name] = entry

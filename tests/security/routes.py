"""What the register of addresses is written in: who may, how the object is made, and what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

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
    query: Made = nothing  # what the page needs behind the question mark
    body: Made | None = None  # a POST that works
    verb: str = ""  # the one audit entry that this POST leaves
    unaudited: str = ""  # or why it leaves none, or where that is proven instead
    foreign: dict[str, Callable[[Side], Any]] = field(default_factory=dict)  # fields that name a row
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
        return self.made is not nothing


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

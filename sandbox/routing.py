"""Which function answers which address."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.messages import Response
from sandbox.world import Call

Answer = Callable[[Call], Response]


@dataclass(slots=True, frozen=True)
class Route:
    """A method, a path with {} for each part that varies, and what answers; `who` says who may call."""

    method: str
    path: str
    answer: Answer
    who: str = "account"


class Routes:
    """A table that is looked up by plain path first, then by pattern."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.plain: dict[tuple[str, str], Route] = {}
        self.patterns: list[tuple[re.Pattern[str], Route]] = []
        for route in routes:
            if "{}" in route.path:
                expression = re.escape(route.path).replace(r"\{\}", "([^/]+)")
                self.patterns.append((re.compile(expression), route))
            else:
                self.plain[route.method, route.path] = route

    def find(self, *, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        method = "GET" if method == "HEAD" else method
        path = path.rstrip("/") or "/"
        plain = self.plain.get((method, path))
        if plain is not None:
            return plain, ()
        for pattern, route in self.patterns:
            found = pattern.fullmatch(path)
            if found is not None and route.method == method:
                return route, found.groups()
        return None

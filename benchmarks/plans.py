"""The plans of the statements that a function really makes: each is explained just before it runs."""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

EXPLAIN = {"postgresql": "EXPLAIN (ANALYZE, BUFFERS) ", "sqlite": "EXPLAIN QUERY PLAN "}
EXPLAINED = ("SELECT", "UPDATE", "DELETE", "INSERT")
TOLD_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Planned:
    """One statement, shortened, and how the database carries it out."""

    sql: str
    lines: tuple[str, ...]

    def is_whole_table(self, table: str) -> bool:
        """Tell whether it reads a table from its first row to its last."""
        return any(re.search(rf"(Seq Scan on|SCAN) {table}(?! USING)\b", line) for line in self.lines)


@dataclass(slots=True)
class Plans:
    """Plans in the order of the statements; a statement that comes again is explained once."""

    found: dict[str, Planned] = field(default_factory=dict)

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001  (Django's signature)
        """Explain a statement, undone at once, then let it run."""
        kind = re.sub(r"\bIN \([^()]*\)", "IN (…)", sql)
        if not many and sql.startswith(EXPLAINED) and kind not in self.found:
            with transaction.atomic():
                cursor = context["cursor"]
                cursor.execute(EXPLAIN[connection.vendor] + sql, params)
                lines = tuple(" | ".join(str(part) for part in row) for row in cursor.fetchall())
                transaction.set_rollback(True)
            self.found[kind] = Planned(short(kind), lines)
        return execute(sql, params, many, context)


def short(sql: str) -> str:
    """Return a statement without its list of columns."""
    words = re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", sql)
    return words if len(words) <= TOLD_CHARACTERS else words[:TOLD_CHARACTERS] + " …"


@contextlib.contextmanager
def plans() -> Iterator[Plans]:
    """Collect the plans of everything that this connection is asked within the block."""
    watching = Plans()
    with connection.execute_wrapper(watching.watch):
        yield watching

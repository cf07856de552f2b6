"""A plan as it is shown before it comes in: each row with its cells, and each problem at its cell."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext

from calendar_app.imports import Plan
from calendar_app.models import Kind
from calendar_app.plan_file import MOST_VALUES, RawPlan, RawRow, split, take_apart
from calendar_app.plan_rows import KINDS
from calendar_app.plan_words import words_of

GROUPS: dict[str, tuple[str, ...]] = {
    "when": ("date", "time"),
    "post": ("title", "text", "kind", "campaign", "link", "id"),
    "channels": ("channels",),
    "media": ("media", "alt"),
}
"""Which cells stand together."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the file says, by the file’s own name for the column, and what is wrong with it."""

    column: str
    header: str
    given: str
    problems: tuple[str, ...] = ()

    @property
    def parts(self) -> list[str]:
        """Return the several values of a cell."""
        return split(self.given)[:MOST_VALUES]

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to see."""
        return bool(self.given or self.problems)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row; ``fate`` is what becomes of it: new, changed, same, broken, or unread while the file’s head is wrong."""

    line: int
    fate: str
    kind: str
    groups: dict[str, list[Cell]]
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Preview:
    """The whole file: problems of its own, and rows."""

    general: list[str] = field(default_factory=list)
    rows: list[PreviewRow] = field(default_factory=list)
    is_windows: bool = False

    @property
    def broken(self) -> list[PreviewRow]:
        """Return the rows that keep the others out."""
        return [row for row in self.rows if row.fate == "broken"]


def preview_of(plan: Plan, data: bytes) -> Preview:
    """Return every row of the file, in its order, as the plan understood it."""
    raw = take_apart(data)
    said: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for problem in plan.problems:
        said[problem.line][problem.column].append(words_of(problem))
    shown = Preview(is_windows=raw.is_windows)
    fates = _fates(plan)
    for row in raw.rows:
        fate = fates.get(row.line, "broken" if row.line in said else "unread")
        shown.rows.append(_row(row, raw, fate, said.pop(row.line, {})))
    for line in sorted(said):
        shown.general.extend(_of_file(line, said[line]))
    return shown


def _fates(plan: Plan) -> dict[int, str]:
    changed: Sequence[int] = [row.line for row, _post in plan.changed]
    return {
        **{row.line: "new" for row in plan.new},
        **dict.fromkeys(changed, "changed"),
        **{row.line: "same" for row in plan.same},
    }


def _row(row: RawRow, raw: RawPlan, fate: str, said: dict[str, list[str]]) -> PreviewRow:
    groups = {
        name: [
            Cell(column, raw.headers[column], row.cells[column], tuple(said.pop(raw.headers[column], ())))
            for column in columns
            if column in raw.headers
        ]
        for name, columns in GROUPS.items()
    }
    rest = tuple(words for many in said.values() for words in many)
    return PreviewRow(row.line, fate, KINDS.get(row.cells["kind"].casefold(), Kind.INFORMATIONAL).value, groups, rest)


def _of_file(line: int, said: dict[str, list[str]]) -> list[str]:
    """Return what is wrong with the head of the file, or with lines that are no rows."""
    found: list[str] = []
    for column, words in said.items():
        place = gettext("“%(column)s”:") % {"column": column} if column else ""
        if not column and line > 1:
            place = gettext("Line %(line)s:") % {"line": line}
        found.extend(f"{place} {one}" if place and (not column or column not in one) else one for one in words)
    return found

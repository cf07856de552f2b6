"""A plan as a file of comma- or semicolon-separated values: its lines, columns and cells, and what is wrong with them."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 5_000_000
MOST_ROWS = 2_000
MOST_LINES = 200_000
MOST_COLUMNS = 100
MOST_VALUES = 50
"""In one cell."""
FEWEST_KNOWN = 2

COLUMNS: dict[str, tuple[str, ...]] = {
    "date": ("date", "data"),
    "time": ("time", "ora"),
    "kind": ("kind", "tipo"),
    "title": ("title", "titolo"),
    "text": ("text", "testo"),
    "channels": ("channels", "canali"),
    "media": ("media",),
    "alt": ("alt",),
    "link": ("link",),
    "campaign": ("campaign", "campagna"),
    "id": ("id",),
}
ALSO = {
    "giorno": "date",
    "day": "date",
    "orario": "time",
    "copy": "text",
    "canale": "channels",
    "channel": "channels",
    "immagine": "media",
    "immagini": "media",
    "pictures": "media",
    "testo alternativo": "alt",
}
"""Further names by which people call the columns."""
NEEDED = ("date", "time", "title", "text", "channels")
BY_NAME = {name: column for column, names in COLUMNS.items() for name in names} | ALSO
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheet programs begin."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong, at which line (counted as an editor counts) and in which column (as the file calls it)."""

    line: int
    column: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawRow:
    """The cells of a row by our own names, stripped."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class RawPlan:
    """A file taken apart. ``headers`` are the columns as the file calls them."""

    rows: list[RawRow]
    problems: list[RowProblem]
    headers: dict[str, str]
    is_windows: bool = False
    """Whether the signs were read as spreadsheets on Windows write them: the file does not say so itself."""


def take_apart(data: bytes) -> RawPlan:
    """Return rows and problems of a file; nothing is looked up yet."""
    text, is_windows = _text_in(data) if len(data) <= MOST_BYTES else (None, False)
    if text is None:
        return _no_text(data)
    records = _records(text)
    first = next(records, None)
    if first is None or isinstance(first[1], RowProblem):
        return _refused("file_empty" if first is None else "file_broken")
    if len(first[1]) > MOST_COLUMNS:
        return _refused("columns_too_many", limit=MOST_COLUMNS)
    headers, problems = _headers(first[0], first[1])
    if sum(bool(column) for column, _name_ in headers) < FEWEST_KNOWN:
        return _refused("head_missing")
    rows: list[RawRow] = []
    for line, cells in records:
        if isinstance(cells, RowProblem) or len(rows) == MOST_ROWS:
            too_many = RowProblem(line, "", "file_too_many_rows", {"limit": MOST_ROWS})
            problems.append(cells if isinstance(cells, RowProblem) else too_many)
            break
        rows.extend(_row(line, cells, headers, problems))
    if not rows and not problems:
        problems.append(RowProblem(first[0], "", "file_empty"))
    known = {column: name for column, name in headers if column}
    return RawPlan(rows, problems, known, is_windows)


def _no_text(data: bytes) -> RawPlan:
    if len(data) > MOST_BYTES:
        return _refused("file_too_large", limit=MOST_BYTES // 1_000_000)
    return _refused("file_spreadsheet" if data.startswith(SPREADSHEETS) else "file_not_text")


def _text_in(data: bytes) -> tuple[str | None, bool]:
    """Return the text, or nothing where it is none or holds a sign that PostgreSQL does not keep; and whether it is Windows’.

    What is not Unicode is taken for the one-byte signs of Windows only where its first line names a column of ours.
    """
    if data.startswith(SPREADSHEETS):
        return None, False
    for encoding in ("utf-8-sig", *(["utf-16"] if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else [])):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (None if "\x00" in text else text), False
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None, False
    head = re.split("[,;\t]", next(iter(text.splitlines()), ""))
    return (text, True) if "\x00" not in text and any(_name(cell) in BY_NAME for cell in head) else (None, False)


def pictures_named(data: bytes) -> list[str]:
    """Return the pictures that a file names, each once, as it writes them."""
    cells = (row.cells["media"] for row in take_apart(data).rows)
    named = (names for cell in cells if len(names := split(cell)) <= MOST_VALUES)
    return list(dict.fromkeys(name for names in named for name in names))


def split(cell: str, *, keep_empty: bool = False) -> list[str]:
    """Return the several values of a cell; a bar stands between them."""
    if not cell:
        return []
    parts = [part.strip() for part in cell.split("|")]
    return parts if keep_empty else [part for part in parts if part]


def _refused(code: str, **values: Any) -> RawPlan:
    return RawPlan([], [RowProblem(1, "", code, values)], {})


def _records(text: str) -> Iterator[tuple[int, list[str] | RowProblem]]:
    """Yield each record with the line on which it begins; empty ones are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, RowProblem(line, "", "file_broken")
            return
        if line > MOST_LINES:
            yield line, RowProblem(line, "", "file_too_many_rows", {"limit": MOST_ROWS})
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """Return the sign between cells: the one by which the first line names more columns that we know."""
    head = next((line for line in text.splitlines() if line.strip()), "")

    def known(sign: str) -> int:
        return sum(_name(cell) in BY_NAME for cell in head.split(sign))

    return max(",;\t", key=known)


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().casefold()


def _headers(line: int, cells: list[str]) -> tuple[list[tuple[str, str]], list[RowProblem]]:
    """Return our name (empty where unknown) and the file’s for each column, and what is wrong with them."""
    problems: list[RowProblem] = []
    headers = [(BY_NAME.get(_name(cell), ""), cell.strip()) for cell in cells]
    seen: set[str] = set()
    speaks_italian = any(_name(name) in names[1:] for column, name in headers if column for names in [COLUMNS[column]])
    ours = {column: names[-1 if speaks_italian else 0] for column, names in COLUMNS.items()}
    for column, name in headers:
        if not column and name:
            problems.append(RowProblem(line, name, "column_unknown", {"names": ", ".join(ours.values())}))
        elif column in seen and column:
            problems.append(RowProblem(line, name, "column_twice"))
        seen.add(column)
    problems.extend(
        RowProblem(line, ours[column], "column_missing", {"name": ours[column]}) for column in NEEDED if column not in seen
    )
    return headers, problems


def _row(line: int, cells: list[str], headers: list[tuple[str, str]], problems: list[RowProblem]) -> list[RawRow]:
    if any(cell.strip() for cell in cells[len(headers) :]):
        problems.append(RowProblem(line, "", "cells_too_many"))
        return []
    found = {column: cell.strip() for (column, _name_), cell in zip(headers, cells, strict=False) if column}
    return [RawRow(line, {column: found.get(column, "") for column in COLUMNS})]

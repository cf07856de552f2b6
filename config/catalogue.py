"""Translation catalogues without the gettext programs: reads ``.po`` files and writes the ``.mo`` files beside them.

Nothing generated is committed, so that every set-up runs ``python -m config.catalogue locale``.
"""

import ast
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = 0x950412DE
CONTEXT_END = "\x04"
PLURAL_END = "\0"


class CatalogueError(ValueError):
    """A line of a catalogue is not understood; the words say which."""


@dataclass(slots=True)
class Entry:
    """One text and its translations, one for each plural form."""

    msgid: str = ""
    msgctxt: str | None = None
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        """As it stands in the compiled file."""
        head = "" if self.msgctxt is None else self.msgctxt + CONTEXT_END
        return head + self.msgid + ("" if self.plural is None else PLURAL_END + self.plural)

    @property
    def value(self) -> str:
        """All forms, in order."""
        return PLURAL_END.join(self.translations[number] for number in sorted(self.translations))

    @property
    def is_complete(self) -> bool:
        """Whether every form is translated and nobody marked it as doubtful."""
        return bool(self.translations) and all(self.translations.values()) and not self.is_fuzzy


def read(path: Path) -> list[Entry]:
    """All entries of a catalogue; the first is its head, with an empty msgid."""
    entries = []
    for number, block in _blocks(path):
        entry = _entry(block, where=f"{path}:{number}")
        if entry is not None:
            entries.append(entry)
    return entries


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Groups of lines between empty ones, with the number of their first line."""
    block: list[str] = []
    start = 1
    for number, line in enumerate([*path.read_text(encoding="utf-8").split("\n"), ""], start=1):
        if line.strip():
            if not block:
                start = number
            block.append(line.strip())
        elif block:
            yield start, block
            block = []


def _entry(lines: Sequence[str], *, where: str) -> Entry | None:
    """The entry of one block; None for a block of comments or of texts that are no longer used."""
    entry = Entry()
    parts: dict[str, str] = {}
    current = ""
    for line in lines:
        if line.startswith("#"):
            entry.is_fuzzy = entry.is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        name, quote, rest = line.partition('"')
        if name and name.strip() in parts:
            raise CatalogueError(f"{where}: {name}stands twice in one entry; put an empty line between entries")
        current = name.strip() or current
        try:
            parts[current] = parts.get(current, "") + str(ast.literal_eval(quote + rest))
        except (SyntaxError, ValueError) as error:
            raise CatalogueError(f"{where}: {line!r} is no quoted text") from error
    if "msgid" not in parts:
        return None
    entry.msgid, entry.msgctxt, entry.plural = parts["msgid"], parts.get("msgctxt"), parts.get("msgid_plural")
    entry.translations = {
        int(name[7:-1] or 0) if "[" in name else 0: text for name, text in parts.items() if name.startswith("msgstr")
    }
    return entry


def compiled(entries: Sequence[Entry]) -> bytes:
    """The bytes of a ``.mo`` file: sorted keys, then where each text lies."""
    pairs = sorted(
        (entry.key.encode(), entry.value.encode()) for entry in entries if entry.is_complete or not entry.msgid
    )
    count = len(pairs)
    keys_at, values_at = 28, 28 + 8 * count
    offset = 28 + 16 * count
    tables: list[list[int]] = [[], []]
    texts = b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += [len(pair[column]), offset + len(texts)]
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, count, keys_at, values_at, 0, offset)
    return head + b"".join(struct.pack(f"<{2 * count}I", *table) for table in tables) + texts


def compile_all(folder: Path) -> int:
    """Compile every catalogue under a folder; how many were written."""
    written = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        fresh = compiled(read(source))
        if not target.exists() or target.read_bytes() != fresh:
            part = target.with_suffix(".mo.part")
            part.write_bytes(fresh)
            part.replace(target)
            written += 1
    return written


if __name__ == "__main__":
    try:
        compile_all(Path(sys.argv[1]))
    except CatalogueError as error:
        sys.exit(str(error))

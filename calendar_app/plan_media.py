"""Where the pictures of an imported plan come from: a folder or a zip, neither of them trusted."""

import unicodedata
import zipfile
import zlib
from collections import defaultdict
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from publisher.images import MAX_BYTES

MOST_FILES = 5_000
MOST_BYTES = 2_000_000_000


class MediaRefused(Exception):
    """The source as a whole cannot be used; ``code`` becomes a sentence in ``imports``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MediaSource(Protocol):
    """Gives the bytes of a named file, or None where there is none."""

    def read(self, name: str) -> bytes | None:
        """Return at most one byte more than a picture may have."""


class NoMedia:
    """No source was given."""

    def read(self, _name: str) -> bytes | None:
        """Return nothing."""
        return None


class MediaFolder:
    """A folder on this machine; nothing outside of it is read, not even through a link."""

    def __init__(self, path: Path) -> None:
        self.root = path.resolve()
        files = (file for file in sorted(self.root.rglob("*")) if file.is_file())
        self.files = {known_as(file.relative_to(self.root).as_posix()): file for file in files}

    def read(self, name: str) -> bytes | None:
        """Return the file’s bytes."""
        found = self.files.get(known_as(name))
        if found is None or not found.resolve().is_relative_to(self.root):
            return None
        with found.open("rb") as source:
            return source.read(MAX_BYTES + 1)


class MediaZip:
    """A zip: read into memory one file at a time, never unpacked, and never more of it than allowed."""

    def __init__(self, path: Path | IO[bytes]) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
            entries = [entry for entry in self.archive.infolist() if not entry.is_dir()]
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise MediaRefused("media_not_zip") from error
        if len(entries) > MOST_FILES:
            raise MediaRefused("media_too_many")
        self.entries = {known_as(entry.filename): entry for entry in entries}
        self.by_last: dict[str, list[zipfile.ZipInfo]] = defaultdict(list)
        for known, entry in self.entries.items():
            self.by_last[known.rpartition("/")[2]].append(entry)
        self.left = MOST_BYTES

    def entry_for(self, name: str) -> zipfile.ZipInfo | None:
        """Return the entry with a name; one without a folder is found in any folder where there is only one such."""
        wanted = known_as(name)
        if wanted in self.entries or "/" in wanted:
            return self.entries.get(wanted)
        found = self.by_last.get(wanted, [])
        return found[0] if len(found) == 1 else None

    def read(self, name: str) -> bytes | None:
        """Return the entry’s bytes; what the directory claims about sizes is not believed."""
        entry = self.entry_for(name)
        if entry is None:
            return None
        try:
            with self.archive.open(entry) as source:
                data = source.read(MAX_BYTES + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            LZMAError,
            OSError,
            RuntimeError,
            NotImplementedError,
            EOFError,
        ) as error:
            raise MediaRefused("media_broken") from error
        self.left -= len(data)
        if self.left < 0:
            raise MediaRefused("media_too_large")
        return data


def source_at(path: Path | None) -> MediaSource:
    """Return the source that a path names."""
    if path is None:
        return NoMedia()
    if path.is_dir():
        return MediaFolder(path)
    if not path.is_file():
        raise MediaRefused("media_missing")
    return MediaZip(path)


def known_as(name: str) -> str:
    """Return a name by which files are found whatever system wrote it: one form of accents, no case, no way upwards."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {"/", ".", ".."}]
    return unicodedata.normalize("NFC", "/".join(parts)).casefold()

"""What others wrote is byte for byte what they published."""

import hashlib
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHELVES = (HERE, HERE.parent.parent / "static" / "vendor")
FOLDERS = sorted(path for shelf in SHELVES for path in shelf.iterdir() if path.is_dir() and not path.name.startswith("__"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_vendored_folder_lists_every_file_with_its_checksum(folder: Path) -> None:
    listed = dict(re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (folder / "VENDORED.md").read_text()))
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "VENDORED.md"
    }
    assert listed == there
    assert any("LICEN" in name.upper() for name in there)

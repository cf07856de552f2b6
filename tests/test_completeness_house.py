"""The house keeps its own limits: sizes, first lines, patches that name a test, nothing left half done."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from publisher.models import PublicationState
from publisher.states import MOVES
from tests.breaks.run import breaks

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("accounts", "publisher", "calendar_app", "community", "config", "sandbox", "benchmarks", "tests")
LONGEST_FILE, LONGEST_TEMPLATE, LONGEST_ADAPTER = 400, 150, 500


def sources() -> list[Path]:
    return sorted(
        path for package in PRODUCT for path in (ROOT / package).rglob("*.py") if path.parent.name != "migrations"
    )


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def written(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").split("\n"))


def test_no_file_is_longer_than_a_person_reads_in_one_go() -> None:
    assert not {str(path.relative_to(ROOT)): lines(path) for path in sources() if lines(path) > LONGEST_FILE}


def test_no_template_is_longer_than_two_screens() -> None:
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert templates
    assert not {str(path.relative_to(ROOT)): lines(path) for path in templates if lines(path) > LONGEST_TEMPLATE}


def test_no_adapter_folder_is_larger_than_an_adapter_should_be() -> None:
    folders = [path for path in (ROOT / "publisher" / "platforms").iterdir() if path.is_dir() and path.name[0] != "_"]
    sizes = {folder.name: sum(written(path) for path in folder.rglob("*.py")) for folder in folders}
    assert sizes
    assert not {name: size for name, size in sizes.items() if size > LONGEST_ADAPTER}


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if (text := path.read_text(encoding="utf-8")).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


def test_nothing_is_half_done_or_never_run() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX)\b|pytest\.mark\.(skip|xfail)|pytest\.(skip|xfail|importorskip)\(")
    here = Path(__file__).resolve()
    found = [str(path.relative_to(ROOT)) for path in sources() if path != here and words.search(path.read_text("utf-8"))]
    assert not found


def test_every_silenced_check_gives_its_reason() -> None:
    bare = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\])\s*$", re.MULTILINE)
    found = {
        f"{path.relative_to(ROOT)}: {match.group(0).strip()}"
        for path in sources()
        if "tests" not in path.parts
        for match in bare.finditer(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_state_of_a_publication_has_its_moves() -> None:
    assert set(MOVES) == set(PublicationState.values)
    assert all(targets <= set(MOVES) for targets in MOVES.values())


def test_every_break_names_a_test_that_exists() -> None:
    for one in breaks():
        path, _, rest = one.test.partition("::")
        assert (ROOT / path).is_file(), f"{one.name}: {one.test}"
        name = rest.rpartition("::")[2].partition("[")[0]
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{one.name}: {one.test}"


def test_nothing_generated_and_no_secret_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    generated = re.compile(r"\.(mo|pyc|sqlite3|log)$|^var/|^\.venv/|^media/(?!\.gitkeep)|\.env$")
    assert not [name for name in listed if generated.search(name)]


def test_the_locks_name_versions_and_hashes_and_no_address() -> None:
    for name in ("run", "large", "dev"):
        text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
        pinned = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
        assert len(pinned) > 20
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text
        assert "--index" not in text

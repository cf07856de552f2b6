"""The set-up's scripts say in a sentence what is missing, and how to get it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("scripts", "locks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(house: Path, script: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", f"scripts/{script}", *words],
        cwd=house,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_without_ensurepip_is_said_with_the_cure(house: Path) -> None:
    python = program(house / "bin" / "python", 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    done = run(house, "setup.sh", "run", PYTHON=str(python))
    assert done.returncode == 1
    assert "ensurepip are missing" in done.stderr
    assert "sudo apt install python3-venv" in done.stderr
    assert not (house / ".venv").exists()


def test_a_python_that_is_too_old_is_said(house: Path) -> None:
    done = run(house, "setup.sh", "run", PYTHON=str(program(house / "bin" / "python", "exit 1")))
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr


def test_without_a_browser_and_without_the_right_to_install_one_a_sentence_says_how(house: Path) -> None:
    program(house / "bin" / "id", "echo 1000")
    (house / "bin" / "cat").symlink_to(shutil.which("cat") or "")
    done = run(house, "system-packages.sh", PATH=str(house / "bin"))
    assert done.returncode == 1
    assert "sudo apt install chromium" in done.stderr


def test_with_a_browser_and_a_redis_nothing_is_installed(house: Path) -> None:
    for name in ("chromium", "redis-server"):
        program(house / "bin" / name, "exit 0")
    program(house / "bin" / "apt-get", "echo called; exit 1")
    done = run(house, "system-packages.sh", PATH=str(house / "bin"))
    assert (done.returncode, done.stdout) == (0, "")


def test_where_no_wheel_brings_redis_the_system_is_asked_for_it(house: Path) -> None:
    for name, text in (("chromium", "exit 0"), ("id", "echo 0"), ("apt-get", 'echo "called: $*"')):
        program(house / "bin" / name, text)
    done = run(house, "system-packages.sh", PATH=str(house / "bin"), PY="no-python-here")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].endswith("redis-server")

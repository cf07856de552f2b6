"""Takes each guard away in a scratch copy of the house: the test that its patch names must turn red.

A patch is ``tests/breaks/NAME.patch``; its first line is ``# test: NODEID``. Without the patches all named tests must
pass, with one of them its test must fail in an assertion and not by accident.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET  # our own report is read, nothing foreign
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.migrated import KEPT, put_migrated

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).resolve().parent
MARK = "# test: "
HANDS = 2
DATABASE = "migrated.sqlite3"
BY_ASSERTION = ("AssertionError", "assert ", "Failed: DID NOT RAISE", "Failed: DID NOT WARN")


@dataclass(frozen=True, slots=True)
class Break:
    """A guard's removal and the test that must notice."""

    name: str
    patch: Path
    test: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the test said without the guard."""

    name: str
    is_red: bool
    says: str
    seconds: float


def breaks() -> list[Break]:
    """Every patch with its test."""
    found = []
    for patch in sorted(PATCHES.glob("*.patch")):
        first = patch.read_text(encoding="utf-8").split("\n", 1)[0]
        found.append(Break(patch.stem, patch, first.removeprefix(MARK).strip() if first.startswith(MARK) else ""))
    return found


def copy_of_the_house(into: Path) -> None:
    """The files that git knows, as they lie in the work tree, the compiled translations, and a database for all."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    compiled = [str(path.relative_to(ROOT)) for path in (ROOT / "locale").rglob("*.mo")]
    for name in [*listed.split("\0"), *compiled]:
        source = ROOT / name
        if name and source.is_file():
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    put_migrated(into / DATABASE)


def run_tests(folder: Path, tests: list[str], *, migrated: bool = True, hands: int = 0) -> tuple[int, Path, str]:
    """The exit code, the report and the words of a run in that folder."""
    report = folder / "report.xml"
    variables = {**os.environ, KEPT: str(folder / DATABASE)} if migrated else dict(os.environ)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", f"--junitxml={report}"]
    together = ["-n", str(hands), "--dist", "loadfile"] if hands else []
    done = subprocess.run(
        [*command, *together, *tests], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    return done.returncode, report, done.stdout + done.stderr


def judge(one: Break, *, unbroken: Path) -> Verdict:
    """Apply one patch to a copy of the unbroken house, compiled as it is, and see whether its test notices."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"palinsesto-break-{one.name}-") as name:
        folder = Path(name)
        shutil.copytree(unbroken, folder, dirs_exist_ok=True)
        applied = subprocess.run(
            ["git", "apply", "--unidiff-zero", "--recount", str(one.patch)], cwd=folder, capture_output=True, text=True, check=False
        )
        if applied.returncode:
            return Verdict(one.name, is_red=False, says=f"does not apply: {applied.stderr.strip()[:200]}", seconds=0)
        for migrated in (True, False):  # some guards stand in the database itself, and one was copied with them
            code, report, words = run_tests(folder, [one.test], migrated=migrated)
            is_red, says = _read(code, report, words)
            if is_red:
                break
    return Verdict(one.name, is_red, says, time.monotonic() - began)


def _read(code: int, report: Path, words: str) -> tuple[bool, str]:
    if code == 0:
        return False, "nobody noticed"
    if code != 1 or not report.exists():
        return False, f"broke otherwise: {words.strip()[-200:]}"
    failures = [failure.get("message", "") for failure in ET.parse(report).iter("failure")]  # noqa: S314  (our own report)
    if failures and all(message.startswith(BY_ASSERTION) for message in failures):
        return True, "noticed"
    return False, f"broke otherwise: {' / '.join(failures)[:200] or words.strip()[-200:]}"


def all_pass_unbroken(every: list[Break], unbroken: Path) -> bool:
    """The named tests are green while all guards stand."""
    code, _, words = run_tests(unbroken, sorted({one.test for one in every}), hands=HANDS)
    if code:
        sys.stdout.write(f"Without any patch the named tests must pass:\n{words[-3000:]}\n")
    return code == 0


def main(names: list[str]) -> int:
    """Judge all patches, or those named."""
    every = [one for one in breaks() if not names or one.name in names]
    nameless = [one.name for one in every if not one.test]
    if nameless or not every:
        sys.stdout.write(f"These patches name no test in their first line: {', '.join(nameless)}\n")
        return 1
    width = max(len(one.name) for one in every)
    missed = 0
    with tempfile.TemporaryDirectory(prefix="palinsesto-unbroken-") as name:
        unbroken = Path(name)
        copy_of_the_house(unbroken)
        if not all_pass_unbroken(every, unbroken):
            return 1
        with ThreadPoolExecutor(HANDS) as hands:
            for verdict in hands.map(partial(judge, unbroken=unbroken), every):
                sign = "red  " if verdict.is_red else "GREEN"
                sys.stdout.write(f"{sign}  {verdict.name:{width}}  {verdict.seconds:5.1f} s  {verdict.says}\n")
                sys.stdout.flush()
                missed += not verdict.is_red
    sys.stdout.write(f"{len(every)} guards taken away, {len(every) - missed} noticed\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A scratch installation whose commands and servers run as real processes, for tests."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GRACE_S = 15.0


@dataclass(slots=True)
class Installation:
    """The variables of one installation, and the processes that a test started in it."""

    folder: Path
    variables: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a process of this installation."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PALINSESTO_", "DJANGO_"))}
        return {**kept, "LC_ALL": "C.UTF-8", **self.variables, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}

    def manage(self, *words: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; what it said is in ``stdout`` and ``stderr``."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"manage.py {words[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a command that goes on; its group is ended with the test. It writes to ``NAME.log`` in the folder."""
        return self.start_program([sys.executable, "manage.py", *words], name=words[0], **variables)

    def start_program(self, command: Sequence[str], *, name: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start any program in this installation's environment, in a process group of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **variables},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def log(self, name: str) -> str:
        """What a started program has said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self, process: subprocess.Popen[bytes], *, grace_s: float = GRACE_S) -> int:
        """Ask a process to end, insist after the grace time on its whole group, and return its exit code."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=grace_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait()

    def stop_all(self) -> None:
        """End everything that was started here."""
        for process in reversed(self.started):
            self.stop(process)


def database_address(settings: dict[str, Any]) -> str:
    """Django's database settings as the variable PALINSESTO_DATABASE wants them."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:{settings['NAME']}"
    return f"postgresql://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"

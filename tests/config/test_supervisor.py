"""The supervisor: restarts what ends, leaves nothing behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import guardian
from config.supervisor import Child, Supervisor
from tests.config.watching import eventually, group, is_alive

pytestmark = pytest.mark.servers

FOREVER = "import time\nwhile True: time.sleep(0.05)"
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{FOREVER}"
WITH_A_WORKER = """
import os, subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(worker.pid))
if len(sys.argv) > 2:
    sys.exit(int(sys.argv[2]))
while True: time.sleep(0.05)
"""


def child(name: str, program: str, *words: str, grace_s: float = 3.0, **more: object) -> Child:
    return Child(name=name, command=[sys.executable, "-c", program, *words], grace_s=grace_s, **more)  # type: ignore[arg-type]  # plain names of fields


@pytest.fixture
def supervisors() -> Iterator[list[Supervisor]]:
    made: list[Supervisor] = []
    yield made
    for supervisor in made:
        supervisor.stop()


def pid_of(supervisor: Supervisor, name: str) -> int:
    process = supervisor.running[name].process
    return process.pid if process else 0


@pytest.mark.parametrize("code", [0, 3])
def test_a_child_that_ends_is_started_again_whatever_its_exit_code(supervisors: list[Supervisor], code: int) -> None:
    ended: list[tuple[str, int]] = []
    supervisor = Supervisor([child("web", f"raise SystemExit({code})")], on_exit=lambda name, _, c: ended.append((name, c)))
    supervisors.append(supervisor)
    supervisor.start()

    def looked() -> bool:
        supervisor._look()
        return len(ended) >= 2

    eventually(looked)
    assert ended[:2] == [("web", code), ("web", code)]


def test_a_dead_child_leaves_no_workers_behind(supervisors: list[Supervisor], tmp_path: Path) -> None:
    note = tmp_path / "pid"
    supervisor = Supervisor([child("queue", WITH_A_WORKER, str(note), "1")])
    supervisors.append(supervisor)
    supervisor.start()
    eventually(lambda: note.exists() and note.read_text())
    worker = int(note.read_text())

    def buried() -> bool:
        supervisor._look()
        return not is_alive(worker)

    eventually(buried)


def test_a_silent_child_is_killed_with_its_group_and_started_again(
    supervisors: list[Supervisor], tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    supervisor = Supervisor([child("queue", WITH_A_WORKER, str(note))], watch=lambda ages: [*ages])
    supervisors.append(supervisor)
    supervisor.start()
    eventually(lambda: note.exists() and note.read_text())
    worker, first = int(note.read_text()), pid_of(supervisor, "queue")
    supervisor._restart_silent()
    eventually(lambda: not is_alive(worker))
    supervisor._look()
    assert pid_of(supervisor, "queue") not in {0, first}


def test_a_stop_asks_the_child_alone_and_kills_what_will_not_go(supervisors: list[Supervisor], tmp_path: Path) -> None:
    note = tmp_path / "pid"
    supervisor = Supervisor(
        [child("queue", WITH_A_WORKER, str(note)), child("web", STUBBORN, grace_s=0.5), child("last", FOREVER, is_last=True)]
    )
    supervisors.append(supervisor)
    supervisor.start()
    eventually(lambda: note.exists() and note.read_text())
    pids = [int(note.read_text()), *(pid_of(supervisor, name) for name in ("queue", "web", "last"))]
    supervisor.stop()
    eventually(lambda: not any(is_alive(pid) for pid in pids))


ORPHANAGE = """
import sys
from config.supervisor import Child, Supervisor
programs = {"meek": sys.argv[1], "stubborn": sys.argv[2]}
made = [Child(name=name, command=[sys.executable, "-c", text], grace_s=0.5) for name, text in programs.items()]
supervisor = Supervisor(made)
supervisor.start()
print(*(one.process.pid for one in supervisor.running.values()), supervisor._guardian.pid, flush=True)
supervisor.run()
"""


def test_the_guardian_kills_what_does_not_hear() -> None:
    """A killed supervisor: the system asks its children to end, and the guardian ends those that do not."""
    stubborn = f"import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.fork()\n{FOREVER}"
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANAGE, FOREVER, stubborn], stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    meek, deaf, guardian = (int(word) for word in parent.stdout.readline().split())
    parent.stdout.close()
    eventually(lambda: len(group(deaf)) == 2)
    everybody = [meek, guardian, *group(deaf)]
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    eventually(lambda: not any(is_alive(pid) for pid in everybody))


def test_a_guardian_that_was_killed_is_replaced_and_knows_everybody(supervisors: list[Supervisor]) -> None:
    supervisor = Supervisor([child("web", FOREVER)])
    supervisors.append(supervisor)
    supervisor.start()
    first = supervisor._guardian
    assert first is not None
    first.kill()
    first.wait()
    supervisor._look()
    assert supervisor._guardian is not None
    assert supervisor._guardian.pid != first.pid
    assert is_alive(pid_of(supervisor, "web"))
    supervisor.stop()
    assert supervisor._guardian is None


def test_the_guardian_forgets_who_was_buried_and_believes_no_half_line() -> None:
    assert guardian.groups_told(["+11\n", "+12\n", "-11\n", "+x\n", "+1"]) == {12}


def test_one_signal_ends_the_run(tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        import sys
        from config.supervisor import Child, Supervisor
        supervisor = Supervisor([Child(name="web", command=[sys.executable, "-c", {FOREVER!r}])])
        supervisor.start()
        print(supervisor.running["web"].process.pid, flush=True)
        supervisor.run()
        print("over")
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    assert parent.stdout is not None
    grandchild = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.send_signal(signal.SIGINT)
    said, _ = parent.communicate(timeout=20)
    assert said.decode().strip() == "over"
    assert parent.returncode == 0
    assert not is_alive(grandchild)

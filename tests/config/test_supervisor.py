"""The supervisor: restarts what ends, leaves nothing behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.supervisor import Child, Supervisor

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


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(is_so: Callable[[], object], *, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


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


@pytest.mark.slow
def test_killing_the_supervisor_itself_asks_its_children_to_end(tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        import sys
        from config.supervisor import Child, Supervisor
        supervisor = Supervisor([Child(name="web", command=[sys.executable, "-c", {FOREVER!r}])])
        supervisor.start()
        print(supervisor.running["web"].process.pid, flush=True)
        supervisor.run()
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    assert parent.stdout is not None
    grandchild = int(parent.stdout.readline())
    parent.stdout.close()
    assert is_alive(grandchild)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: not is_alive(grandchild))


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

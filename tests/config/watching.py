"""Looking at real process groups from outside."""

import time
from collections.abc import Callable
from pathlib import Path


def stat_of(pid: int) -> list[str]:
    """The fields of a process after its name, from its state on; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    return bool(found := stat_of(pid)) and found[0] != "Z"


def group(leader: int) -> list[int]:
    """The living processes of a group, oldest first."""
    pids = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    found = [(stat, pid) for pid in pids if (stat := stat_of(pid))]
    return [pid for stat, pid in sorted(found, key=lambda one: (int(one[0][19]), one[1])) if stat[0] != "Z" and stat[2] == str(leader)]


def children(pid: int) -> list[int]:
    """The living children of a process, oldest first."""
    pids = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    found = [(stat, one) for one in pids if (stat := stat_of(one))]
    return [one for stat, one in sorted(found, key=lambda one: (int(one[0][19]), one[1])) if stat[0] != "Z" and stat[1] == str(pid)]


def waits_at_a_pipe(pid: int) -> bool:
    """Whether a process sleeps until another hands it something; where the system does not tell, it is believed."""
    try:
        place = Path(f"/proc/{pid}/wchan").read_text()
    except OSError:
        return False
    return "pipe" in place or (place in {"", "0"} and stat_of(pid)[:1] == ["S"])


def command_of(pid: int) -> list[str]:
    """The words with which a process was started."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []


def variable_of(pid: int, name: str) -> str:
    """A variable with which a process was started."""
    try:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    except OSError:
        return ""
    return next((pair.partition("=")[2] for pair in pairs if pair.startswith(f"{name}=")), "")


def eventually(is_so: Callable[[], object], *, seconds: float = 10.0, why: Callable[[], object] = lambda: "it never came true") -> None:
    """Wait until something is true."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, why()
        time.sleep(0.05)

"""Names of clocks, written into the rows they hold, and whether the one behind a name still lives."""

import hashlib
import os
import secrets
import socket
from functools import cache
from pathlib import Path

FACTS = (Path("/proc/sys/kernel/random/boot_id"),)
PID_NAMESPACE = "/proc/self/ns/pid"


@cache
def machine() -> str:
    """Return a name for this machine, this start of it, and this container."""
    facts = [socket.gethostname()]
    facts += [path.read_text().strip() for path in FACTS if path.exists()]
    if Path(PID_NAMESPACE).is_symlink():
        facts.append(str(Path(PID_NAMESPACE).readlink()))
    return f"{socket.gethostname()[:32]}-{hashlib.sha256('|'.join(facts).encode()).hexdigest()[:8]}"


def born(pid: int) -> str:
    """Return when a process was started, as the system counts; empty where it cannot tell or nobody has that number."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return ""
    return "" if words[0] == "Z" else words[19]


def own_name() -> str:
    """Return the name of this process: machine, number, and birth, so that a number used again is another name."""
    return f"{machine()}:{os.getpid()}:{born(os.getpid()) or secrets.token_hex(4)}"


def is_dead(owner: str) -> bool:
    """Tell whether the owner **surely** lives no more; of other machines nobody knows, their leases run out."""
    where, _, rest = owner.partition(":")
    number, _, birth = rest.partition(":")
    if where != machine() or not number.isdigit():
        return False
    if Path("/proc/self/stat").exists():
        return born(int(number)) != birth
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def name_of(pid: int) -> str:
    """Return the beginning of the names that a process of this machine had, whatever its birth."""
    return f"{machine()}:{pid}:"

"""Outlives a supervisor that was killed, and ends what it left behind.

A program of its own, with nothing but the standard library. The supervisor tells it by lines which process groups it
has started (``+PID``) and buried (``-PID``). When the pipe closes, what is left is asked to end, and killed after the
grace time: a hanging queue hears no request.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

LOOK_EVERY_S = 0.1


def main() -> None:
    """Listen until the supervisor is gone, then clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # those are for the supervisor
        signal.signal(number, signal.SIG_IGN)
    end(groups_told(sys.stdin), grace_s=float(sys.argv[1]))


def groups_told(lines: Iterable[str]) -> set[int]:
    """Return the groups that were alive when the lines ended; half a line is none."""
    groups = set[int]()
    for line in lines:
        sign, number = line[:1], line[1:-1]
        if line.endswith("\n") and number.isdigit():
            (groups.add if sign == "+" else groups.discard)(int(number))
    return groups


def end(groups: set[int], *, grace_s: float) -> None:
    """Ask, wait, kill. A group that has ended is forgotten at once, so that its number can be another's."""
    if not sys.platform.startswith("linux"):  # there the system itself has asked them already
        for group in groups:
            tell(group, signal.SIGTERM)
    until = time.monotonic() + grace_s
    while groups and time.monotonic() < until:
        groups = {group for group in groups if tell(group, 0)}
        time.sleep(LOOK_EVERY_S)
    for group in groups:
        tell(group, signal.SIGKILL)


def tell(group: int, number: int) -> bool:
    """Signal a process group; False when there is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()

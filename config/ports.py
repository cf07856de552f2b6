"""Ports of this machine: is one free, does somebody listen, and how the phone next to us would reach it.

Nothing here calls another machine; what goes out goes through the publisher's door alone.
"""

import errno
import socket
import time

UNROUTED = "192.0.2.1"  # reserved for documents: choosing a route to it sends nothing


def is_free(port: int, *, host: str) -> bool:
    """Tell whether we may listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def wait_for(port: int, *, seconds: float) -> bool:
    """Wait until somebody listens on this port of the loopback address."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def local_address() -> str:
    """Find the address of this machine in the local network; empty where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((UNROUTED, 9))
        except OSError:
            return ""
        found = str(probe.getsockname()[0])
    return "" if found.startswith("127.") or found == "0.0.0.0" else found  # noqa: S104  (compared, not bound)

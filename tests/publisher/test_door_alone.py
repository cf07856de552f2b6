"""Nobody bypasses the door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "publisher", "calendar_app", "community", "config")
NETWORK = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
}
OPENS = {"publisher/contract/http.py", "publisher/contract/wire.py"}
OWN_NAME_ONLY = {
    "publisher/clock/owners.py": "the name of this machine",
    "publisher/heartbeat.py": "the name of this machine",
    "publisher/management/commands/clock.py": "the name of this machine",
    "config/ports.py": "whether a port of this machine is free, and its address in the local network",
}


def sources() -> list[Path]:
    """Return every module of the product."""
    return [path for package in PACKAGES for path in sorted((HOUSE / package).rglob("*.py"))]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_network(module: str) -> bool:
    """Tell whether a module can open a connection."""
    return any(module == name or module.startswith(name + ".") for name in NETWORK)


def test_only_the_door_opens_connections() -> None:
    bypassing = {
        str(path.relative_to(HOUSE)): found
        for path in sources()
        if (found := {module for module in imported(ast.parse(path.read_text("utf-8"))) if is_network(module)})
    }
    assert set(bypassing) <= OPENS | set(OWN_NAME_ONLY), bypassing


@pytest.mark.parametrize("path", sorted(OWN_NAME_ONLY))
def test_who_asks_for_this_machine_connects_to_no_other(path: str) -> None:
    source = (HOUSE / path).read_text("utf-8")
    assert not [word for word in ("create_connection", "sendall", "urlopen", "requests") if word in source]


def test_the_search_itself_finds_a_bypass() -> None:
    tree = ast.parse(
        "from urllib import request\nimport requests.sessions\nimport http.client\nfrom socket import socket"
    )
    assert len({module for module in imported(tree) if is_network(module)}) >= 4

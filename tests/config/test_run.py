"""One command starts everything, and Ctrl-C leaves nothing behind."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.servers import free_port

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(170)]


def answer(port: int, path: str) -> tuple[int, str]:
    """Status and body, or 0 while nobody answers."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        said = line.getresponse()
        return said.status, said.read().decode("utf-8", "replace")
    except OSError:
        return 0, ""
    finally:
        line.close()


def eventually(is_so: Callable[[], object], *, seconds: float, why: Callable[[], str]) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, why()
        time.sleep(0.2)


def processes_of(installation: Installation) -> dict[int, str]:
    """Every process on this machine whose environment names this installation's data folder."""
    mark = f"PALINSESTO_DATA={installation.variables['PALINSESTO_DATA']}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def start(installation: Installation, *words: str) -> tuple[subprocess.Popen[bytes], int, int]:
    port, sandbox_port = free_port(), free_port()
    before = len(installation.log("run"))
    process = installation.start("run", "--port", str(port), "--sandbox-port", str(sandbox_port), *words)
    eventually(
        lambda: "Ctrl-C ends everything" in installation.log("run")[before:] or process.poll() is not None,
        seconds=60,
        why=lambda: installation.log("run"),
    )
    assert process.poll() is None, installation.log("run")
    return process, port, sandbox_port


def end(installation: Installation, process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert processes_of(installation) == {}


def test_everything_starts_heals_ends_and_is_there_again(empty_installation: Installation) -> None:
    process, port, sandbox_port = start(empty_installation)
    said = empty_installation.log("run")
    assert f"http://127.0.0.1:{port}/" in said
    assert f"http://127.0.0.1:{sandbox_port}/" in said
    assert "vendemmia-tardiva" in said
    eventually(lambda: answer(port, "/healthz")[0] == 200, seconds=40, why=lambda: str(processes_of(empty_installation)))
    assert answer(sandbox_port, "/")[0] == 200
    status, page = answer(port, "/accounts/login/")
    assert status == 200
    assert "csrf" in page

    clock = next(pid for pid, command in processes_of(empty_installation).items() if command.rstrip().endswith(" clock"))
    os.kill(clock, signal.SIGKILL)
    eventually(
        lambda: any(
            command.rstrip().endswith(" clock") and pid != clock
            for pid, command in processes_of(empty_installation).items()
        ),
        seconds=15,
        why=lambda: empty_installation.log("run"),
    )
    end(empty_installation, process)

    count = "from calendar_app.models import Post; print(Post.objects.count())"
    before = empty_installation.manage("shell", "-v", "0", "-c", count).stdout
    process, port, sandbox_port = start(empty_installation)
    assert "Making the demo" not in empty_installation.log("run")[len(said) :]
    assert empty_installation.manage("shell", "-v", "0", "-c", count).stdout == before
    status, page = answer(sandbox_port, "/")
    assert status == 200, Path(empty_installation.variables["PALINSESTO_DATA"], "log", "sandbox.log").read_text()
    assert "Cantina Valdoro" in page, "the sandbox remembers too"
    end(empty_installation, process)


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_port_in_use_is_said_in_a_sentence_with_the_cure(empty_installation: Installation, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), name: str(taken.getsockname()[1])}
        done = empty_installation.manage(
            "run", "--port", ports["PORT"], "--sandbox-port", ports["SANDBOX_PORT"], check=False
        )
    assert done.returncode == 1
    assert f"Port {ports[name]} is in use" in done.stderr
    assert f"make run {name}=" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_refuses_a_database_that_is_older_than_the_program(empty_installation: Installation) -> None:
    empty_installation.variables |= {
        "PALINSESTO_DEBUG": "0",
        "PALINSESTO_DEMO": "0",
        "PALINSESTO_SECRET_KEY": "s3cret-" * 10,
        "PALINSESTO_VAULT_KEYS": "one:" + "ab" * 32,
        "PALINSESTO_HOSTS": "palinsesto.example",
        "PALINSESTO_PUBLIC_URL": "https://palinsesto.example",
    }
    done = empty_installation.manage("run", "--port", str(free_port()), check=False)
    assert done.returncode == 1
    assert "manage.py migrate" in done.stderr

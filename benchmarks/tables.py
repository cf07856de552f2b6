"""Several databases of one server, each with a history of its own length, measured in turn so that noise meets all alike."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from benchmarks.history import fill, make_own_channels
from publisher.models import Attempt, Channel, Publication


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A database with so many publications."""

    rows: int
    wrapper: BaseDatabaseWrapper

    @property
    def is_postgresql(self) -> bool:
        return self.wrapper.vendor == "postgresql"

    def use(self) -> None:
        """Have everything that asks the database ask this one."""
        connections["default"] = self.wrapper

    def fill(self) -> list[Channel]:
        """Make channels and history."""
        self.use()
        channels = make_own_channels(count=500, brands=50)
        fill(channels, rows=self.rows)
        return channels

    def cpu_s(self) -> float:
        """Return processor seconds of this thread, and of the server's process that answers it where it runs here."""
        counted = Path(f"/proc/{self.wrapper.connection.info.backend_pid}/schedstat") if self.is_postgresql else None
        served = int(counted.read_text().split()[0]) / 1e9 if counted and counted.exists() else 0.0
        return time.thread_time() + served

    def bytes(self) -> dict[str, int]:
        """Return how large the two tables are, and their indexes."""
        found: dict[str, int] = {}
        if not self.is_postgresql:
            return found
        with connection.cursor() as cursor:
            for name in (Publication._meta.db_table, Attempt._meta.db_table):
                cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [name, name])
                found[f"{name}_rows"], found[f"{name}_indexes"] = cursor.fetchone()
        return found


def make(sizes: list[int]) -> Iterator[Table]:
    """Copy the empty database once for each size."""
    empty = connections["default"]
    empty.close()
    name = str(empty.settings_dict["NAME"])
    for rows in sizes:
        copy = f"{name}_{rows}"
        if empty.vendor == "postgresql":
            with psycopg.connect(**_server(empty), autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        else:
            shutil.copy(Path(name), Path(copy))
        wrapper = connections.create_connection("default")
        wrapper.settings_dict = {**empty.settings_dict, "NAME": copy}
        yield Table(rows, wrapper)


def _server(wrapper: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the address of the server's own database."""
    known = wrapper.settings_dict
    return {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "dbname": "postgres"}

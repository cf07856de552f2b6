"""What every test may lean on: the loopback rule, the database, real processes, PostgreSQL and Redis."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as examples

from tests.installation import Installation, database_address
from tests.migrated import make_ready, put_migrated
from tests.servers import PostgresServer, RedisServer, running_postgres, running_redis

# how long an example takes says something about the machine, and is no assertion
examples.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("house")
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Platforms' own servers take minutes to install: their tests run where they are named, as make test-real does."""
    is_named = any("tests/real" in one for one in config.args)
    return True if collection_path.name == "real" and not is_named else None


@pytest.fixture(autouse=True)
def loopback_only(request: pytest.FixtureRequest) -> None:
    """A test that may use sockets reaches this machine and nothing else."""
    if request.node.get_closest_marker("enable_socket") or "socket_enabled" in request.fixturenames:
        pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite a file is there already when the database is set up."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Migrations take six seconds: on SQLite they run once, and every worker has a copy."""
    if connection.vendor == "sqlite":
        put_migrated(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database also holds the cache table that real processes use."""
    with django_db_blocker.unblock():
        call_command("createcachetable", "palinsesto_cache", verbosity=0)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own; the test must be marked ``enable_socket``."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server of the tests' own; the test must be marked ``enable_socket``."""
    with running_redis() as server:
        yield server


@pytest.fixture
def installation(transactional_db: None, tmp_path: Path) -> Iterator[Installation]:
    """Real processes on the **same** database as the test's own ORM calls, whichever database that is."""
    variables = {
        "PALINSESTO_DEBUG": "1",
        "PALINSESTO_DATA": str(tmp_path / "data"),
        "PALINSESTO_MEDIA": str(settings.MEDIA_ROOT),
        "PALINSESTO_DATABASE": database_address(connection.settings_dict),
        "PALINSESTO_REDIS": os.environ.get("PALINSESTO_REDIS", ""),
    }
    scratch = Installation(folder=tmp_path, variables=variables)
    yield scratch
    scratch.stop_all()


@pytest.fixture
def empty_installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation in an empty folder: nothing migrated, a SQLite file of its own, the demo allowed."""
    variables = {
        "PALINSESTO_DEBUG": "1",
        "PALINSESTO_DEMO": "1",
        "PALINSESTO_DATA": str(tmp_path / "data"),
        "PALINSESTO_MEDIA": str(tmp_path / "media"),
    }
    scratch = Installation(folder=tmp_path, variables=variables)
    yield scratch
    scratch.stop_all()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal files that wait for real time among those that compute, and none among the last.

    So neither does every worker wait at once, nor is one of them left alone with such a file at the end.
    """
    files = list(dict.fromkeys(item.path for item in items))
    waiting = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("crash")}
    waiting_in_turn = [path for path in files if path in waiting]
    apart = 0.75 * (len(files) - len(waiting)) / max(1, len(waiting))
    places = {path: number * apart for number, path in enumerate(waiting_in_turn)}
    places |= {path: float(number) for number, path in enumerate(path for path in files if path not in waiting)}
    items.sort(key=lambda item: (item.path.name != "test_whole_loop.py", places[item.path], item.path.as_posix()))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Migrate before the first test, whose time limit does not reckon with it."""
    is_needed = any(item.get_closest_marker("django_db") or "db" in item.fixturenames for item in session.items)
    if is_needed and connection.vendor == "sqlite" and not session.config.option.collectonly:
        make_ready()

"""The servers that the tests stand on, and the door that stays shut."""

import os
import socket

import psycopg
import pytest
import pytest_socket
import redis
from django.db import connection

from accounts.models import Agency
from tests.installation import Installation
from tests.make import make_agency
from tests.servers import PostgresServer, RedisServer


@pytest.mark.enable_socket
@pytest.mark.servers
def test_a_postgresql_of_our_own_answers_on_loopback(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.create_database("one")) as line:
        row = line.execute("select current_database()").fetchone()
    assert row == ("one",)
    os.kill(postgres.pid, 0)


@pytest.mark.enable_socket
@pytest.mark.servers
def test_a_redis_of_our_own_answers_on_loopback(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.url())
    assert client.ping()
    client.close()
    os.kill(redis_server.pid, 0)


def test_a_test_that_did_not_ask_reaches_no_socket() -> None:
    with pytest.warns(UserWarning, match="tried to use"), pytest.raises(pytest_socket.SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


@pytest.mark.enable_socket
def test_a_test_that_asked_reaches_this_machine_only() -> None:
    with socket.socket() as line, pytest.warns(UserWarning, match="tried to use"):  # noqa: SIM117  (one thing each)
        with pytest.raises(pytest_socket.SocketConnectBlockedError):
            line.connect(("192.0.2.1", 80))


@pytest.mark.both_databases
@pytest.mark.servers
def test_a_real_process_sees_what_the_test_stored(installation: Installation) -> None:
    make_agency(name="Studio Prova")
    said = installation.manage(
        "shell", "-v", "0", "-c", "from accounts.models import Agency; print(Agency.objects.get().name)"
    )
    assert said.stdout.strip() == "Studio Prova"
    assert Agency.objects.count() == 1
    assert connection.vendor == ("postgresql" if os.environ.get("PALINSESTO_DATABASE") else "sqlite")

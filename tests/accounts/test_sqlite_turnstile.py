"""Writers on SQLite come one by one, and whoever goes first waits for one transaction at most."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from accounts.models import Agency
from accounts.sqlite3.turnstile import Turnstile
from tests.make import make_agency


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[list[float]]:
    """Four writers that hold the turnstile for ten milliseconds each, again and again; when each left is listed."""
    left: list[float] = []
    ending = threading.Event()

    def write() -> None:
        turnstile = Turnstile(tmp_path / "db")
        while not ending.is_set():
            turnstile.enter(first=False)
            time.sleep(0.01)
            left.append(time.monotonic())
            turnstile.leave()
        turnstile.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    yield left
    ending.set()
    for writer in writers:
        writer.join()


def test_who_goes_first_waits_for_one_transaction_and_not_for_the_queue(busy: list[float], tmp_path: Path) -> None:
    clock = Turnstile(tmp_path / "db")
    passed = []
    for _ in range(40):
        time.sleep(0.012)
        asked = time.monotonic()
        clock.enter(first=True)
        passed.append(sum(asked < at for at in list(busy)))
        clock.leave()
    clock.close()
    assert len(busy) > 10, "the others go on meanwhile"
    assert sorted(passed)[-3] <= 1, passed
    assert max(passed) <= 3, passed


def test_who_finds_no_turn_in_time_is_told_so_and_blocks_nobody(tmp_path: Path) -> None:
    inside, outside, third = (Turnstile(tmp_path / "db", patience_s=0.05) for _ in range(3))
    inside.enter(first=False)
    for first in (True, False):
        with pytest.raises(OperationalError, match="locked"):
            outside.enter(first=first)
    inside.leave()
    third.enter(first=False)
    third.leave()
    for one in (inside, outside, third):
        one.close()


def test_a_lock_does_not_cross_a_fork(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path / "db", patience_s=0.05)
    turnstile.enter(first=False)
    child = os.fork()
    if child == 0:
        try:
            turnstile.enter(first=False)
        except OperationalError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    turnstile.leave()
    turnstile.close()


@pytest.mark.django_db(transaction=True)
def test_transactions_and_single_writes_pass_the_turnstile() -> None:
    other: Any = Turnstile(Path(str(connection.settings_dict["NAME"])), patience_s=0.05)
    with transaction.atomic():
        make_agency()
        with pytest.raises(OperationalError):
            other.enter(first=True)
    other.enter(first=True)
    wrapper: Any = connection
    wrapper.turnstile._patience_s = 0.05
    with pytest.raises(OperationalError):
        make_agency()
    assert Agency.objects.count() == 1, "reading needs no turn"
    other.leave()
    make_agency()
    other.close()
    wrapper.turnstile._patience_s = 20.0


@pytest.mark.django_db(transaction=True)
def test_a_failed_transaction_gives_its_turn_back() -> None:
    def fail() -> None:
        with transaction.atomic():
            make_agency()
            raise sqlite3.Error

    with pytest.raises(sqlite3.Error):
        fail()
    other = Turnstile(Path(str(connection.settings_dict["NAME"])), patience_s=0.5)
    other.enter(first=False)
    other.close()

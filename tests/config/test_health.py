"""Health: yes or no, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from config import canary, health
from publisher.models import Heartbeat

pytestmark = pytest.mark.django_db


def heard(name: str, *, ago: timedelta = timedelta()) -> None:
    Heartbeat.objects.create(name=name, host="here", pid=1, at=timezone.now() - ago)


def test_all_is_well_while_clock_and_queue_were_heard(client: Client) -> None:
    heard("clock")
    heard("q2")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.parametrize(
    ("name", "ago"), [("clock", health.CLOCK_PATIENCE), ("q2", canary.patience())], ids=["clock", "queue"]
)
def test_it_says_no_when_one_of_them_is_silent_or_was_never_heard(client: Client, name: str, ago: timedelta) -> None:
    heard({"clock": "q2", "q2": "clock"}[name])
    assert client.get("/healthz").status_code == 503
    heard(name, ago=ago + timedelta(seconds=1))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"not ok")


def test_it_says_no_when_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_lookups: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(Heartbeat.objects, "filter", broken)
    assert client.get("/healthz").status_code == 503


def test_it_only_reads(client: Client) -> None:
    assert client.post("/healthz").status_code == 405

"""Health: yes or no, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import timezone

from config import canary
from publisher.models import Heartbeat

pytestmark = pytest.mark.django_db


def heard(name: str, *, ago: timedelta = timedelta()) -> None:
    Heartbeat.objects.create(name=name, host="here", pid=1, at=timezone.now() - ago)


def test_all_is_well_while_clock_and_queue_were_heard(client: Client) -> None:
    heard("clock")
    heard("q2")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.parametrize(("name", "said"), [("clock", "clock"), ("q2", "queue")])
def test_it_says_no_when_one_of_them_is_silent_or_was_never_heard(client: Client, name: str, said: str) -> None:
    heard({"clock": "q2", "q2": "clock"}[name])
    assert client.get("/healthz").status_code == 503
    patience = {"clock": timedelta(seconds=settings.CLOCK_SILENCE_S), "q2": canary.patience()}[name]
    heard(name, ago=patience + timedelta(seconds=1))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content.decode()) == (503, f"not ok: {said}")


def test_the_cluster_for_long_work_counts_where_there_is_to_be_one(client: Client) -> None:
    heard("clock")
    heard("q2")
    with override_settings(LONG_WORKERS=1):
        assert client.get("/healthz").content == b"not ok: queue long"
        heard("q2 long", ago=timedelta(minutes=25))
        assert client.get("/healthz").status_code == 200, "it may be silent for as long as its tasks may last"


def test_it_says_no_when_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_lookups: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(Heartbeat.objects, "filter", broken)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"not ok: database")


def test_it_only_reads(client: Client) -> None:
    assert client.post("/healthz").status_code == 405

"""What whoever keeps the server sees: who lives, what waits, what rests; as a table and as JSON."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django_q.models import OrmQ
from django_q.tasks import async_task

from publisher import backlog, outbox
from publisher.heartbeat import CLOCK, QUEUE, beat
from publisher.models import Heartbeat, Host
from publisher.outage import OUTAGE
from tests.publisher.make_publisher import make_channel, make_publication, now

pytestmark = pytest.mark.django_db


def status(*words: str) -> str:
    said = StringIO()
    call_command("clock", "--status", *words, stdout=said)
    return said.getvalue()


def test_an_empty_house_says_so_and_is_no_error() -> None:
    said = status()
    assert "clocks: 0 alive" in said
    assert "breakers" not in said
    assert json.loads(status("--json"))["clocks"] == []


def test_everything_that_matters_stands_in_the_table() -> None:
    beat(CLOCK, detail={"held": 3, "flying": 2, "skew": 0.01})
    beat(QUEUE)
    channel = make_channel()
    make_publication(channel, state="waiting", due_at=now() - timedelta(seconds=30))
    for state in ("sending", "unknown", "missed", "missed"):
        make_publication(channel, state=state)
    Host.objects.create(name="social.example", failures=5, breaker_until=now() + timedelta(minutes=2))
    outbox.stop(scope="brand", brand=channel.brand, reason="Prova\ncon due righe", by=None)
    found: dict[str, Any] = json.loads(status("--json"))
    assert found["clocks"][0]["is_alive"] is True
    assert (found["clocks"][0]["held"], found["clocks"][0]["flying"]) == (3, 2)
    assert [one["name"] for one in found["queues"]] == [QUEUE]
    assert found["publications"]["missed"] == 2
    assert found["publications"]["unknown"] == 1
    assert found["breakers"][0]["name"] == "social.example"
    assert found["stops"][0]["of"] == str(channel.brand)
    lines = status().splitlines()
    assert "clocks: 1 alive" in lines
    assert any("social.example" in line and "breaker" in line for line in lines)
    assert any("Prova con due righe" in line for line in lines)


def test_a_dead_clock_is_said_with_the_hour_since_when() -> None:
    beat(CLOCK)
    Heartbeat.objects.update(at=now() - timedelta(minutes=5))
    Heartbeat.objects.create(name=OUTAGE, host="", pid=0, at=now(), detail={"since": "2026-11-16T09:00:00+00:00"})
    said = status()
    assert "clocks: 0 alive, none since 2026-11-16T09:00:00" in said
    beat(CLOCK)
    assert json.loads(status("--json"))["no_clock_since"] is None


def test_the_age_of_what_waits_is_that_of_its_oldest_task() -> None:
    async_task("publisher.tasks.canary")
    async_task("publisher.tasks.canary")
    first = OrmQ.objects.order_by("pk").first()
    assert first is not None
    OrmQ.objects.filter(pk=first.pk).update(lock=now() - timedelta(minutes=3))
    found = json.loads(status("--json"))["backlog"]["palinsesto"]
    assert (found["is_up"], found["waiting"], found["taken"]) == (True, 2, 0)
    assert 179 < found["first_s"] < 200


def test_a_broker_that_is_away_is_a_finding_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_name: str | None = None) -> None:
        raise ConnectionError

    monkeypatch.setattr(backlog, "get_broker", gone)
    monkeypatch.setitem(backlog.settings.Q_CLUSTER, "redis", "redis://127.0.0.1:1/0")
    assert json.loads(status("--json"))["backlog"]["palinsesto"]["is_up"] is False
    assert "no" in status()


def test_the_hour_in_a_signed_task_is_read_without_opening_it() -> None:
    async_task("publisher.tasks.canary")
    if row := OrmQ.objects.first():
        put_in = backlog.put_in_at(row.payload.encode())
        assert put_in is not None
        assert abs(now() - put_in) < timedelta(seconds=60)
    assert backlog.put_in_at(b"nonsense") is None

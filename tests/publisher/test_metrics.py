"""Metrics: off unless switched on, read from the database at the moment of asking, and totals that never fall."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task
from prometheus_client.parser import text_string_to_metric_families

from config import checks
from publisher import metrics
from publisher.breaker import FAILURES
from publisher.models import Heartbeat, Host, Profile, Publication, Stop, Stream, Tally
from publisher.tallies import CLASSES_MS, class_of, count, tick_off
from tests.make import make_brand
from tests.publisher.make_publisher import make_channel, make_publication, now

pytestmark = pytest.mark.django_db
TOKEN = "a token of twenty-four characters"
QUERIES = 12


@pytest.fixture(autouse=True)
def on(settings: Any) -> Iterator[None]:
    """Metrics are switched on, and nothing is kept from another test."""
    settings.METRICS_TOKEN = TOKEN
    metrics.kept.until = float("-inf")
    yield
    metrics.kept.until = float("-inf")


def asked(client: Client, token: str = TOKEN, **extra: Any) -> Any:
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"}, **extra)


def read(client: Client) -> dict[tuple[str, ...], float]:
    """Everything that is said now, as Prometheus understands it: name, then labels in order."""
    metrics.kept.until = float("-inf")
    text = asked(client).content.decode()
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for one in family.samples:
            found[(one.name.removeprefix("palinsesto_"), *(f"{k}={v}" for k, v in sorted(one.labels.items())))] = one.value
    return found


def test_they_are_off_unless_switched_on(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for token in ("", TOKEN):
        assert asked(client, token).status_code == 404


def test_the_token_opens_them_and_nothing_else_does(client: Client) -> None:
    assert asked(client).status_code == 200
    assert asked(client)["Content-Type"].startswith("text/plain; version=0.0.4")
    for wrong in ("", "x", TOKEN + "x", TOKEN[:-1], "é"):
        assert asked(client, wrong).status_code == 404
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": f"Basic {TOKEN}"}).status_code == 404
    assert client.get("/metrics", {"token": TOKEN}).status_code == 404
    assert client.post("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_in_production_the_token_is_believed_over_tls_only(client: Client, settings: Any) -> None:
    settings.SECURE = True
    assert asked(client).status_code == 404
    assert asked(client, secure=True).status_code == 200


@pytest.mark.parametrize(("address", "status"), [("10.1.2.3", 200), ("11.1.2.3", 404), ("fd00::1", 200), ("", 404)])
def test_a_listed_network_reads_without_a_token(client: Client, settings: Any, address: str, status: int) -> None:
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = "", ("10.0.0.0/8", "fd00::/8")
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == status
    forged = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"x-forwarded-for": "10.1.2.3"})
    assert forged.status_code == 404


def test_they_say_what_is_due_and_under_way(client: Client) -> None:
    before = now() - timedelta(seconds=40)
    for state, many in {"waiting": 2, "claimed": 1, "sending": 3, "unknown": 1, "failed": 2, "missed": 1, "held": 1}.items():
        for _ in range(many):
            row = make_publication()
            Publication.objects.filter(pk=row.pk).update(state=state, next_at=before)
    make_publication(due_at=now() + timedelta(hours=1))
    found = read(client)
    assert found["publications_due", "platform=mastodon"] == 2
    assert 39 < found["publications_due_oldest_seconds",] < 120
    assert found["publications_in_flight", "state=claimed"] == 1
    assert found["publications_in_flight", "state=sending"] == 3
    troubled = {state: found["publications_troubled", f"state={state}"] for state in ("unknown", "failed", "missed", "held")}
    assert troubled == {"unknown": 1, "failed": 2, "missed": 1, "held": 1}


def test_they_say_who_rests_who_lives_what_is_stopped_and_what_is_late(client: Client) -> None:
    channel, later, hour = make_channel(), now() + timedelta(minutes=5), timezone.now()
    Profile.objects.filter(pk=channel.profile_id).update(breaker_until=later, paused_until=later)
    Host.objects.create(name="a.example", failures=FAILURES, breaker_until=later)
    Host.objects.create(name="b.example", failures=FAILURES)
    Host.objects.create(name="c.example", failures=FAILURES - 1)
    Heartbeat.objects.create(name="clock", host="here", pid=1, at=hour, detail={"skew": -0.25})
    Heartbeat.objects.create(name="clock", host="there", pid=1, at=hour - timedelta(hours=1), detail={"skew": 9})
    Stop.objects.create(scope="brand", brand=make_brand(), reason="Noise.")
    Stop.objects.create(scope="brand", brand=make_brand(), reason="Noise.", lifted_at=hour)
    Stream.objects.create(channel=channel, name="notifications", next_at=hour - timedelta(minutes=3))
    Stream.objects.create(channel=channel, name="thread:1", next_at=hour)
    found = read(client)
    assert found["profiles_resting", "platform=mastodon", "why=breaker"] == 1
    assert found["profiles_resting", "platform=mastodon", "why=pause"] == 1
    assert (found["host_breakers", "state=open"], found["host_breakers", "state=trying"]) == (1, 1)
    assert (found["processes", "process=clock"], found["processes", "process=q2"]) == (1, 0)
    assert found["heartbeat_age_seconds", "process=clock"] < 60
    assert ("heartbeat_age_seconds", "process=q2") not in found, "nobody knows, which is not nought"
    assert found["clock_skew_seconds",] == 0.25
    assert (found["stops_open", "scope=brand"], found["stops_open", "scope=all"]) == (1, 0)
    assert found["streams_overdue",] == 1
    assert 179 < found["streams_overdue_oldest_seconds",] < 300


def test_they_say_how_long_the_queue_is(client: Client) -> None:
    found = read(client)
    assert (found["queue_up",], found["queue_tasks", "state=waiting"], found["queue_oldest_seconds",]) == (1, 0, 0)
    OrmQ.objects.create(key="palinsesto", payload="x", lock=timezone.now() - timedelta(seconds=50))
    OrmQ.objects.create(key="long", payload="x", lock=timezone.now() + timedelta(minutes=15))
    found = read(client)
    assert (found["queue_tasks", "state=waiting"], found["queue_tasks", "state=taken"]) == (1, 1)
    assert 49 < found["queue_oldest_seconds",] < 120


def test_totals_grow_with_the_news_that_are_ticked_off_and_each_is_counted_once(client: Client) -> None:
    rows = [make_publication(state="published", news="published", lag_ms=lag) for lag in (20, 70, 70_000, -5)]
    failed = make_publication(state="failed", news="failed")
    heard = {row.pk: row.news for row in [*rows, failed]}
    assert read(client)["news_untold",] == 5
    assert tick_off(heard) == 5
    assert tick_off(heard) == 0, "somebody else has ticked them off"
    found = read(client)
    assert found["publication_outcomes_total", "outcome=published", "platform=mastodon"] == 4
    assert found["publication_outcomes_total", "outcome=failed", "platform=mastodon"] == 1
    lags = {bound: found["publication_lag_seconds_bucket", f"le={bound}", "platform=mastodon"] for bound in ("0.05", "0.1", "60.0", "300.0", "+Inf")}
    assert lags == {"0.05": 2, "0.1": 3, "60.0": 3, "300.0": 4, "+Inf": 4}
    assert found["publication_lag_seconds_count", "platform=mastodon"] == 4
    assert found["publication_lag_seconds_sum", "platform=mastodon"] == pytest.approx(70.09)
    assert found["news_untold",] == 0


def test_news_that_changed_while_it_was_told_is_told_again() -> None:
    row = make_publication(state="published", news="published")
    assert tick_off({row.pk: "unknown"}) == 0
    assert Publication.objects.get().news == "published"
    assert not Tally.objects.exists()


def test_totals_stay_when_publications_are_deleted(client: Client) -> None:
    row = make_publication(state="published", news="published", lag_ms=10)
    tick_off({row.pk: "published"})
    Publication.objects.all().delete()
    assert read(client)["publication_outcomes_total", "outcome=published", "platform=mastodon"] == 1


def test_every_lag_falls_into_one_class_and_bounds_rise() -> None:
    assert all(low < high for low, high in pairwise(CLASSES_MS))
    assert [class_of(lag) for lag in (0, 50, 51, 900_000, 900_001, 2**31 - 1)] == [50, 50, 100, 900_000, *[CLASSES_MS[-1]] * 2]


def test_the_number_of_queries_does_not_depend_on_what_there_is(client: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        read(client)
    for number in range(3):
        row = make_publication(state="published", news="published", lag_ms=number * 400)
        tick_off({row.pk: "published"})
        make_publication()
        Host.objects.create(name=f"{number}.example", failures=FAILURES)
        Heartbeat.objects.create(name="clock", host="here", pid=number, at=timezone.now())
        count([("bluesky", "missed", None), ("bluesky", "published", 10**9)])
    with CaptureQueriesContext(connection) as many:
        read(client)
    assert len(few) == len(many) == QUERIES


def test_whoever_asks_often_asks_the_database_seldom(client: Client) -> None:
    first = asked(client).content
    make_publication(next_at=now() - timedelta(seconds=1))
    with CaptureQueriesContext(connection) as asks:
        assert asked(client).content == first
    assert len(asks) == 0


def test_no_name_of_a_brand_a_profile_or_a_server_is_in_them(client: Client) -> None:
    brand = make_brand(name="Vetreria Segreta")
    channel = make_channel(brand, server="https://secret.example", remote_id="secret-profile", name="Secret channel")
    row = make_publication(channel=channel, state="published", news="published", lag_ms=1)
    tick_off({row.pk: "published"})
    Profile.objects.update(paused_until=now() + timedelta(hours=1))
    Host.objects.create(name="secret.example", failures=FAILURES)
    Stop.objects.create(scope="brand", brand=brand, reason="A secret reason.")
    text = asked(client).content.decode().lower()
    for word in ("segreta", "secret", "a token", brand.slug):
        assert word not in text


def test_without_a_database_they_say_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: object) -> bytes:
        raise OperationalError

    monkeypatch.setattr(metrics.Kept, "read", broken)
    assert asked(client).status_code == 503


def test_the_check_names_a_missing_package(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    assert checks.metrics_have_their_package(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda _name: None)
    assert [error.id for error in checks.metrics_have_their_package(None)] == ["palinsesto.E002"]
    settings.METRICS_TOKEN = ""
    assert checks.metrics_have_their_package(None) == []


def test_the_product_starts_without_the_package() -> None:
    words = (
        "import sys, json; sys.modules['prometheus_client'] = None; import django; django.setup();"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(json.dumps('publisher.metrics' in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", words], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout.splitlines()[-1]) is False


@pytest.mark.queue
@pytest.mark.enable_socket
def test_the_queue_of_a_redis_is_measured_as_far_as_it_tells(client: Client) -> None:
    if not settings.Q_CLUSTER.get("redis"):
        async_task("publisher.tasks.canary")
        assert read(client)["queue_tasks", "state=waiting"] == 1
        return
    broker = get_broker()
    broker.purge_queue()
    async_task("publisher.tasks.canary")
    found = read(client)
    assert (found["queue_up",], found["queue_tasks", "state=waiting"]) == (1, 1)
    assert 0 <= found["queue_oldest_seconds",] < 60
    broker.purge_queue()

"""The queue's settings fit each other, whatever an installation asks for."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django_q.brokers import get_broker
from django_q.conf import Conf
from hypothesis import given
from hypothesis import strategies as st

from config.broker import OrmBroker
from config.clusters import ACK_S, LONG, NAME, clusters
from config.env import Env, sqlite

counts = st.integers(min_value=1, max_value=32)
seconds = st.integers(min_value=1, max_value=7200)


def each(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """The settings as each cluster reads them."""
    return [whole, {**whole, **whole["ALT_CLUSTERS"][LONG]}]


@given(workers=counts, timeout=seconds, long_workers=st.integers(0, 8), long_timeout=seconds, redis=st.booleans())
def test_no_task_is_repeated_while_it_waits_in_a_cluster_or_runs(
    workers: int, timeout: int, long_workers: int, long_timeout: int, redis: bool
) -> None:
    whole = clusters(
        workers=workers,
        timeout=timeout,
        long_workers=long_workers,
        long_timeout=long_timeout,
        redis="redis://127.0.0.1" if redis else "",
    )
    for one in each(whole):
        held = one["bulk"] + one["queue_limit"] + one["workers"]
        slowest = -(-held // one["workers"]) * one["timeout"]
        assert one["retry"] >= slowest + ACK_S
        assert one["retry"] >= 2 * one["timeout"] or one["retry"] >= 900
        assert one["workers"] >= 1
        assert one["ack_failures"] is True
        assert 0 < one["max_attempts"] <= 10
        assert one["save_limit"] == -1
        assert one["catch_up"] is False
        assert one["scheduler"] is False
        assert one["recycle"]
        assert one["max_rss"]
        assert ("redis" in one) != ("orm" in one)


@pytest.mark.django_db
def test_the_library_reads_these_settings_and_our_broker() -> None:
    chosen = settings.Q_CLUSTER
    assert (chosen["timeout"], chosen["retry"], chosen["bulk"]) == (Conf.TIMEOUT, Conf.RETRY, Conf.BULK)
    assert (Conf.ACK_FAILURES, Conf.SAVE_LIMIT, Conf.SCHEDULER, Conf.CATCH_UP) == (True, -1, False, False)
    assert Conf.PREFIX == Conf.CLUSTER_NAME == NAME
    assert isinstance(get_broker(), OrmBroker) or os.environ.get("PALINSESTO_REDIS")


def test_connections_are_kept_and_looked_at_before_they_are_used(tmp_path: Any) -> None:
    asked = Env({"D": "postgresql://a:b@127.0.0.1/c"}).database("D", tmp_path)
    for one in (asked, sqlite(tmp_path)):
        assert one["CONN_MAX_AGE"] == 600
        assert one["CONN_HEALTH_CHECKS"] is True


def test_the_broker_lies_in_the_one_database() -> None:
    assert list(settings.DATABASES) == ["default"]
    assert settings.Q_CLUSTER.get("orm", "default") == "default"


def test_a_canary_that_sings_seldom_does_not_start_a_war_against_its_own_queue() -> None:
    assert settings.CANARY_EVERY_S <= settings.QUEUE_GRACE_S
    code = "import config.settings"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PALINSESTO_")}
    changed = {**kept, "PALINSESTO_DEBUG": "1", "PALINSESTO_CANARY_EVERY": "90"}
    done = subprocess.run([sys.executable, "-c", code], env=changed, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PALINSESTO_CANARY_EVERY is longer than PALINSESTO_QUEUE_GRACE" in done.stderr


def test_tasks_and_what_they_lean_on_are_loaded_before_the_workers_are_born() -> None:
    code = (
        "import django, sys; django.setup();"
        "wanted = ['accounts.tasks', 'publisher.tasks', 'calendar_app.tasks', 'community.tasks', 'urllib3', 'PIL', 'config.canary'];"
        "missing = [name for name in wanted if name not in sys.modules]; sys.exit(repr(missing) if missing else 0)"
    )
    variables = {**os.environ, "PALINSESTO_DEBUG": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_each_cluster_hands_itself_its_own_canary_and_only_the_main_one_looks_after_the_clock() -> None:
    main, long = OrmBroker(NAME), OrmBroker(LONG)
    assert [name.rpartition(".")[2] for name in main.own_tasks()] == ["canary", "look_after_the_clock"]
    assert [name.rpartition(".")[2] for name in long.own_tasks()] == ["canary"]
    assert [number for number, _ in main.dequeue()] == [None, None]
    assert main.dequeue() == [], "not again before its time"

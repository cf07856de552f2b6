"""When a cluster counts as hanging."""

import platform
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from config import canary
from config.clusters import LONG, NAME
from publisher.models import Heartbeat

pytestmark = pytest.mark.django_db
HERE = platform.node()[:120]
PATIENCE_S = canary.patience().total_seconds()
YOUNG_S = PATIENCE_S + canary.BIRTH.total_seconds()


def sang(cluster: str, *, ago_s: float, host: str = HERE) -> None:
    at = timezone.now() - timedelta(seconds=ago_s)
    Heartbeat.objects.create(name=canary.sign_of(cluster), host=host, pid=Heartbeat.objects.count() + 1, at=at)


@pytest.mark.parametrize(
    ("age_s", "ago_s", "is_silent"),
    [
        (1000, 5, False),
        (1000, PATIENCE_S - 5, False),
        (1000, PATIENCE_S + 5, True),
        (10, 1000, False),
        (YOUNG_S - 5, 1000, False),
        (YOUNG_S + 5, 2000, True),
        (YOUNG_S + 5, None, True),
        (YOUNG_S - 5, None, False),
    ],
)
def test_a_cluster_is_silent_after_its_longest_task_and_a_minute(age_s: float, ago_s: float | None, is_silent: bool) -> None:
    if ago_s is not None:
        sang(NAME, ago_s=ago_s)
    assert canary.silent({"qcluster": age_s, "web": 1e6}) == (["qcluster"] if is_silent else [])


def test_other_machines_and_other_clusters_do_not_sing_for_this_one() -> None:
    sang(NAME, ago_s=1, host="elsewhere")
    sang(LONG, ago_s=1)
    assert canary.silent({"qcluster": 1000.0, "long": 1000.0}) == ["qcluster"]


def test_a_sign_of_life_that_cannot_be_stored_ends_nothing_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_name: str) -> None:
        raise OperationalError

    monkeypatch.setattr(canary, "_sung", {})
    monkeypatch.setattr(canary, "close_old_connections", lambda: None)  # the test's transaction would end with it
    with monkeypatch.context() as patched:
        patched.setattr(canary, "beat", gone)
        canary.sing(task={})
    canary.sing(task={})
    canary.sing(task={})
    assert Heartbeat.objects.count() == 1

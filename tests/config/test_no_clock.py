"""The clock is gone for good: real queue, real server; what is due goes out once, and nothing doubles when one is back."""

import os
import signal
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from benchmarks.rows import make_channels, make_posts
from benchmarks.sandbox_process import running_sandbox
from publisher.models import Publication
from tests.config.watching import eventually
from tests.installation import Installation
from tests.publisher.make_publisher import now

HURRIED = {"PALINSESTO_CANARY_EVERY": "1", "PALINSESTO_CLOCK_SILENCE": "6", "PALINSESTO_WORKERS": "1"}


@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.crash
@pytest.mark.slow
def test_a_clock_that_is_killed_is_stood_in_for_and_one_that_returns_doubles_nothing(
    installation: Installation, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def health() -> str:
        return client.get("/healthz").content.decode()

    for name, value in {"CLOCK_SILENCE_S": 6, "QUEUE_GRACE_S": 4}.items():
        monkeypatch.setattr(settings, name, value)
    monkeypatch.setitem(settings.Q_CLUSTER, "timeout", 1)
    with running_sandbox() as sandbox:
        variables = {**HURRIED, "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8", "PALINSESTO_SANDBOX_URL": sandbox.url}
        clock = installation.start("clock", **variables)
        queue = installation.start("qcluster", **variables)
        eventually(lambda: health() == "ok", seconds=60, why=health)
        clock.send_signal(signal.SIGKILL)
        clock.wait()
        channels = make_channels(sandbox, count=3)
        wanted = [*make_posts(channels, hours=[now()] * 6), *make_posts(channels, hours=[now() + timedelta(seconds=4)] * 3)]
        eventually(lambda: health() == "not ok: clock", seconds=30, why=health)
        eventually(lambda: len(sandbox.arrivals()) >= 9, seconds=60, why=lambda: installation.log("qcluster")[-3000:])
        installation.start("clock", **variables)
        wanted += make_posts(channels, hours=[now() + timedelta(seconds=3)] * 3)
        eventually(
            lambda: Publication.objects.filter(state="published").count() == 12,
            seconds=60,
            why=lambda: str(list(Publication.objects.values_list("state", "problem_code"))),
        )
        eventually(lambda: health() == "ok", why=health)
        os.killpg(queue.pid, signal.SIGKILL)
        queue.wait()
        eventually(lambda: health() == "not ok: queue", seconds=30, why=health)
        assert sorted(one["text"] for one in sandbox.arrivals()) == sorted(wanted)

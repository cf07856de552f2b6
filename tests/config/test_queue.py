"""The queue itself: a real cluster takes what was enqueued, on either broker, and the supervisor hears its canary."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import letters, tasks
from accounts.models import MailState, OutgoingMail
from config import canary
from publisher.heartbeat import QUEUE
from publisher.models import Heartbeat
from tests.installation import Installation
from tests.make import make_brand, make_user

pytestmark = [
    pytest.mark.queue,
    pytest.mark.both_databases,
    pytest.mark.enable_socket,
    pytest.mark.servers,
    pytest.mark.slow,
]

PATIENCE_S = 60


def letter(to_address: str) -> OutgoingMail:
    """A letter row whose task is in the queue."""
    user = make_user("Mara", email=to_address)
    return letters.post_letter(
        kind="link_again",
        to=user,
        address=user.email,
        brand=make_brand(),
        subject=None,
        parts={},
        secret="secret",
        dedupe_key=to_address,
    )


def wait_for_song(since: float) -> None:
    until = time.monotonic() + PATIENCE_S
    while canary.last_song() is None or canary.last_song() < timezone.now() - timedelta(seconds=time.monotonic() - since):  # type: ignore[operator]  # not None here
        assert time.monotonic() < until, "the canary never sang"
        time.sleep(0.2)


def test_a_cluster_takes_what_was_enqueued_and_sings_unasked(installation: Installation) -> None:
    assert ("redis" in settings.Q_CLUSTER) == bool(os.environ.get("PALINSESTO_REDIS"))
    row = letter("mara@example.test")
    began = time.monotonic()
    installation.start("qcluster")
    until = began + PATIENCE_S
    while not OutgoingMail.objects.filter(pk=row.pk, state=MailState.SENT).exists():
        assert time.monotonic() < until, installation.log("qcluster")
        time.sleep(0.2)
    wait_for_song(began)


def test_a_letter_whose_task_was_lost_with_the_cluster_is_found_by_the_sweep(installation: Installation) -> None:
    row = letter("mara@example.test")
    cluster = installation.start("qcluster")
    os.killpg(cluster.pid, signal.SIGKILL)
    cluster.wait()
    row.refresh_from_db()
    OutgoingMail.objects.filter(pk=row.pk, state=MailState.WAITING).update(next_at=timezone.now())
    tasks.sweep_letters()
    installation.start("qcluster")
    until = time.monotonic() + PATIENCE_S
    while not OutgoingMail.objects.filter(pk=row.pk, state=MailState.SENT).exists():
        assert time.monotonic() < until, installation.log("qcluster")
        time.sleep(0.3)


def test_a_stopped_cluster_goes_home_by_itself(installation: Installation) -> None:
    cluster = installation.start("qcluster")
    wait_for_song(time.monotonic())
    assert installation.stop(cluster, grace_s=40) == 0
    assert Heartbeat.objects.filter(name=QUEUE).exists()

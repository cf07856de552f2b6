"""What the clock asks each second is found by an index, however long the history is; the cost on a full table is measured too."""

import pytest
from django.db import connection

from benchmarks.claim_cost import Watch, compared, slower
from benchmarks.clock_cost import Trial
from benchmarks.plans import plans
from publisher import metrics
from publisher.models import Publication
from tests.publisher.make_publisher import make_channel, make_publication, now

pytestmark = pytest.mark.django_db


@pytest.mark.both_databases
def test_nothing_that_is_asked_each_second_reads_the_whole_table() -> None:
    channel = make_channel()
    for _ in range(5):
        make_publication(channel=channel, state="published", next_at=None)
    trial = Trial(channels=[channel], watch=Watch())
    work = {**trial.idle_work(), "metrics": metrics.kept.read}
    metrics.kept.until = float("-inf")
    whole = []
    if connection.vendor == "postgresql":  # which rightly reads all of a table of few rows, where it may
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    for name, ask in work.items():
        with plans() as asked:
            ask()
        assert asked.found, name
        whole += [one for one in asked.found.values() if one.is_whole_table(Publication._meta.db_table)]
    assert whole == []


def test_a_trial_is_claimed_armed_and_written_by_the_clock_itself() -> None:
    trial = Trial(channels=[make_channel(remote_id=f"p{n}") for n in range(3)], watch=Watch())
    trial.begin()
    trial.make_due(3)
    held = trial.claim()
    armed = trial.arm(held)
    assert (len(held), len(armed.jobs)) == (3, 3)
    assert Publication.objects.filter(state="sending", due_at__lte=now()).count() == 3


def test_a_claim_that_slows_down_with_the_table_is_said_to_be_bad() -> None:
    small, large = {"claim_idle": 1.0, "claim_500": 40.0}, {"claim_idle": 2.1, "claim_500": 44.0}
    assert slower(small, large) == {"claim_idle": 2.1, "claim_500": 1.1}
    found = {"10000": {"cpu_ms": small}, "1000000": {"cpu_ms": large}}
    assert compared(found)["is_good"] is False
    assert compared({**found, "1000000": {"cpu_ms": small}})["is_good"] is True
    assert compared({"10000": {"cpu_ms": small}}) == {}

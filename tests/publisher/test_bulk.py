"""Many rows by one statement: the same as one by one, on both databases."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from publisher import states
from publisher.clock.attempts import Closed, close_attempts, open_attempts
from publisher.clock.results import FREE, published
from publisher.contract.content import Receipt
from publisher.models import Attempt, Publication
from publisher.states import MoveNotAllowedError, move_each
from tests.publisher.make_publisher import make_attempt, make_channel, make_publication, now

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def receipt(number: int) -> Receipt:
    return Receipt(remote_id=f"r{number}", url="https://social.example/1", extra={"visibility": "public"}, status=200)


def test_each_row_gets_its_own_values_and_only_under_its_fence_and_state() -> None:
    rows = [make_publication(make_channel(), state="sending", fence=3) for _ in range(90)]
    overtaken, elsewhere = rows[5], rows[60]
    Publication.objects.filter(pk=overtaken.pk).update(fence=4)
    Publication.objects.filter(pk=elsewhere.pk).update(state="failed")
    wanted = []
    for number, row in enumerate(rows):
        values = published(receipt(number), due=row.due_at.timestamp(), left_at=row.due_at.timestamp() + number)
        wanted.append((row.pk, 3, {**FREE, **values, "news": states.PUBLISHED}))
    with CaptureQueriesContext(connection) as asked:
        won = move_each(Publication, wanted, to=states.PUBLISHED, since=["sending", "unknown"], at=now())
    assert won == 88
    assert len(asked) < 5, "not a statement for each row"
    assert set(Publication.objects.exclude(state="published").values_list("pk", flat=True)) == {
        overtaken.pk,
        elsewhere.pk,
    }
    one = Publication.objects.get(pk=rows[7].pk)
    assert (one.remote_id, one.remote_extra, one.lag_ms, one.next_at, one.lease_until, one.problem_values) == (
        "r7",
        {"visibility": "public"},
        7000,
        None,
        None,
        {},
    )
    assert one.published_at == rows[7].due_at + timedelta(seconds=7)
    assert one.fence == 3


def test_a_way_that_the_table_has_not_is_refused_and_nothing_is_nothing() -> None:
    assert move_each(Publication, [], to=states.PUBLISHED, since=["sending"], at=now()) == 0
    with pytest.raises(MoveNotAllowedError):
        move_each(Publication, [], to=states.PUBLISHED, since=["waiting"], at=now())


def test_tries_are_opened_and_closed_together() -> None:
    rows = [make_publication(make_channel(), state="sending", fence=2) for _ in range(100)]
    make_attempt(rows[3], number=1, outcome="unavailable", finished_at=now())
    with CaptureQueriesContext(connection) as asked:
        opened = open_attempts([(row, row.due_at) for row in rows], owner="a clock", deadline_at=now())
    assert len(asked) < 5
    assert opened[rows[3].pk].number == 2
    assert Attempt.objects.filter(finished_at=None, act="publish", fence=2, owner="a clock").count() == 100
    Attempt.objects.filter(publication=rows[9]).update(finished_at=now(), outcome="unknown")
    closed = [
        Closed(row.pk, opened[row.pk].number, "receipt", 200 if number % 2 else None, f"id {number}", "ab" * 32)
        for number, row in enumerate(rows)
    ]
    close_attempts(closed, at=now())
    assert Attempt.objects.filter(finished_at=None).count() == 0
    assert Attempt.objects.get(publication=rows[9]).outcome == "unknown", "closed is closed"
    one = Attempt.objects.get(publication=rows[3], number=2)
    assert (one.outcome, one.status, one.provider_request_id, one.request_sha256) == (
        "receipt",
        200,
        "id 3",
        "ab" * 32,
    )

"""What was approved and is so no more does not go out by any later door: a retry, a settled doubt, a second try."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calendar_app.approval import withdraw
from calendar_app.drafting import PostChanges, save_post
from publisher import outbox
from publisher.clock.claiming import due_rows
from publisher.clock.leases import miss
from publisher.models import Publication
from tests.calendar_app.make_table import Table

pytestmark = pytest.mark.django_db


def table_with(first: str, second: str) -> tuple[Table, Publication, Publication]:
    """An approved post on two channels whose rows stand in these states, within their window."""
    table = Table()
    table.approve()
    rows = list(Publication.objects.filter(origin_key=table.post.key).order_by("pk"))
    for row, state in zip(rows, (first, second), strict=True):
        Publication.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
    return table, rows[0], rows[1]


def edit(table: Table) -> None:
    save_post(table.post, version=table.fresh().version, by=table.ed, changes=PostChanges(text="Altre parole."))


def may_go(row: Publication) -> bool:
    """Whether a clock would take the row at its hour."""
    hour = timezone.now()
    Publication.objects.filter(pk=row.pk, state="waiting").update(next_at=hour)
    return due_rows(now=hour, until=hour + timedelta(seconds=5)).filter(pk=row.pk).exists()


@pytest.mark.parametrize("state", ["failed", "missed"])
def test_what_failed_before_an_edit_is_not_tried_again_after_it(state: str) -> None:
    table, failed, _ = table_with(state, "waiting")
    edit(table)
    with pytest.raises(outbox.TooLateError):
        outbox.retry(failed, by=table.ed)
    assert not may_go(failed)


def test_what_failed_before_a_withdrawal_is_not_tried_again_after_it() -> None:
    table, failed, _ = table_with("failed", "waiting")
    withdraw(table.question, by=table.cleo, link=table.link)
    with pytest.raises(outbox.TooLateError):
        outbox.retry(failed, by=table.ed)
    assert table.states() == ["canceled", "canceled"]


def test_a_doubt_that_is_settled_after_an_edit_does_not_go_again() -> None:
    table, doubtful, _ = table_with("unknown", "waiting")
    edit(table)
    Publication.objects.filter(pk=doubtful.pk).update(next_at=None)  # nobody but a person can tell
    doubtful.refresh_from_db()
    outbox.settle(doubtful, is_out=False, by=table.ed)
    doubtful.refresh_from_db()
    assert doubtful.state == "missed"
    assert not may_go(doubtful)


def test_a_call_that_was_leaving_during_an_edit_is_not_made_a_second_time() -> None:
    table, leaving, _ = table_with("sending", "waiting")
    edit(table)
    Publication.objects.filter(pk=leaving.pk).update(state="waiting", next_at=timezone.now())  # the server was busy
    assert not may_go(leaving)
    miss(now=timezone.now())
    leaving.refresh_from_db()
    assert leaving.state == "missed"


def test_a_closed_window_is_not_opened_by_another_hour() -> None:
    table, doubtful, _ = table_with("unknown", "waiting")
    edit(table)
    Publication.objects.filter(pk=doubtful.pk).update(state="missed")
    with pytest.raises(outbox.BeyondAcceptedError):
        outbox.postpone(
            origin_key=table.post.key,
            wall=doubtful.wall,
            zone=doubtful.zone,
            fold=0,
            due_at=doubtful.due_at + timedelta(hours=1),
            by=table.ed,
        )

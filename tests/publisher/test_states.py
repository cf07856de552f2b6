"""The table of moves, tried out in full against real rows."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from publisher import states
from publisher.models import Publication, PublicationState
from publisher.states import MOVES, MoveNotAllowedError, move
from tests.publisher.make_publisher import make_attempt, make_publication

ALL = [state.value for state in PublicationState]
DESIGN = {
    "waiting": "claimed held canceled missed failed",
    "held": "waiting canceled missed",
    "claimed": "sending waiting held canceled missed failed",
    "sending": "published failed waiting unknown",
    "unknown": "published waiting failed",
    "failed": "waiting canceled",
    "missed": "canceled",
    "published": "",
    "canceled": "",
}


def test_the_table_is_the_design() -> None:
    assert {state: set(targets) for state, targets in MOVES.items()} == {
        state: set(targets.split()) for state, targets in DESIGN.items()
    }


def test_states_of_the_model_and_of_the_table_are_the_same() -> None:
    assert set(ALL) == set(MOVES)
    assert set(Publication._meta.constraints[0].condition.children[0][1]) == states.LIVE  # type: ignore[attr-defined]  # the constraint's Q is untyped


@pytest.mark.django_db
@pytest.mark.parametrize(("start", "to"), list(product(ALL, ALL)))
def test_each_pair_of_states_moves_only_where_the_table_says(start: str, to: str) -> None:
    row = make_publication(state=start)
    if states.sources_of(to):
        won = move(Publication.objects.filter(pk=row.pk), to=to)
    else:
        with pytest.raises(MoveNotAllowedError):
            move(Publication.objects.filter(pk=row.pk), to=to)
        won = 0
    row.refresh_from_db()
    assert won == (to in DESIGN[start].split())
    assert row.state == (to if won else start)


@pytest.mark.django_db
def test_a_move_that_the_table_forbids_is_refused_before_any_row_is_touched() -> None:
    row = make_publication(state="published")
    with pytest.raises(MoveNotAllowedError):
        move(Publication.objects.filter(pk=row.pk), to="waiting", since=["published"])


@pytest.mark.django_db
def test_of_two_movers_with_the_same_fence_one_wins() -> None:
    row = make_publication(state="claimed", fence=3)
    rows = Publication.objects.filter(pk=row.pk, fence=3)
    assert [move(rows, to="sending", fence=4), move(rows, to="sending", fence=4)] == [1, 0]


@pytest.mark.django_db
def test_the_same_part_of_the_same_post_lives_once_per_profile() -> None:
    row = make_publication(state="published")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_publication(channel=row.channel, origin_key=row.origin_key)
    make_publication(channel=row.channel, origin_key=row.origin_key, part=1)
    make_publication(channel=row.channel, origin_key=row.origin_key, state="canceled")
    make_publication(origin_key=row.origin_key)


@pytest.mark.django_db
def test_one_publication_is_in_flight_per_profile() -> None:
    row = make_publication(state="sending")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_publication(channel=row.channel, state="sending")
    make_publication(state="sending")


@pytest.mark.django_db
def test_one_try_is_open_per_publication() -> None:
    row = make_publication(state="sending")
    make_attempt(row, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_attempt(row, number=2)
    row.attempts.update(finished_at=row.due_at, outcome="unknown")
    make_attempt(row, number=2)


@pytest.mark.django_db
def test_a_post_found_out_there_belongs_to_one_row() -> None:
    row = make_publication(state="published", remote_id="115")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_publication(channel=row.channel, state="published", remote_id="115")
    make_publication(state="published", remote_id="115")
    make_publication(channel=row.channel, state="failed", remote_id="")

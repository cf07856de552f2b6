"""Every pair of states, moved in every way there is, on both databases: allowed exactly as the design says."""

import ast
from itertools import product
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publisher.models import Publication, PublicationState
from publisher.states import MoveNotAllowedError, move, move_each
from tests.make import make_brand
from tests.publisher.make_publisher import make_channel, make_publication
from tests.publisher.test_states import DESIGN

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ROOT = Path(__file__).resolve().parents[2]
ALL = [state.value for state in PublicationState]
PAIRS = list(product(ALL, ALL))
ALLOWED = {(start, to) for start, targets in DESIGN.items() for to in targets.split()}


def rows_in_every_state() -> dict[str, Publication]:
    """Return one row for each state, each on a profile of its own."""
    brand = make_brand()
    return {state: make_publication(make_channel(brand), state=state, fence=7) for state in ALL}


def stored(row: Publication) -> str:
    return str(Publication.objects.values_list("state", flat=True).get(pk=row.pk))


def test_the_design_allows_twenty_four_of_eighty_one_ways() -> None:
    assert len(PAIRS) == 81
    assert len(ALLOWED) == 24


def test_a_row_moves_along_each_allowed_way_once_and_along_no_other() -> None:
    for start, to in PAIRS:
        row = make_publication(state=start)
        mine = Publication.objects.filter(pk=row.pk)
        if (start, to) in ALLOWED:
            before = timezone.now()
            assert move(mine, to=to, since=[start], problem_code="p") == 1, (start, to)
            row.refresh_from_db()
            assert (row.state, row.problem_code) == (to, "p")
            assert abs((row.state_at - before).total_seconds()) < 60, "the moment is written with the move"
            assert move(mine, to=to, since=[start]) == 0, "who comes second has lost"
        else:
            with pytest.raises(MoveNotAllowedError):
                move(mine, to=to, since=[start])
            assert stored(row) == start


def test_a_way_that_the_table_has_not_is_refused_before_the_database_is_asked() -> None:
    make_publication()
    for start, to in PAIRS:
        if (start, to) in ALLOWED:
            continue
        with CaptureQueriesContext(connection) as asked:
            with pytest.raises(MoveNotAllowedError):
                move(Publication.objects.all(), to=to, since=[start])
            with pytest.raises(MoveNotAllowedError):
                move_each(Publication, [(1, 0, {})], to=to, since=[start], at=timezone.now())
        assert len(asked) == 0


def test_one_forbidden_source_among_allowed_ones_refuses_the_whole_move() -> None:
    row = make_publication(state="waiting")
    with pytest.raises(MoveNotAllowedError):
        move(Publication.objects.filter(pk=row.pk), to="claimed", since=["waiting", "held"])
    assert stored(row) == "waiting"


def test_without_saying_from_where_exactly_the_rows_move_that_may() -> None:
    for to in ALL:
        rows = rows_in_every_state()
        mine = Publication.objects.filter(pk__in=[row.pk for row in rows.values()])
        sources = {start for start, target in ALLOWED if target == to}
        if not sources:
            with pytest.raises(MoveNotAllowedError):
                move(mine, to=to)
            continue
        taken = mine.filter(state__in=sources) if to == "sending" else mine
        assert move(taken, to=to) == len(sources), to
        assert {start for start, row in rows.items() if stored(row) == to} == sources | {to}


def test_many_rows_move_each_under_its_own_fence_along_the_same_ways() -> None:
    for start, to in sorted(ALLOWED):
        right, overtaken = (make_publication(state=start, fence=7) for _ in range(2))
        wanted = [(right.pk, 7, {"owner": "us"}), (overtaken.pk, 6, {"owner": "us"})]
        assert move_each(Publication, wanted, to=to, since=[start], at=timezone.now()) == 1, (start, to)
        assert (stored(right), stored(overtaken)) == (to, start)
        assert Publication.objects.get(pk=right.pk).owner == "us"


def test_moving_nothing_is_no_move() -> None:
    assert move_each(Publication, [], to="published", since=["sending"], at=timezone.now()) == 0
    assert move(Publication.objects.none(), to="published", since=["sending"]) == 0


def test_nothing_in_the_publisher_writes_a_state_but_the_table_of_moves() -> None:
    found = []
    for path in sorted((ROOT / "publisher").rglob("*.py")):
        if path.name == "states.py" or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                values = [word.value for word in node.keywords if word.arg == "state"]
                found += [f"{path.name}:{node.lineno}" for one in values if not _is_of_a_channel(one)]
    assert found == []


def _is_of_a_channel(value: ast.expr) -> bool:
    """Channels and sign-ins have states of their own."""
    return isinstance(value, ast.Attribute) and ast.unparse(value.value) in {"ChannelState", "ConnectionState"}

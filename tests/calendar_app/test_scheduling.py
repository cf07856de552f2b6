"""Hours: what was approved goes out when it was approved for, near it, or not at all; what is out stays out."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Role
from calendar_app.approval import (
    approve,
    withdraw,
)
from calendar_app.drafting import PostChanges, cost_of_moving, move, save_post
from calendar_app.refusals import (
    AlreadyOut,
    NothingToAsk,
    RuleAsks,
)
from calendar_app.scheduling import proposed_hours, schedule_post
from calendar_app.shown import shown_state
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_channel,
    make_pack,
    make_post,
    make_rule,
)
from tests.calendar_app.make_table import Table
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def test_an_approval_after_the_hour_schedules_nothing_and_proposes_hours() -> None:
    table = Table()
    with time_machine.travel(table.post.due_at + timedelta(hours=1), tick=False):
        question = table.question
        decided = approve(question, by=table.cleo, digest=question.revision.digest, link=table.link)

        assert decided.scheduled is not None
        assert decided.scheduled.is_past
        assert table.states() == []
        assert shown_state(table.fresh()).css == "st-app"
        hours = proposed_hours(table.fresh())
        assert len(hours) == 3

        moved = move(table.fresh(), wall=hours[0], by=table.ed)

        assert moved.kept
        assert table.states() == ["waiting", "waiting"]


def test_a_proposed_hour_farther_than_accepted_asks_again() -> None:
    table = Table()
    with time_machine.travel(table.post.due_at + timedelta(hours=1), tick=False):
        table.approve()

        moved = move(table.fresh(), wall=proposed_hours(table.fresh())[-1], by=table.ed)

    assert moved.voided
    assert table.states() == []
    assert table.fresh().stage == "draft"


def test_a_move_within_what_was_accepted_keeps_the_approval() -> None:
    table = Table()
    table.approve()
    wall = table.post.wall + timedelta(hours=3)
    assert cost_of_moving(table.fresh(), wall=wall).keeps

    moved = move(table.fresh(), wall=wall, by=table.ed)

    assert moved.kept
    rows = Publication.objects.filter(origin_key=table.post.key, state="waiting")
    assert {row.due_at for row in rows} == {moved.post.due_at}
    assert table.states().count("canceled") == 2


def test_small_moves_do_not_add_up() -> None:
    table = Table()
    table.approve()
    once = move(table.fresh(), wall=table.post.wall + timedelta(hours=20), by=table.ed)
    assert cost_of_moving(once.post, wall=once.post.wall + timedelta(hours=20)).voids

    twice = move(once.post, wall=once.post.wall + timedelta(hours=20), by=table.ed)

    assert (once.kept, twice.voided) == (True, True)
    assert set(table.states()) == {"canceled"}


def test_a_move_while_somebody_decides_keeps_the_question_and_the_new_hour_counts() -> None:
    table = Table()
    wall = table.post.wall + timedelta(hours=2)
    assert move(table.fresh(), wall=wall, by=table.ed).kept

    table.approve()

    assert {row.wall for row in Publication.objects.filter(origin_key=table.post.key)} == {wall}


def test_what_is_out_stays_out_and_is_never_handed_over_again() -> None:
    table = Table()
    table.approve()
    first = Publication.objects.filter(origin_key=table.post.key).order_by("pk").first()
    assert first is not None
    Publication.objects.filter(pk=first.pk).update(state="published", remote_id="1")

    save_post(table.fresh(), version=1, by=table.ed, changes=PostChanges(text="Solo per l’altro canale."))
    pack = make_pack([table.fresh()], by=table.ed)
    question = asked(pack, table.cleo)[0]
    approve(question, by=table.cleo, digest=question.revision.digest, link=link_to(pack, table.cleo))

    assert table.states() == ["published", "canceled", "waiting"]


def test_what_is_wholly_out_is_neither_edited_nor_moved() -> None:
    table = Table()
    table.approve()
    Publication.objects.filter(origin_key=table.post.key).update(state="sending")
    Publication.objects.filter(origin_key=table.post.key).update(state="published")

    with pytest.raises(AlreadyOut):
        save_post(table.fresh(), version=1, by=table.ed, changes=PostChanges(text="Tardi."))
    with pytest.raises(AlreadyOut):
        move(table.fresh(), wall=in_days(9), by=table.ed)
    with pytest.raises(AlreadyOut):
        withdraw(table.question, by=table.cleo, link=table.link)
    assert table.question.state == "approved"


def test_a_rule_that_asks_nobody_schedules_by_hand_and_only_then() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    post = make_post(brand, [make_channel(brand)], by=ed)
    with pytest.raises(RuleAsks):
        schedule_post(post, by=ed)
    make_rule(brand, "none")
    with pytest.raises(NothingToAsk):
        make_pack([post], by=ed)

    scheduled = schedule_post(post, by=ed)

    assert [row.state for row in scheduled.publications] == ["waiting"]

"""The calendar's reading side: states as people see them, three chips a day, and always the same number of queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Role
from calendar_app import agenda
from calendar_app.agenda import Filters
from calendar_app.approval import approve
from calendar_app.drafting import MediaChoice, archive
from calendar_app.models import Post
from calendar_app.scheduling import schedule_post
from calendar_app.shown import STATES, shown_state, state_name
from publisher.models import Publication
from publisher.outbox import stop
from tests.calendar_app.make_plan import (
    asked,
    clock,
    in_days,
    link_to,
    make_asset,
    make_channel,
    make_client,
    make_pack,
    make_post,
    make_rule,
)
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def test_a_month_costs_the_same_queries_for_two_posts_and_for_many() -> None:
    brand = make_brand()
    channels = [make_channel(brand, "uno"), make_channel(brand, "due")]
    asset = make_asset(brand)
    for day in (3, 4):
        make_post(brand, channels, wall=clock(2027, 3, day, 9), media=(MediaChoice(asset.pk),))
    with CaptureQueriesContext(connection) as few:
        assert agenda.month(brand, 2027, 3).total == 2
    for number in range(60):
        make_post(brand, channels, wall=clock(2027, 3, 1 + number % 28, 10), media=(MediaChoice(asset.pk),))

    with CaptureQueriesContext(connection) as many:
        assert agenda.month(brand, 2027, 3).total == 62

    assert len(many) == len(few) <= 16


def test_a_day_shows_three_posts_or_two_and_the_number_of_the_others() -> None:
    brand = make_brand()
    channel = make_channel(brand)
    for hour in range(3):
        make_post(brand, [channel], wall=clock(2027, 3, 3, 9 + hour))
    for hour in range(5):
        make_post(brand, [channel], wall=clock(2027, 3, 4, 9 + hour))

    month = agenda.month(brand, 2027, 3)
    days = {day.on: day for day in month.days}

    assert (len(days[date(2027, 3, 3)].lines), days[date(2027, 3, 3)].more) == (3, 0)
    assert (len(days[date(2027, 3, 4)].lines), days[date(2027, 3, 4)].more) == (2, 3)
    assert len(agenda.day(brand, date(2027, 3, 4)).lines) == 5
    assert [day.on for day in month.agenda] == [date(2027, 3, 3), date(2027, 3, 4)]


def test_months_are_whole_weeks_and_know_holidays_in_the_readers_language() -> None:
    brand = make_brand(country="IT")
    with translation.override("it"):
        month = agenda.month(brand, 2026, 12)

    assert month.days[0].on == date(2026, 11, 30)
    assert month.days[-1].on == date(2027, 1, 3)
    named = {day.on: day.holiday for day in month.days}
    assert named[date(2026, 12, 25)] == "Natale"
    assert named[date(2026, 12, 8)] == "Immacolata Concezione"
    assert month.days[0].is_out
    assert (month.previous, month.next) == (date(2026, 11, 1), date(2027, 1, 1))
    with translation.override("en"):
        assert {day.on: day.holiday for day in agenda.month(brand, 2026, 12).days}[
            date(2026, 12, 25)
        ] == "Christmas Day"


def test_a_post_stands_on_the_day_its_clock_shows_wherever_it_is_read() -> None:
    brand = make_brand(zone="Pacific/Auckland")
    make_post(brand, [make_channel(brand)], wall=clock(2027, 3, 4, 0, 30))

    found = [day.on for day in agenda.month(brand, 2027, 3).agenda]

    assert found == [date(2027, 3, 4)]


def test_every_pill_counts_and_filters() -> None:
    brand = make_brand()
    first, second = make_channel(brand, "uno"), make_channel(brand, "due")
    make_rule(brand, "client")
    make_client(brand)
    wall = in_days(2)
    make_post(brand, [first], wall=wall, kind="promotional")
    sent = make_post(brand, [first, second], wall=wall)
    make_pack([sent])

    month = agenda.month(brand, wall.year, wall.month)
    narrowed = agenda.month(brand, wall.year, wall.month, filters=Filters(states=frozenset({"client"})))
    elsewhere = agenda.month(brand, wall.year, wall.month, filters=Filters(channels=frozenset({second.pk})))
    kinds = agenda.month(brand, wall.year, wall.month, filters=Filters(kinds=frozenset({"promotional"})))

    assert {state.name: count for state, count in month.states} == {"client": 1, "draft": 1}
    assert {sign.name: count for sign, count in month.channels} == {"uno": 2, "due": 1}
    assert (month.total, narrowed.total, elsewhere.total, kinds.total) == (2, 1, 1, 1)
    assert {state.name: count for state, count in narrowed.states} == {"client": 1, "draft": 1}
    assert (month.count_all, kinds.count_all) == (2, 2)


def test_a_pill_says_what_it_shows_beside_the_other_filters_and_stays_while_it_is_chosen() -> None:
    brand, other = make_brand(), make_brand(name="Altrove")
    first, second = make_channel(brand, "uno"), make_channel(brand, "due")
    foreign = make_channel(other, "di altri")
    make_rule(brand, "client")
    make_client(brand)
    wall = in_days(2)
    make_post(brand, [first], wall=wall, kind="promotional")
    make_pack([make_post(brand, [first, second], wall=wall)])
    chosen = Filters(
        states=frozenset({"client"}), kinds=frozenset({"promotional"}), channels=frozenset({second.pk, foreign.pk})
    )

    month = agenda.month(brand, wall.year, wall.month, filters=chosen)
    kinds = agenda.month(brand, wall.year, wall.month, filters=Filters(kinds=frozenset({"promotional"})))

    assert {state.name: count for state, count in kinds.states} == {"draft": 1}
    assert {sign.name: count for sign, count in kinds.channels} == {"uno": 1}
    assert kinds.kinds == {"promotional": 1, "informational": 1}
    assert month.total == 0
    assert {state.name: count for state, count in month.states} == {"client": 0}
    assert month.kinds == {"informational": 1, "promotional": 0}
    assert {sign.name: count for sign, count in month.channels} == {"due": 0}
    assert month.sorts.mix == {"informational": 1, "promotional": 1}


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (["waiting", "waiting"], "scheduled"),
        (["published", "waiting"], "scheduled"),
        (["published", "sending"], "sending"),
        (["published", "published"], "published"),
        (["published", "failed"], "failed"),
        (["waiting", "unknown"], "unknown"),
        (["published", "missed"], "missed"),
        (["held", "held"], "paused"),
        (["canceled", "published"], "published"),
    ],
)
def test_delivery_is_read_from_the_publications(states: list[str], shown: str) -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo = make_client(brand)
    post = make_post(brand, [make_channel(brand, "uno"), make_channel(brand, "due")])
    pack = make_pack([post])
    question = asked(pack, cleo)[0]
    approve(question, by=cleo, digest=question.revision.digest, link=link_to(pack, cleo))
    for row, state in zip(Publication.objects.order_by("pk"), states, strict=True):
        Publication.objects.filter(pk=row.pk).update(state=state)

    assert shown_state(Post.objects.get(pk=post.pk)).name == shown


def test_every_name_has_a_state_with_a_sign_of_its_own_meaning() -> None:
    assert {name: state.css for name, state in STATES.items()} == {
        "failed": "st-err",
        "unknown": "st-err",
        "missed": "st-err",
        "changes": "st-mod",
        "refused": "st-mod",
        "withdrawn": "st-mod",
        "client": "st-att",
        "draft": "st-bozza",
        "review": "st-rev",
        "approved": "st-app",
        "scheduled": "st-prog",
        "sending": "st-prog",
        "paused": "st-bozza",
        "published": "st-pub",
        "archived": "st-bozza",
    }
    for stage in ("draft", "in_review", "approved", "archived"):
        for decision in (None, "client:asked", "internal:asked", "client:approved", "client:refused", "client:void"):
            for delivery in (None, 1, 5, 9):
                name = state_name(stage=stage, decision=decision, delivery=delivery, is_stopped=True)
                assert name in STATES


def test_while_a_brand_is_stopped_what_is_scheduled_reads_paused() -> None:
    brand = make_brand()
    make_rule(brand, "none")
    wall = in_days(1)
    post = make_post(brand, [make_channel(brand)], wall=wall)
    agenda.month(brand, wall.year, wall.month)
    schedule_post(post, by=None)
    assert [state.name for state, _ in agenda.month(brand, wall.year, wall.month).states] == ["scheduled"]

    stop(scope="brand", brand=brand, reason="Aspettiamo.", by=None)

    month = agenda.month(brand, wall.year, wall.month)
    assert [state.name for state, _ in month.states] == ["paused"]
    assert month.is_stopped


def test_canceled_posts_leave_the_month() -> None:
    brand = make_brand()
    wall = in_days(2)
    archive(make_post(brand, [make_channel(brand)], wall=wall), by=None)

    assert agenda.month(brand, wall.year, wall.month).total == 0
    seen = agenda.month(brand, wall.year, wall.month, filters=Filters(states=frozenset({"archived"})))
    assert seen.total == 1


def test_the_home_page_speaks_of_ones_own_brands_only_in_a_fixed_number_of_queries() -> None:
    brand, other = make_brand(), make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    soon = in_days(0, 23)
    make_post(brand, [make_channel(brand)], wall=soon, title="Nostro")
    make_post(other, [make_channel(other)], wall=soon, title="Altrui")

    with CaptureQueriesContext(connection) as few:
        home = agenda.home_day(ed)
    for minute in range(8):
        make_post(brand, [make_channel(brand)], wall=soon - timedelta(minutes=minute))
    with CaptureQueriesContext(connection) as many:
        agenda.home_day(ed)

    assert [line.title for line in home.today] == ["Nostro"]
    assert len(few) == len(many) <= 16

"""What delivery and deadlines change upstairs: numbers that calendars read, letters, and questions that end."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.links import send_again
from accounts.models import OutgoingMail, Role, User
from calendar_app import deadlines, deliveries, tasks
from calendar_app.approval import approve, request_changes
from calendar_app.models import Alert, PackLink, Post
from calendar_app.shown import shown_state
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_channel,
    make_client,
    make_pack,
    make_post,
    make_rule,
)
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def out_of_the_door() -> tuple[Post, Publication, User]:
    """Return a scheduled post, its publication, and who asked."""
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    post = make_post(brand, [make_channel(brand)], by=ed)
    pack = make_pack([post], by=ed)
    question = asked(pack, cleo)[0]
    approve(question, by=cleo, digest=question.revision.digest, link=link_to(pack, cleo))
    return Post.objects.get(pk=post.pk), Publication.objects.get(), ed


def test_a_publication_that_is_out_raises_the_number_that_calendars_read() -> None:
    post, row, _ed = out_of_the_door()
    Publication.objects.filter(pk=row.pk).update(state="published")

    deliveries.note_delivery(row.pk)

    assert Post.objects.get(pk=post.pk).feed_sequence == post.feed_sequence + 1
    assert not Alert.objects.exists()


@pytest.mark.parametrize("state", ["failed", "unknown", "missed"])
def test_what_did_not_go_out_is_told_once_to_whoever_asked(state: str) -> None:
    _post, row, ed = out_of_the_door()
    Publication.objects.filter(pk=row.pk).update(state=state)

    deliveries.note_delivery(row.pk)
    deliveries.note_delivery(row.pk)
    tasks.sweep()

    alert = Alert.objects.get()
    assert (alert.user, alert.kind) == (ed, state)


def test_the_sweep_finds_what_lost_news_forgot_and_then_nothing_more() -> None:
    post, row, _ed = out_of_the_door()
    assert deliveries.sweep_deliveries() == 0
    later = timezone.now() + timedelta(seconds=5)
    Publication.objects.filter(pk=row.pk).update(state="missed", state_at=later)

    with time_machine.travel(later + timedelta(seconds=60), tick=False):
        assert deliveries.sweep_deliveries() == 1
        assert deliveries.sweep_deliveries() == 0
    assert Post.objects.get(pk=post.pk).feed_sequence == post.feed_sequence + 1
    assert Alert.objects.count() == 1


def test_trouble_before_the_hour_is_told() -> None:
    _post, row, ed = out_of_the_door()
    Publication.objects.filter(pk=row.pk).update(problem_code="channel_lost")

    deliveries.note_trouble(row.pk)
    deliveries.note_trouble(row.pk)

    alert = Alert.objects.get()
    assert (alert.user, alert.kind) == (ed, "troubled")


def test_after_the_deadline_questions_end_and_nothing_is_let_out() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    post = make_post(brand, [make_channel(brand)], by=ed, wall=in_days(20))
    pack = make_pack([post], by=ed)
    assert deadlines.expire_questions() == 0

    with time_machine.travel(pack.deadline_at + timedelta(minutes=1), tick=False):
        assert deadlines.expire_questions() == 1
        assert deadlines.expire_questions() == 0

    assert asked(pack, cleo)[0].state == "expired"
    assert shown_state(Post.objects.get(pk=post.pk)).name == "draft"
    assert Publication.objects.count() == 0
    assert OutgoingMail.objects.get(kind="decided").parts["lines"][0]["state"] == "expired"


def test_a_request_for_changes_is_told_within_the_hour_even_while_others_still_think() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    channel = make_channel(brand)
    pack = make_pack([make_post(brand, [channel], wall=in_days(3 + day)) for day in range(2)], by=ed)
    question = asked(pack, cleo)[0]
    request_changes(
        question, by=cleo, words="Un’altra foto.", digest=question.revision.digest, link=link_to(pack, cleo)
    )
    assert deadlines.tell_decisions() == 0
    assert not OutgoingMail.objects.filter(kind="decided").exists()

    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        deadlines.tell_decisions()
        deadlines.tell_decisions()

    assert OutgoingMail.objects.filter(kind="decided").count() == 1


def test_a_fresh_link_opens_the_packs_of_the_old_one() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo = make_client(brand)
    pack = make_pack([make_post(brand, [make_channel(brand)])])

    send_again(link_to(pack, cleo).public_id)

    assert PackLink.objects.filter(pack=pack).count() == 2


def test_the_sweep_clears_away_imports_that_died() -> None:
    post = make_post(make_brand(), [])
    Post.objects.filter(pk=post.pk).update(stage="staged")

    tasks.sweep()
    assert Post.every.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=7), tick=False):
        tasks.sweep()
    assert Post.every.count() == 0

"""What went wrong is told once and together: to who planned it and the managers, never to a client, never as a flood."""

import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import letters
from accounts.models import OutgoingMail, Role, User
from calendar_app import alerts, deliveries, tasks
from calendar_app.models import Alert, Post
from calendar_app.scheduling import schedule_post
from publisher.channels import mark_lost
from publisher.models import Publication
from tests.calendar_app.make_plan import make_channel, make_client, make_post, make_rule
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def scheduled(language: str = "en") -> tuple[Post, Publication, User, User]:
    """Return a scheduled post that Ed wrote, its publication, Ed, and Mara who manages the brand."""
    brand = make_brand()
    make_rule(brand, "none")
    make_client(brand)
    ed = make_member("Ed", brand, Role.EDITOR, language=language)
    mara = make_member("Mara", brand, Role.MANAGER, language=language)
    post = make_post(brand, [make_channel(brand)], by=ed)
    schedule_post(post, by=ed)
    return Post.objects.get(pk=post.pk), Publication.objects.get(), ed, mara


def copies(row: Publication, count: int, **fields: object) -> list[Publication]:
    """Return so many publications of the same post."""
    rows = []
    for _number in range(count):
        one = Publication.objects.get(pk=row.pk)
        one.pk, one.key = None, uuid.uuid4()
        for name, value in fields.items():
            setattr(one, name, value)
        rows.append(one)
    return Publication.objects.bulk_create(rows)


def minutes_later(minutes: float) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def troubles() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="troubles").order_by("pk"))


def test_two_hundred_failures_in_a_minute_are_one_letter_for_each_person() -> None:
    _post, row, ed, mara = scheduled()
    Publication.objects.filter(pk=row.pk).update(state="canceled")
    for one in copies(row, 200, state="failed", problem_code="not_allowed"):
        deliveries.note_delivery(one.pk)
    assert alerts.tell() == 0
    assert not troubles()

    assert alerts.tell(now=minutes_later(2)) == 2

    found = troubles()
    assert {letter.user for letter in found} == {ed, mara}
    for letter in found:
        assert (letter.parts["count"], len(letter.parts["lines"]), letter.parts["more"]) == (200, 8, 192)
    message = letters.write(found[0])
    assert message.subject == "Cantina Valdoro: 200 need a hand"
    assert "and 192 others" in message.body
    assert f"/b/{row.brand_id}/outgoing/" in message.body
    assert alerts.tell(now=minutes_later(3)) == 0


def test_what_goes_wrong_soon_after_a_letter_waits_for_the_next_one() -> None:
    _post, row, _ed, _mara = scheduled()
    Publication.objects.filter(pk=row.pk).update(state="failed", problem_code="refused")
    deliveries.note_delivery(row.pk)
    told_at = minutes_later(2)
    alerts.tell(now=told_at)
    for one in copies(row, 3, state="missed", problem_code="window_passed"):
        deliveries.note_delivery(one.pk)

    assert alerts.tell(now=told_at + timedelta(minutes=5)) == 0
    assert alerts.tell(now=told_at + timedelta(minutes=11)) == 2
    assert [letter.parts["count"] for letter in troubles()] == [1, 1, 3, 3]


def test_what_was_mended_before_its_letter_is_not_told() -> None:
    _post, row, _ed, _mara = scheduled()
    Publication.objects.filter(pk=row.pk).update(state="failed")
    deliveries.note_delivery(row.pk)
    Publication.objects.filter(pk=row.pk).update(state="published")

    assert alerts.tell(now=minutes_later(2)) == 0
    assert Alert.objects.filter(told_at=None).count() == 0


def test_a_client_hears_nothing_of_our_troubles() -> None:
    post, row, ed, mara = scheduled()
    Publication.objects.filter(pk=row.pk).update(state="unknown", problem_code="still_unknown")
    deliveries.note_delivery(row.pk)

    assert {alert.user for alert in Alert.objects.all()} == {ed, mara}
    assert alerts.people_for(post) == [ed, mara]


def test_a_lost_channel_and_the_posts_that_it_takes_along_are_one_letter_that_begins_with_the_cause() -> None:
    _post, row, _ed, mara = scheduled()
    mark_lost(row.channel, code="token_refused")
    deliveries.note_lost(row.channel_id)
    Publication.objects.filter(pk=row.pk).update(state="failed", problem_code="channel_lost")
    deliveries.note_delivery(row.pk)

    alerts.tell(now=minutes_later(2))

    letter = next(one for one in troubles() if one.user == mara)
    assert [line["kind"] for line in letter.parts["lines"]] == ["lost", "failed"]


def test_what_hangs_under_a_post_that_is_not_out_adds_no_alert_of_its_own() -> None:
    _post, row, _ed, _mara = scheduled()
    Publication.objects.filter(pk=row.pk).update(state="failed")
    (under,) = copies(row, 1, state="missed", kind="first_comment", after=row)
    deliveries.note_delivery(under.pk)
    assert not Alert.objects.exists()


def test_the_sweep_writes_the_letters_and_forgets_none_beyond_its_first_two_hundred() -> None:
    _post, row, ed, mara = scheduled()
    Publication.objects.filter(pk=row.pk).update(state="canceled")
    copies(row, 210, state="failed", problem_code="refused", state_at=timezone.now())

    deliveries.sweep_deliveries()
    deliveries.sweep_deliveries()

    assert Alert.objects.count() == 420
    with time_machine.travel(minutes_later(2), tick=False):
        tasks.sweep()
    assert {letter.user for letter in troubles()} == {ed, mara}
    assert len(troubles()) == 2


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("kind", ["failed", "unknown", "missed", "troubled", "lost"])
def test_a_single_trouble_is_told_by_name_in_the_readers_language(language: str, kind: str) -> None:
    post, row, _ed, _mara = scheduled(language)
    if kind == "lost":
        mark_lost(row.channel, code="token_refused")
        deliveries.note_lost(row.channel_id)
    elif kind == "troubled":
        Publication.objects.filter(pk=row.pk).update(problem_code="file_gone")
        deliveries.note_trouble(row.pk)
    else:
        Publication.objects.filter(pk=row.pk).update(state=kind, problem_code="not_allowed")
        deliveries.note_delivery(row.pk)

    alerts.tell(now=minutes_later(2))

    message = letters.write(troubles()[0])
    page = str(message.alternatives[0][0])
    assert row.channel.name in str(message.subject) or post.title in str(message.subject)
    assert "{{" not in str(message.body) + page
    assert 'class="button"' in page
    assert "http" in str(message.body)

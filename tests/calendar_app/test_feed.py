"""The calendar leaves: right hours, steady names, one number that rises, and nothing for whoever may not see it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import Membership, Role, User
from accounts.wall import instant
from calendar_app.approval import approve
from calendar_app.drafting import PostChanges, VariantChanges, archive, move, save_post
from calendar_app.feed import Options, address_of, calendar_bytes, file_of, make_feed, revoke
from calendar_app.models import Feed, Post
from tests.calendar_app.make_plan import (
    asked,
    clock,
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

EVERYTHING = {"state": "all"}


def events(data: bytes) -> dict[str, Any]:
    found = Calendar.from_ical(data)
    return {str(event["summary"]).rsplit(" · ", 1)[0]: event for event in found.walk("VEVENT")}


def approved_post(brand: Any, cleo: User, **changes: Any) -> Post:
    post = make_post(brand, [make_channel(brand)], **changes)
    pack = make_pack([post])
    question = asked(pack, cleo)[0]
    approve(question, by=cleo, digest=question.revision.digest, link=link_to(pack, cleo))
    return Post.objects.get(pk=post.pk)


@pytest.mark.parametrize(
    ("wall", "fold", "utc"),
    [
        (clock(2027, 3, 27, 12), None, "2027-03-27T11:00"),
        (clock(2027, 3, 28, 1, 59), None, "2027-03-28T00:59"),
        (clock(2027, 3, 28, 3), None, "2027-03-28T01:00"),
        (clock(2027, 3, 29, 12), None, "2027-03-29T10:00"),
        (clock(2027, 10, 30, 12), None, "2027-10-30T10:00"),
        (clock(2027, 10, 31, 2, 30), 0, "2027-10-31T00:30"),
        (clock(2027, 10, 31, 2, 30), 1, "2027-10-31T01:30"),
        (clock(2027, 11, 1, 12), None, "2027-11-01T11:00"),
    ],
)
def test_the_hour_on_the_clock_is_the_hour_in_the_calendar(wall: datetime, fold: int | None, utc: str) -> None:
    brand = make_brand(zone="Europe/Rome")
    ed = make_member("Ed", brand, Role.EDITOR)
    make_post(brand, [make_channel(brand)], wall=wall, fold=fold)
    with time_machine.travel(wall.replace(tzinfo=UTC) - timedelta(days=3), tick=False):
        data = file_of(brand=brand, by=ed)

    (event,) = events(data).values()

    assert event["dtstart"].dt == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert b"DTSTART:" + utc.replace("-", "").replace(":", "").encode() + b"00Z" in data


def test_an_event_says_all_that_a_calendar_needs_and_no_more() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo = make_client(brand)
    ed = make_member("Ed", brand, Role.EDITOR, language="it")
    post = approved_post(brand, cleo, text="Testo riservato.")
    feed, _secret = make_feed(user=ed, brand=brand, options={})

    data = calendar_bytes(feed)
    event = events(data)[post.title]

    assert str(event["uid"]) == f"{post.key}@palinsesto"
    assert event["dtstamp"].dt == event["last-modified"].dt == post.feed_changed_at.replace(microsecond=0)
    assert event["sequence"] == post.feed_sequence > 0
    assert event["duration"].dt == timedelta(minutes=15)
    assert (str(event["transp"]), str(event["status"])) == ("TRANSPARENT", "CONFIRMED")
    assert str(event["url"]).endswith(reverse("post", args=[post.pk]))
    assert len(event["categories"].cats) == 2
    assert "description" not in event
    assert b"METHOD" not in data
    assert b"Testo riservato" not in data
    assert Calendar.from_ical(data)["uid"] == f"feed-{feed.pk}@palinsesto"


def test_texts_come_only_where_they_were_asked_for() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    channels = [make_channel(brand, "uno"), make_channel(brand, "due")]
    make_post(brand, channels, variants={channels[1].pk: VariantChanges(text="Per il secondo.")})
    feed, _secret = make_feed(user=ed, brand=brand, options={"state": "all", "texts": True})

    (event,) = events(calendar_bytes(feed)).values()

    assert str(event["description"]) == "uno:\nStesso vino, abito nuovo.\n\ndue:\nPer il secondo."


def test_drafts_appear_only_when_asked_for_and_never_to_the_client() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    approved_post(brand, cleo, title="Approvato")
    make_post(brand, [make_channel(brand)], title="Bozza segreta")
    make_pack([make_post(brand, [make_channel(brand)], title="In attesa")])

    def seen(user: User, options: dict[str, Any]) -> set[str]:
        feed, _secret = make_feed(user=user, brand=brand, options=options)
        return set(events(calendar_bytes(feed)))

    assert seen(ed, {}) == {"Approvato"}
    assert seen(ed, EVERYTHING) == {"Approvato", "Bozza segreta", "In attesa"}
    assert seen(cleo, EVERYTHING) == {"Approvato", "In attesa"}


def test_states_are_tentative_until_approved_and_cancelled_for_thirty_days() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo, ed = make_client(brand), make_member("Ed", brand, Role.EDITOR)
    make_pack([make_post(brand, [make_channel(brand)], title="In attesa")])
    gone = archive(approved_post(brand, cleo, title="Annullato"), by=ed)
    feed, _secret = make_feed(user=ed, brand=brand, options=EVERYTHING)

    now = events(calendar_bytes(feed))
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31), tick=False):
        later = events(calendar_bytes(feed))

    assert {name: str(event["status"]) for name, event in now.items()} == {
        "In attesa": "TENTATIVE",
        "Annullato": "CANCELLED",
    }
    assert now["Annullato"]["sequence"] == gone.feed_sequence
    assert "Annullato" not in later


def test_every_distinct_hour_is_an_event_with_a_steady_name() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    channels = [make_channel(brand, name) for name in ("uno", "due", "tre")]
    wall = in_days(3)
    post = make_post(brand, channels, wall=wall, variants={channels[1].pk: VariantChanges(wall=wall.replace(hour=18))})
    feed, _secret = make_feed(user=ed, brand=brand, options=EVERYTHING)

    def names() -> dict[str, datetime]:
        found = Calendar.from_ical(calendar_bytes(feed)).walk("VEVENT")
        return {str(event["uid"]): event["dtstart"].dt for event in found}

    assert names() == {
        f"{post.key}@palinsesto": post.due_at,
        f"{post.key}-2@palinsesto": instant(wall=wall.replace(hour=18), zone=brand.zone),
    }
    before = set(names())
    move(post, wall=wall + timedelta(days=2), by=ed)
    assert set(names()) == before


def test_a_feed_can_carry_some_channels_only() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    one, two = make_channel(brand, "uno"), make_channel(brand, "due")
    make_post(brand, [one], title="Solo uno")
    make_post(brand, [two], title="Solo due")
    feed, _secret = make_feed(user=ed, brand=brand, options={"state": "all", "channels": [two.pk]})

    assert set(events(calendar_bytes(feed))) == {"Solo due"}


def test_the_number_rises_with_every_change_and_the_bytes_stay_without_one() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    post = make_post(brand, [make_channel(brand)])
    feed, _secret = make_feed(user=ed, brand=brand, options=EVERYTHING)
    first = calendar_bytes(feed)
    assert calendar_bytes(feed) == first

    save_post(post, version=1, by=ed, changes=PostChanges(title="Altro"))

    (event,) = events(calendar_bytes(feed)).values()
    assert event["sequence"] == 1
    assert str(event["uid"]) == f"{post.key}@palinsesto"


def test_nothing_typed_becomes_a_line_of_the_file() -> None:
    brand = make_brand(name="Cantina\r\nX-EVIL:1")
    ed = make_member("Ed", brand, Role.EDITOR)
    title = "A\r\nATTENDEE:mailto:x; b, c \\ " + "😀" * 40
    make_post(brand, [make_channel(brand, "Ca\nTRANSP:OPAQUE")], title=title, text="x\r\nEND:VEVENT\x00\x07")
    feed, _secret = make_feed(user=ed, brand=brand, options={"state": "all", "texts": True})

    data = calendar_bytes(feed)

    names = [line.partition(b":")[0].partition(b";")[0] for line in data.replace(b"\r\n ", b"").split(b"\r\n")]
    assert b"ATTENDEE" not in names
    assert b"X-EVIL" not in names
    assert names.count(b"TRANSP") == names.count(b"BEGIN") - 1 == 1
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert str(event["summary"]).startswith(title.replace("\r\n", "\n"))
    assert str(event["description"]) == "x\nEND:VEVENT"


def test_the_address_answers_with_a_tag_and_then_with_nothing_new(client: Client) -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    post = make_post(brand, [make_channel(brand)])
    _feed, secret = make_feed(user=ed, brand=brand, options=EVERYTHING)

    answer = client.get(address_of(secret))
    again = client.get(address_of(secret), headers={"If-None-Match": answer.headers["ETag"]})
    save_post(post, version=1, by=ed, changes=PostChanges(title="Altro"))
    changed = client.get(address_of(secret), headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert Feed.objects.get().used_at is not None
    assert secret not in str(Feed.objects.values())


def test_a_revoked_feed_and_a_feed_of_who_left_are_not_there(client: Client) -> None:
    brand = make_brand()
    ed, mo = make_member("Ed", brand, Role.EDITOR), make_member("Mo", brand, Role.MODERATOR)
    first, second = (make_feed(user=user, brand=brand, options={}) for user in (ed, mo))
    assert client.get(address_of(first[1])).status_code == 200

    revoke(first[0], by=ed)
    Membership.objects.filter(user=mo).delete()

    assert client.get(address_of(first[1])).status_code == 404
    assert client.get(address_of(second[1])).status_code == 404
    assert client.get(address_of("x" * 43)).status_code == 404


def test_a_feed_never_carries_another_brands_posts(client: Client) -> None:
    brand, other = make_brand(), make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    make_post(brand, [make_channel(brand)], title="Nostro")
    make_post(other, [make_channel(other)], title="CANARINO")
    _feed, secret = make_feed(user=ed, brand=None, options=EVERYTHING)

    data = client.get(address_of(secret)).content

    assert b"Nostro" in data
    assert b"CANARINO" not in data


def test_a_program_that_asks_without_end_is_told_to_wait(client: Client) -> None:
    brand = make_brand()
    _feed, secret = make_feed(user=make_member("Ed", brand, Role.EDITOR), brand=brand, options={})
    with time_machine.travel(datetime(2027, 3, 4, 12, tzinfo=UTC), tick=False):
        codes = [client.get(address_of(secret)).status_code for _ in range(121)]
        answer = client.get(address_of(secret))

    assert codes[0] == 200
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_the_file_costs_the_same_queries_for_few_posts_and_for_many(django_assert_max_num_queries: Any) -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    channels = [make_channel(brand, "uno"), make_channel(brand, "due")]
    for _ in range(30):
        make_post(brand, channels)

    with django_assert_max_num_queries(10):
        file_of(brand=brand, by=ed, options=Options(only_approved=False, texts=True))

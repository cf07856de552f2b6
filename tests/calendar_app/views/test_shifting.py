"""Another day at the same hour: what it costs is said before, what cannot be is said with its reason, nothing half moves."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Role
from accounts.wall import exists, instant, is_twice
from calendar_app.approval import approve
from calendar_app.drafting import VariantChanges
from calendar_app.models import Post
from calendar_app.views.moving import said
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

# Days on which clocks are put forward and back; Kathmandu’s never are.
CHANGES = {
    "Europe/Rome": [date(2027, 3, 28), date(2027, 10, 31)],
    "America/New_York": [date(2027, 3, 14), date(2027, 11, 7)],
    "Australia/Lord_Howe": [date(2027, 4, 4), date(2027, 10, 3)],
    "Asia/Kathmandu": [date(2027, 3, 28), date(2027, 10, 31)],
}


def shifted(client: Client, post: Post, **values: Any) -> dict[str, Any]:
    said: dict[str, Any] = client.post(f"/posts/{post.pk}/shift/", values).json()
    return said


def signed_in(post: Post, role: Role = Role.EDITOR) -> Client:
    client = Client()
    client.force_login(make_member("Ed", post.brand, role, language="it"))
    return client


def test_a_day_keeps_the_hour_and_the_way_back_is_told() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)], wall=in_days(3))
    client = signed_in(post)
    said = shifted(client, post, to=str(in_days(5).date()), version=post.version)
    assert Post.objects.get(pk=post.pk).wall == datetime.combine(in_days(5).date(), post.wall.time())
    assert said["undo"] == post.wall.isoformat(timespec="minutes")

    assert "why" not in shifted(client, post, to=said["undo"], version=said["version"])
    assert Post.objects.get(pk=post.pk).wall == post.wall


@pytest.mark.parametrize("typed", ["", "ieri", "2027-02-30", "2027-13-01T10:00", "9" * 40, "9999-12-31", "2150-01-01T10:00"])
def test_what_is_no_day_moves_nothing(typed: str) -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)])
    assert shifted(signed_in(post), post, to=typed)["why"]
    assert Post.objects.get(pk=post.pk).version == post.version


def test_the_past_what_is_stale_and_a_missing_hour_are_refused_with_their_reasons() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)], wall=clock(2027, 3, 27, 2, 30))
    client = signed_in(post)
    whys = [
        shifted(client, post, to="2026-01-01")["why"],
        shifted(client, post, to="2027-03-29", version=post.version + 1)["why"],
        shifted(client, post, to="2027-03-28")["why"],
    ]
    assert len(set(whys)) == 3
    assert "ora legale" in whys[2]
    assert Post.objects.get(pk=post.pk).version == post.version


def test_where_the_clock_shows_an_hour_twice_the_first_one_is_taken() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)], wall=clock(2027, 10, 30, 2, 30))
    assert "why" not in shifted(signed_in(post), post, to="2027-10-31")
    fresh = Post.objects.get(pk=post.pk)
    assert fresh.due_at == instant(wall=clock(2027, 10, 31, 2, 30), zone=brand.zone, fold=0)


def test_an_approval_that_would_end_is_said_before_and_within_what_was_accepted_nobody_is_asked() -> None:
    brand = make_brand()
    make_rule(brand, "client", redate_within=timedelta(hours=30))
    cleo = make_client(brand)
    post = make_post(brand, [make_channel(brand)], wall=in_days(5))
    pack = make_pack([post])
    [one] = asked(pack, cleo)
    approve(one, by=cleo, digest=one.revision.digest, link=link_to(pack, cleo))
    client = signed_in(post)
    far, near = str(in_days(9).date()), str(in_days(6).date())

    assert "non vale più" in client.get(f"/posts/{post.pk}/shift/", {"to": far}).json()["asks"]
    assert client.get(f"/posts/{post.pk}/shift/", {"to": near}).json() == {"asks": ""}
    assert Post.objects.get(pk=post.pk).stage == "approved"
    assert "resta valida" in shifted(client, post, to=near)["said"]
    assert Post.objects.get(pk=post.pk).stage == "approved"
    assert AuditEntry.objects.filter(verb="post.moved", subject_id=post.pk).count() == 1
    assert shifted(client, post, to=far, agreed="yes")["undo"] == ""
    assert Post.objects.get(pk=post.pk).stage == "draft"


@st.composite
def moves(draw: st.DrawFn) -> tuple[str, datetime, int, date]:
    """An hour of the night in a zone, first or second where it comes twice, and another day, both near a change."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    on, to = (draw(st.sampled_from(CHANGES[zone])) + timedelta(days=draw(st.integers(-1, 1))) for _side in "ab")
    start = datetime.combine(on, time()) + timedelta(minutes=15 * draw(st.integers(0, 16)))
    assume(exists(wall=start, zone=zone))
    return zone, start, int(draw(st.booleans()) and is_twice(wall=start, zone=zone)), to


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(move=moves())
def test_dragged_taken_back_and_moved_by_form_a_post_keeps_its_hour_on_the_wall(
    move: tuple[str, datetime, int, date],
) -> None:
    zone, start, fold, to = move
    brand = make_brand(zone=zone)
    post = make_post(brand, [make_channel(brand)], wall=start, fold=fold)
    client, wanted = signed_in(post), datetime.combine(to, start.time())
    said = shifted(client, post, to=str(to))
    dragged = Post.objects.get(pk=post.pk)
    if not exists(wall=wanted, zone=zone):
        assert "why" in said
        assert (dragged.wall, dragged.due_at) == (post.wall, post.due_at)
        return
    assert (dragged.wall, dragged.due_at) == (wanted, instant(wall=wanted, zone=zone, fold=0))
    assert "why" not in shifted(client, post, to=said["undo"], version=said["version"])
    back = Post.objects.get(pk=post.pk)
    assert (back.wall, back.fold, back.due_at) == (start, fold, post.due_at)
    for one in (0, 1) if is_twice(wall=wanted, zone=zone) else (0,):
        client.post(f"/posts/{post.pk}/move/", {"on": str(to), "at": f"{wanted:%H:%M}", "fold": one})
        typed = Post.objects.get(pk=post.pk)
        assert (typed.wall, typed.due_at) == (wanted, instant(wall=wanted, zone=zone, fold=one))


def test_a_channel_s_own_hour_meets_the_change_of_clocks_with_a_reason_or_its_first_hour() -> None:
    brand = make_brand()
    one, two = make_channel(brand), make_channel(brand, "In bottega")
    own = {two.pk: VariantChanges(wall=clock(2027, 3, 26, 2, 30))}
    post = make_post(brand, [one, two], wall=clock(2027, 3, 26, 12), variants=own)
    client = signed_in(post)
    for answer in (client.get(f"/posts/{post.pk}/shift/", {"to": "2027-03-28"}).json(), shifted(client, post, to="2027-03-28")):
        assert "In bottega" in answer["why"]
        assert "02:30" in answer["why"]
    form = client.post(f"/posts/{post.pk}/move/", {"on": "2027-03-28", "at": "12:00"})
    assert (form.status_code, Post.objects.get(pk=post.pk).wall) == (422, post.wall)
    assert "why" not in shifted(client, post, to="2027-10-31")
    assert post.variants.get(channel=two).wall == clock(2027, 10, 31, 2, 30)


def test_the_way_back_finds_the_second_of_two_equal_hours() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)], wall=clock(2027, 10, 31, 2, 30), fold=1)
    client = signed_in(post)
    said = shifted(client, post, to="2027-11-02")
    assert "why" not in shifted(client, post, to=said["undo"])
    assert Post.objects.get(pk=post.pk).due_at == post.due_at


def test_italian_writes_days_and_months_small() -> None:
    with override("it"):
        assert said(datetime(2026, 11, 26, 9, 30)) == "giovedì 26 novembre, 09:30"  # noqa: DTZ001  (a wall-clock hour)

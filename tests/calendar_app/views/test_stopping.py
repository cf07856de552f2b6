"""The hand on one post, lifting it, and what lost its hour: one by one or all at once, through the calendar’s own door."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.wall import wall_of
from calendar_app.approval import stop_post
from calendar_app.models import Post
from calendar_app.views.missed import Lost, days_ahead
from publisher.models import Publication, Stop
from tests.calendar_app.make_plan import in_days, link_to, make_channel, make_pack, make_post, make_rule
from tests.calendar_app.views.make_desk import Office, make_office
from tests.make import make_member

pytestmark = pytest.mark.django_db


def scheduled(office: Office, *, title: str = "La nuova etichetta", days: float = 2, more: int = 0) -> Post:
    """Return a scheduled post."""
    make_rule(office.brand, "none")
    channels = [office.channel, *(make_channel(office.brand, f"Canale {number}") for number in range(more))]
    post = make_post(office.brand, channels, by=office.mara, title=title, wall=in_days(days))
    office.browser.post(f"/posts/{post.pk}/schedule/")
    return post


def miss(post: Post, *, hours: float = 20, **fields: object) -> None:
    """Let the hour of a post pass."""
    was = timezone.now() - timedelta(hours=hours)
    wall = in_days(-hours / 24).replace(hour=12)
    Post.objects.filter(pk=post.pk).update(due_at=was, wall=wall)
    usual = {"state": "missed", "due_at": was, "late_after": was, "problem_code": "window_passed_stopped"}
    Publication.objects.filter(origin_key=post.key).update(**{**usual, "state_at": timezone.now(), **fields})


def test_a_colleague_stops_one_post_with_a_reason_and_lets_it_go() -> None:
    office = make_office()
    post = scheduled(office)
    assert f"/posts/of/{post.key}/stop/" in office.browser.get(f"/posts/{post.pk}/").content.decode()
    assert office.browser.post(f"/posts/of/{post.key}/stop/", {"reason": "  "}).status_code == 422
    office.browser.post(f"/posts/of/{post.key}/stop/", {"reason": "La foto è sbagliata."})
    stop = Stop.objects.get()
    assert (stop.scope, stop.origin_key, stop.reason, stop.by) == ("post", post.key, "La foto è sbagliata.", office.mara)
    page = office.browser.get(f"/posts/{post.pk}/").content.decode()
    assert "La foto è sbagliata." in page
    assert f"/posts/of/{post.key}/stop/" not in page
    office.browser.post(f"/posts/of/{post.key}/lift/")
    stop.refresh_from_db()
    assert stop.lifted_by == office.mara


def test_what_the_client_stopped_the_agency_does_not_lift() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    post = make_post(office.brand, [office.channel], by=office.mara)
    link = link_to(make_pack([post], by=office.mara), office.cleo)
    stop_post(post, by=office.cleo, link=link, reason="Aspettiamo.")
    page = office.browser.get(f"/posts/{post.pk}/").content.decode()
    assert "Aspettiamo." in page
    assert "/lift/" not in page
    page = office.browser.get(f"/b/{office.brand.pk}/stops/").content.decode()
    assert "only the client can lift the stop" in page
    assert f">{post.title}</a>" in page
    answer = office.browser.post(f"/posts/of/{post.key}/lift/", follow=True)
    assert "only the client can lift the stop" in answer.content.decode()
    assert Stop.objects.get().lifted_at is None


def test_lifting_a_post_whose_hour_passed_leads_to_a_new_hour_and_sends_nothing() -> None:
    office = make_office()
    post = scheduled(office)
    office.browser.post(f"/posts/of/{post.key}/stop/", {"reason": "Prova"})
    miss(post)
    answer = office.browser.post(f"/posts/of/{post.key}/lift/")
    assert answer.headers["Location"] == f"/posts/{post.pk}/move/"
    assert Publication.objects.get().state == "missed"


def test_lifting_a_brands_stop_leads_to_the_list_of_what_it_cost() -> None:
    office = make_office()
    lost, other = scheduled(office, title="Perduto"), scheduled(office, title="Un altro")
    miss(other, problem_code="window_passed", state_at=timezone.now() - timedelta(days=1))
    office.browser.post(f"/b/{office.brand.pk}/stops/", {"reach": "brand", "reason": "Un lutto"})
    miss(lost)
    answer = office.browser.post(f"/b/{office.brand.pk}/stops/{Stop.objects.get().pk}/lift/", follow=True)
    page = answer.content.decode()
    assert "Perduto" in page
    assert "Un altro" not in page
    assert "The time of 1 post passed" in page


def test_all_that_was_missed_moves_by_whole_days_and_keeps_its_distances() -> None:
    office = make_office()
    first, second = scheduled(office, title="Primo"), scheduled(office, title="Secondo")
    miss(first, hours=44)
    miss(second, hours=20)
    address = f"/b/{office.brand.pk}/missed/"
    page = office.browser.get(address)
    days = page.context["days"]
    before = {post.pk: post.wall for post in Post.objects.all()}
    office.browser.post(address, {"post": [first.pk, second.pk], "act": str(days)})
    for post in Post.objects.all():
        assert post.wall == before[post.pk] + timedelta(days=days)
        assert post.due_at > timezone.now()


def test_ticked_ones_are_given_up_and_the_others_stay() -> None:
    office = make_office()
    first, second = scheduled(office, title="Primo"), scheduled(office, title="Secondo")
    miss(first)
    miss(second)
    office.browser.post(f"/b/{office.brand.pk}/missed/", {"post": [first.pk], "act": "drop"})
    states = {row.origin_key: row.state for row in Publication.objects.all()}
    assert states == {first.key: "canceled", second.key: "missed"}
    office.browser.post(f"/b/{office.brand.pk}/missed/", {"act": "drop"})
    assert Publication.objects.get(origin_key=second.key).state == "missed"


def test_what_was_missed_on_one_channel_moves_though_the_post_is_out_on_another() -> None:
    office = make_office()
    post = scheduled(office, more=1)
    miss(post, hours=2)
    out = Publication.objects.filter(origin_key=post.key).order_by("pk")[0]
    Publication.objects.filter(pk=out.pk).update(state="published", published_at=timezone.now())
    Publication.objects.update(redate_within=timedelta(days=5))
    assert "for Canale 0 alone" in office.browser.get(f"/posts/{post.pk}/move/").content.decode()
    later = wall_of(at=timezone.now() + timedelta(hours=3), zone=post.zone)
    office.browser.post(f"/posts/{post.pk}/move/", {"on": f"{later:%Y-%m-%d}", "at": f"{later:%H:%M}"})
    rows = {row.channel.name: row for row in Publication.objects.exclude(state="canceled").select_related("channel")}
    assert rows["Canale 0"].state == "waiting"
    assert rows["Canale 0"].due_at > timezone.now()
    assert rows[office.channel.name].state == "published"


def test_beyond_what_was_agreed_the_rest_of_a_post_does_not_move() -> None:
    office = make_office()
    post = scheduled(office, more=1)
    miss(post, hours=2)
    out = Publication.objects.filter(origin_key=post.key).order_by("pk")[0]
    Publication.objects.filter(pk=out.pk).update(state="published", published_at=timezone.now())
    Publication.objects.update(redate_within=timedelta(hours=1))
    answer = office.browser.post(f"/posts/{post.pk}/move/", {"on": f"{in_days(9):%Y-%m-%d}", "at": "12:00"})
    assert answer.status_code == 422
    assert "Part of this post is out already" in answer.content.decode()


def test_a_moderator_stops_a_post_but_gives_no_new_hours() -> None:
    office = make_office()
    post = scheduled(office)
    miss(post)
    office.browser.force_login(make_member("Mo", office.brand, Role.MODERATOR))
    assert office.browser.get(f"/posts/of/{post.key}/stop/").status_code == 200
    assert office.browser.post(f"/b/{office.brand.pk}/missed/", {"post": [post.pk], "act": "1"}).status_code == 403
    assert office.browser.get(f"/posts/of/{uuid.uuid4()}/stop/").status_code == 404


def test_the_days_ahead_are_the_fewest_that_bring_the_earliest_into_the_future() -> None:
    office = make_office()
    post = Post(brand=office.brand, zone="Europe/Rome", wall=in_days(-3).replace(hour=12))
    days = days_ahead([Lost(post, [])])
    assert post.wall + timedelta(days=days) > in_days(0).replace(hour=0)
    assert days in {3, 4}

"""What goes out: three lists, a sentence and a button for each trouble, and the hand on the brake."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from publisher.models import Publication, Stop
from tests.calendar_app.make_plan import in_days, make_post, make_rule
from tests.calendar_app.views.make_desk import Office, cost_of, make_office
from tests.make import make_member

pytestmark = pytest.mark.django_db


def on_the_way(office: Office, **fields: object) -> Publication:
    """Return a row that a scheduled post left in the outbox, in a state of choice."""
    make_rule(office.brand, "none")
    post = make_post(office.brand, [office.channel], by=office.mara, wall=in_days(2))
    office.browser.post(f"/posts/{post.pk}/schedule/")
    Publication.objects.filter(origin_key=post.key).update(**fields)
    return Publication.objects.get(origin_key=post.key)


def test_what_is_about_to_go_stands_with_its_hour_and_leads_to_its_post() -> None:
    office = make_office()
    row = on_the_way(office)
    page = office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode()
    assert "Stesso vino, abito nuovo." in page
    assert f"/posts/of/{row.origin_key}/" in page


def test_what_is_out_says_by_how_much_it_was_late_and_where_it_is() -> None:
    office = make_office()
    on_the_way(office, state="published", published_at=timezone.now(), lag_ms=400, url="https://social.example/1")
    page = office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode()
    assert "0.4 s after the hour" in page
    assert 'href="https://social.example/1"' in page


def test_what_failed_has_a_sentence_and_can_be_tried_again_or_dropped() -> None:
    office = make_office()
    row = on_the_way(office, state="failed", problem_code="text_too_long", problem_values={"over": 3, "limit": 500})
    page = office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode()
    assert "3 letters too many" in page
    office.browser.post(f"/publications/{row.pk}/retry/")
    row.refresh_from_db()
    assert row.state == "waiting"
    Publication.objects.update(state="failed")
    office.browser.post(f"/publications/{row.pk}/drop/")
    row.refresh_from_db()
    assert row.state == "canceled"


def test_whether_something_is_out_is_settled_with_its_address() -> None:
    office = make_office()
    row = on_the_way(office, state="unknown", problem_code="answer_lost")
    page = office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode()
    assert "Is it out?" in page
    office.browser.post(f"/publications/{row.pk}/settle/", {"is_out": "yes", "url": "https://social.example/9"})
    row.refresh_from_db()
    assert (row.state, row.url) == ("published", "https://social.example/9")


def test_an_address_that_is_a_program_is_not_kept() -> None:
    office = make_office()
    row = on_the_way(office, state="unknown")
    office.browser.post(f"/publications/{row.pk}/settle/", {"is_out": "yes", "url": "javascript:alert(1)"})
    row.refresh_from_db()
    assert row.url == ""


def test_too_late_is_said_instead_of_pretended() -> None:
    office = make_office()
    row = on_the_way(office, state="failed", late_after=timezone.now() - timedelta(hours=1))
    answer = office.browser.post(f"/publications/{row.pk}/retry/", follow=True)
    assert "Nothing was sent" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "failed"


def test_a_button_returns_to_its_page_and_never_to_another_host() -> None:
    office = make_office()
    row = on_the_way(office, state="failed")
    answer = office.browser.post(f"/publications/{row.pk}/retry/", {"back": "https://evil.example/"})
    assert answer.headers["Location"] == f"/b/{office.brand.pk}/outgoing/"


def test_a_moderator_reads_but_does_not_decide_about_posts() -> None:
    office = make_office()
    row = on_the_way(office, state="failed")
    office.browser.force_login(make_member("Mo", office.brand, Role.MODERATOR))
    assert office.browser.get(f"/b/{office.brand.pk}/outgoing/").status_code == 200
    assert office.browser.post(f"/publications/{row.pk}/retry/").status_code == 403


def test_stopping_asks_why_says_what_stops_and_lifting_gives_it_back() -> None:
    office = make_office()
    on_the_way(office)
    address = f"/b/{office.brand.pk}/stops/"
    assert "1 publication of Cantina Valdoro is waiting" in office.browser.get(address).content.decode()
    assert office.browser.post(address, {"reach": "brand", "reason": ""}).status_code == 422
    office.browser.post(address, {"reach": "brand", "reason": "Un lutto in azienda"})
    stop = Stop.objects.get()
    assert stop.brand == office.brand
    assert "Un lutto in azienda" in office.browser.get("/").content.decode()
    office.browser.post(f"/b/{office.brand.pk}/stops/{stop.pk}/lift/")
    stop.refresh_from_db()
    assert stop.lifted_at is not None


def test_only_whoever_reaches_the_agency_stops_the_agency() -> None:
    office = make_office()
    assert office.browser.post(f"/b/{office.brand.pk}/stops/", {"reach": "agency", "reason": "x"}).status_code == 422
    assert not Stop.objects.exists()


def test_lifting_lists_what_was_missed_meanwhile() -> None:
    office = make_office()
    row = on_the_way(office)
    office.browser.post(f"/b/{office.brand.pk}/stops/", {"reach": "brand", "reason": "Attesa"})
    Publication.objects.filter(pk=row.pk).update(state="held", late_after=timezone.now() - timedelta(minutes=1))
    answer = office.browser.post(f"/b/{office.brand.pk}/stops/{Stop.objects.get().pk}/lift/", follow=True)
    page = answer.content.decode()
    assert "The hour of 1 post passed" in page
    assert "Give it a new hour" in page


def test_the_page_costs_the_same_for_two_rows_and_for_ten() -> None:
    office = make_office()
    counts = []
    for more in (2, 8):
        for _number in range(more):
            on_the_way(office)
        counts.append(len(cost_of(office, f"/b/{office.brand.pk}/outgoing/")))
    assert counts[0] == counts[1]

"""What goes out: three lists, a sentence and a button for each trouble, and the hand on the brake."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role
from publisher.models import Attempt, Profile, Publication, Stop
from publisher.waiting import pauses_for, why_waiting
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
    assert "+0.4 s" in page
    assert 'href="https://social.example/1"' in page


def test_what_failed_has_a_sentence_and_can_be_tried_again_or_dropped() -> None:
    office = make_office()
    row = on_the_way(office, state="failed", problem_code="text_too_long", problem_values={"over": 3, "limit": 500})
    page = office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode()
    assert "3 characters too many" in page
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


def test_what_is_stopped_is_not_offered_again_and_a_second_hand_on_the_brake_is_no_mistake() -> None:
    office = make_office()
    on_the_way(office)
    address = f"/b/{office.brand.pk}/stops/"
    assert 'value="brand"' in office.browser.get(address).content.decode()
    office.browser.post(address, {"reach": "brand", "reason": "Un lutto"})
    page = office.browser.get(address).content.decode()
    assert 'value="brand"' not in page
    assert 'value="channel:' in page
    assert "is waiting" not in page
    assert office.browser.post(address, {"reach": "brand", "reason": "Un lutto"}).status_code == 302


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
    assert "The time of 1 post passed" in page
    assert "Choose a new time" in page


def tried(row: Publication, number: int, **fields: Any) -> Attempt:
    """Return a try of a publication."""
    left_at = timezone.now() - timedelta(minutes=10 - number)
    usual = {"act": "publish", "fence": number, "owner": "clock", "started_at": left_at, "deadline_at": left_at}
    return Attempt.objects.create(publication=row, number=number, finished_at=left_at, **{**usual, **fields})


def in_doubt(office: Office) -> Publication:
    """Return a publication whose answer was lost and which a look-up did not recognise."""
    row = on_the_way(office, state="unknown", problem_code="still_unknown")
    tried(row, 1, outcome="unknown", note="answer_lost", status=502)
    nearest = [{"id": "77", "url": "https://social.example/@v/77", "at": "2026-12-01T11:00:02+00:00", "text": "Stesso vino"}]
    tried(row, 2, act="find", outcome="unknown", seen={"read": 40, "complete": False, "nearest": nearest})
    return row


def page_of(office: Office, query: str = "") -> str:
    return office.browser.get(f"/b/{office.brand.pk}/outgoing/{query}").content.decode()


def test_whoever_decides_about_a_doubt_sees_what_was_sent_beside_what_was_seen() -> None:
    office = make_office()
    in_doubt(office)
    page = page_of(office)
    assert "Sent: the connection broke before the answer came (the server answered 502)" in page
    assert "We read 40 posts of the profile and did not recognise it." in page
    assert "The platform may not have shown us all of them." in page
    assert 'href="https://social.example/@v/77"' in page
    assert 'value="seen:77"' in page


def test_one_of_the_posts_that_were_seen_is_it_and_what_hangs_under_it_goes() -> None:
    office = make_office()
    row = in_doubt(office)
    under = Publication.objects.get(pk=row.pk)
    under.pk, under.key, under.kind, under.state, under.after = None, uuid.uuid4(), "first_comment", "waiting", row
    under.next_at = None
    under.save(force_insert=True)
    office.browser.post(f"/publications/{row.pk}/settle/", {"is_out": "seen:77"})
    row.refresh_from_db()
    under.refresh_from_db()
    assert (row.state, row.remote_id, row.url) == ("published", "77", "https://social.example/@v/77")
    assert (under.reply_to, under.next_at) == ("77", under.due_at)


def test_nobody_says_no_while_we_are_still_looking_by_ourselves() -> None:
    office = make_office()
    row = on_the_way(office, state="unknown", next_at=timezone.now() + timedelta(seconds=20))
    page = page_of(office)
    assert "We are still looking for it" in page
    assert 'value="no"' not in page
    office.browser.post(f"/publications/{row.pk}/settle/", {"is_out": "no"})
    row.refresh_from_db()
    assert row.state == "unknown"
    Publication.objects.update(next_at=None)
    office.browser.post(f"/publications/{row.pk}/settle/", {"is_out": "no"})
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_post_that_no_look_up_saw_cannot_be_claimed() -> None:
    office = make_office()
    row = in_doubt(office)
    assert office.browser.post(f"/publications/{row.pk}/settle/", {"is_out": "seen:78"}).status_code == 404
    office.browser.post(f"/publications/{row.pk}/settle/", {})
    row.refresh_from_db()
    assert row.state == "unknown"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"paused_until": 20}, "The platform asks this account to wait until"),
        ({"breaker_until": 20}, "The server failed several times."),
    ],
)
def test_what_waits_says_why(fields: dict[str, int], words: str) -> None:
    office = make_office()
    row = on_the_way(office, due_at=timezone.now() + timedelta(minutes=5))
    until = {name: timezone.now() + timedelta(minutes=minutes) for name, minutes in fields.items()}
    Profile.objects.filter(pk=row.profile_id).update(**until)
    assert words in page_of(office, "?state=soon")


def test_a_pause_that_ends_before_the_hour_keeps_nothing() -> None:
    office = make_office()
    row = on_the_way(office)
    Profile.objects.filter(pk=row.profile_id).update(paused_until=timezone.now() + timedelta(minutes=20))
    row.profile.refresh_from_db()
    assert why_waiting(row, pauses_for([office.brand])) == ""


def test_few_calls_left_are_shown_beside_the_channel() -> None:
    office = make_office()
    row = on_the_way(office)
    quota = {"left": 12, "limit": 300, "reset_at": (timezone.now() + timedelta(hours=1)).isoformat()}
    Profile.objects.filter(pk=row.profile_id).update(quota=quota)
    assert "The platform allows 12 more calls until" in page_of(office)
    Profile.objects.filter(pk=row.profile_id).update(quota={**quota, "left": 280})
    assert "The platform allows" not in page_of(office)


def test_a_stop_is_named_beside_what_it_holds_even_before_the_hour() -> None:
    office = make_office()
    on_the_way(office)
    office.browser.post(f"/b/{office.brand.pk}/stops/", {"reach": "brand", "reason": "Un lutto in azienda"})
    page = page_of(office)
    assert "Stopped by Mara: “Un lutto in azienda”" in page
    assert "Paused</span>" in page
    assert "Scheduled</span>" not in page


def test_lists_are_capped_and_the_rest_is_a_page_away() -> None:
    office = make_office()
    row = on_the_way(office, state="failed", problem_code="refused")
    rows = [Publication.objects.get(pk=row.pk) for _ in range(104)]
    for one in rows:
        one.pk, one.key = None, uuid.uuid4()
    Publication.objects.bulk_create(rows)
    page = page_of(office)
    assert page.count('id="publication-') == 20
    assert "?state=failed" in page
    assert page_of(office, "?state=failed").count('id="publication-') == 100
    assert page_of(office, "?state=failed&page=2").count('id="publication-') == 5
    assert page_of(office, f"?channel={office.channel.pk + 1}").count('id="publication-') == 0


def test_nonsense_in_the_address_filters_nothing() -> None:
    office = make_office()
    on_the_way(office)
    assert "Stesso vino" in page_of(office, "?state=x&channel=²&page=-1")


def test_all_brands_of_a_person_stand_on_one_page_and_no_others() -> None:
    office, other = make_office(name="Cantina Valdoro"), make_office(name="Officine Brera")
    on_the_way(office)
    on_the_way(other)
    page = office.browser.get("/outgoing/").content.decode()
    assert "Cantina Valdoro" in page
    assert "Officine Brera" not in page


def test_the_frame_counts_what_needs_a_hand() -> None:
    office = make_office()
    on_the_way(office, state="missed")
    page = office.browser.get("/").content.decode()
    assert '1<span class="vh"> need a hand</span>' in page
    assert '1<span class="vh"> need a hand in Outgoing</span>' in page


def test_the_page_costs_the_same_for_two_rows_of_each_list_and_for_four() -> None:
    office = make_office()
    states = ("waiting", "held", "unknown", "failed", "missed", "published")
    counts: dict[str, list[int]] = {"brand": [], "all": []}
    for _round in range(2):
        for state in states * 2:
            row = on_the_way(office, state=state, published_at=timezone.now() if state == "published" else None)
            tried(row, 1, outcome="unknown", note="answer_lost")
        counts["brand"].append(len(cost_of(office, f"/b/{office.brand.pk}/outgoing/")))
        counts["all"].append(len(cost_of(office, "/outgoing/")))
    assert counts["brand"][0] == counts["brand"][1]
    assert counts["all"][0] == counts["all"][1]

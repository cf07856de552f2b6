"""The month: what stands where, what the pills say, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from calendar_app.models import Post
from publisher.models import Publication
from tests.calendar_app.make_plan import in_days, make_asset, make_pack, make_post, make_rule
from tests.calendar_app.views.make_desk import Office, cost_of, make_office

pytestmark = pytest.mark.django_db
MOST_QUERIES = 16


def month_of(office: Office, query: str = "", *, days: float = 40) -> str:
    """Return the page of the month that lies some days ahead."""
    wall = in_days(days)
    return office.browser.get(f"/b/{office.brand.pk}/calendar/{wall.year}/{wall.month}/{query}").content.decode()


def fill(office: Office, count: int) -> None:
    """Plan posts on one day, with a picture each."""
    for number in range(count):
        asset = make_asset(office.brand, office.mara)
        post = make_post(office.brand, [office.channel], by=office.mara, wall=in_days(40), title=f"Post {number}")
        post.media.create(position=0, asset=asset)


def test_the_month_is_a_table_with_caption_and_one_link_per_post() -> None:
    office = make_office()
    fill(office, 2)
    page = month_of(office)
    assert re.search(r"<caption>[^<]*Cantina Valdoro\. 2 posts\.</caption>", page)
    assert page.count('<th scope="col">') == 7
    post = Post.objects.get(title="Post 0")
    assert f'href="/posts/{post.pk}/"' in page
    assert ", Draft, Informational, Valdoro su Mastodon:" in page


def test_a_day_shows_two_posts_and_how_many_others_and_prints_them_all() -> None:
    office = make_office()
    fill(office, 5)
    page = month_of(office)
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count('<a class="chip ') == 2
    assert table.count('<span class="chip ') == 3
    assert table.count('class="print-only"') == 3
    assert "+3 others" in table
    wall = in_days(40)
    day = office.browser.get(f"/b/{office.brand.pk}/calendar/{wall.year}/{wall.month}/{wall.day}/").content.decode()
    assert day.count('<a class="chip') == 5


def test_there_is_a_pill_for_every_state_that_has_posts_and_the_address_filters() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    fill(office, 3)
    make_pack([Post.objects.order_by("pk")[0]], by=office.mara)
    page = month_of(office)
    assert re.search(r"Drafts <b>2</b>", page)
    assert re.search(r"Waiting for the client <b>1</b>", page)
    assert "Scheduled <b>" not in page
    filtered = month_of(office, "?state=client")
    assert filtered[filtered.index("<tbody>") : filtered.index("</tbody>")].count('<a class="chip') == 1
    assert re.search(r"Drafts <b>2</b>", filtered)


def test_a_kind_of_which_there_is_enough_fills_its_line_and_the_name_leads_to_the_profile() -> None:
    office = make_office(target_mix={"informational": 2})
    fill(office, 3)
    page = month_of(office)
    assert re.search(r'<progress value="\d" max="2"', page)
    assert f'<a class="person-name" href="{reverse("profile")}"' in page


def test_holidays_and_the_patron_saint_stand_beside_the_day() -> None:
    office = make_office(language="it", region="BO")
    page = office.browser.get(f"/b/{office.brand.pk}/calendar/2027/10/").content.decode()
    assert "San Petronio" in page


def test_the_month_costs_the_same_for_two_posts_and_for_forty() -> None:
    office = make_office()
    wall = in_days(40)
    address = f"/b/{office.brand.pk}/calendar/{wall.year}/{wall.month}/"
    fill(office, 2)
    few = cost_of(office, address)
    fill(office, 38)
    many = cost_of(office, address)
    assert len(many) == len(few)
    assert len(many) <= MOST_QUERIES, "\n".join(many)


def test_a_month_that_does_not_exist_is_not_found() -> None:
    office = make_office()
    assert office.browser.get(f"/b/{office.brand.pk}/calendar/2026/13/").status_code == 404
    assert office.browser.get(f"/b/{office.brand.pk}/calendar/2026/2/30/").status_code == 404


def test_the_calendar_leads_to_this_month_of_the_brand_seen_last() -> None:
    office = make_office()
    today = timezone.localdate()
    office.browser.get(f"/b/{office.brand.pk}/")
    answer = office.browser.get("/calendar/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(f"/b/{office.brand.pk}/calendar/{today.year}/")


def test_the_home_of_the_day_says_what_goes_out_and_what_is_broken() -> None:
    office = make_office()
    make_rule(office.brand, "none")
    post = make_post(office.brand, [office.channel], by=office.mara, wall=in_days(2))
    office.browser.post(f"/posts/{post.pk}/schedule/")
    Publication.objects.update(state="failed", problem_code="token_refused", due_at=timezone.now() - timedelta(hours=1))
    page = office.browser.get("/").content.decode()
    assert "Not published" in page
    assert f"/b/{office.brand.pk}/outgoing/" in page


def test_the_home_of_the_day_costs_the_same_however_much_is_planned() -> None:
    office = make_office()
    fill(office, 2)
    few = cost_of(office, "/")
    fill(office, 10)
    assert len(cost_of(office, "/")) == len(few)

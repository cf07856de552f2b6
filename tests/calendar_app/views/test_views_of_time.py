"""Week, agenda, search and all brands: the same posts, seen in another way, and only those that are one’s own."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Membership, Role
from calendar_app.models import Campaign, Part, Post
from tests.calendar_app.make_plan import in_days, make_asset, make_channel, make_post
from tests.calendar_app.views.make_desk import Office, cost_of, make_office
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db
MOST_QUERIES = 16
WALL = in_days(40).replace(day=15)  # a week with two months lies in the month of its Thursday
MONDAY = WALL.date() - timedelta(days=WALL.weekday())


def views_of(start: str) -> dict[str, str]:
    """Return every view of the days around the posts."""
    return {
        "month": f"{start}/{WALL.year}/{WALL.month}/",
        "day": f"{start}/{WALL.year}/{WALL.month}/{WALL.day}/",
    }


def of_brand(office: Office) -> dict[str, str]:
    root = f"/b/{office.brand.pk}"
    return {
        **views_of(f"{root}/calendar"),
        "week": f"{root}/week/{MONDAY}/",
        "agenda": f"{root}/agenda/{WALL.year}/{WALL.month}/",
        "search": f"{root}/search/?q=calice",
    }


def of_all() -> dict[str, str]:
    root = "/calendar/all"
    return {
        **views_of(root),
        "week": f"{root}/week/{MONDAY}/",
        "agenda": f"{root}/agenda/{WALL.year}/{WALL.month}/",
        "search": f"{root}/search/?q=calice",
    }


def plan(office: Office, *titles: str) -> list[Post]:
    return [make_post(office.brand, [office.channel], by=office.mara, wall=WALL, title=title) for title in titles]


def page(office: Office, address: str) -> str:
    answer = office.browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def add_brand(office: Office, name: str) -> tuple[int, Post]:
    """Give Mara a second brand with a post."""
    other = make_brand(name=name, agency=office.brand.agency)
    Membership.objects.create(user=office.mara, agency=other.agency, brand=other, role=Role.MANAGER)
    return other.pk, make_post(other, [make_channel(other)], by=office.mara, wall=WALL, title=f"Calice di {name}")


def test_every_view_shows_the_post_and_leads_to_the_others_with_the_filters_kept() -> None:
    office = make_office()
    plan(office, "Il calice")
    views = of_brand(office)
    for address in views.values():
        assert "Il calice" in page(office, address)
    for name in ("month", "week", "agenda"):
        found = page(office, f"{views[name]}?kind=informational")
        for other in ("month", "week", "agenda"):
            start = views[other].rsplit("/", 2)[0] if other == "week" else views[other]  # the month's week is its first
            assert re.search(rf'href="{start}[^"]*\?kind=informational"', found), (name, other)
        assert re.search(r'aria-current="true">' + name.capitalize(), found)


def test_all_brands_stand_side_by_side_each_row_with_its_crest() -> None:
    office = make_office()
    plan(office, "Il calice")
    other, post = add_brand(office, "Trattoria")
    for address in of_all().values():
        found = page(office, address)
        assert "Il calice" in found
        assert post.title in found
        assert re.search(r'class="crest xs [^"]*" title="Trattoria"', found), address
        assert f'data-post="{post.pk}"' in found
    assert f"/b/{other}/posts/new/" in page(office, of_all()["month"])


def test_the_paper_of_all_brands_says_whose_each_post_is() -> None:
    office = make_office()
    plan(office, "Il calice")
    add_brand(office, "Trattoria")
    found = page(office, f"{of_all()['month']}print/")
    assert "Calice di Trattoria" in found
    assert found.count('<span class="entry-where">CV</span>') == found.count('<span class="entry-where">T</span>') == 1
    assert "</b> Trattoria</li>" in found


def test_nobody_sees_a_foreign_brand_among_all() -> None:
    office = make_office()
    plan(office, "Il calice")
    foreign = make_brand(name="Altrui")
    make_post(foreign, [make_channel(foreign)], wall=WALL, title="Calice altrui")
    for address in of_all().values():
        assert "altrui" not in page(office, address).lower()
    stranger = Client()
    stranger.force_login(make_member("Otto", foreign, Role.MANAGER))
    for address in of_all().values():
        assert "Il calice" not in stranger.get(address).content.decode()


def test_what_one_may_not_move_does_not_say_that_it_moves() -> None:
    office = make_office()
    post = plan(office, "Il calice")[0]
    watcher = Client()
    watcher.force_login(make_member("Mo", office.brand, Role.MODERATOR))
    address = of_brand(office)["month"]
    assert f'data-post="{post.pk}" data-version="' in page(office, address)
    assert "data-version" not in watcher.get(address).content.decode()


@pytest.mark.parametrize("query", ["", "?channel={channel}&person={person}&campaign={campaign}&state=draft"])
def test_no_view_costs_more_queries_for_more_posts_nor_more_than_sixteen(query: str) -> None:
    office = make_office()
    campaign = Campaign.objects.create(brand=office.brand, name="Natale")
    query = query.format(channel=office.channel.pk, person=office.mara.pk, campaign=campaign.pk)
    add_brand(office, "Trattoria")
    for post in plan(office, "Il calice", "Il tappo"):
        post.media.create(position=0, asset=make_asset(office.brand, office.mara))
    Post.objects.update(campaign=campaign)
    addresses = [*of_brand(office).values(), *of_all().values()]
    asked = [one + (query if "?" not in one else "") for one in addresses]
    few = {address: len(cost_of(office, address)) for address in asked}
    plan(office, *(f"Calice {number}" for number in range(25)))
    Post.objects.update(campaign=campaign)
    many = {address: cost_of(office, address) for address in asked}
    assert {address: len(found) for address, found in many.items()} == few
    assert max(few.values()) <= MOST_QUERIES, few


def test_search_finds_words_of_the_title_and_of_a_channels_own_text_only_together() -> None:
    office = make_office()
    found, other = plan(office, "Il calice della settimana", "Il tappo")
    Part.objects.filter(variant__post=other).update(text="Vite, non sughero.")
    address = f"/b/{office.brand.pk}/search/?q="
    assert f'data-post="{found.pk}"' in page(office, address + "CALICE+settimana")
    assert f'data-post="{other.pk}"' in page(office, address + "sughero")
    assert f'data-post="{plan(office, "Perché È buono")[0].pk}"' in page(office, address + "PERCHÉ+è")
    nothing = page(office, address + "calice+sughero")
    assert "data-post" not in nothing
    assert "No post says “calice sughero”" in nothing
    assert "data-post" not in page(office, address)


def test_the_calendar_returns_to_all_brands_for_whoever_looked_at_all_last() -> None:
    office = make_office()
    today = date.today()  # noqa: DTZ011  (the address only begins with the year)
    assert office.browser.get("/calendar/all/").headers["Location"].startswith(f"/calendar/all/{today.year}")
    assert office.browser.get("/calendar/").headers["Location"] == "/calendar/all/"
    office.browser.get(f"/b/{office.brand.pk}/")
    assert office.browser.get("/calendar/").headers["Location"] == f"/b/{office.brand.pk}/"


@pytest.mark.parametrize("on", ["2027-02-30", "20270301", "2027-W09-1", "1999-01-04", "x"])
def test_a_week_that_is_none_is_not_found_and_another_day_leads_to_its_monday(on: str) -> None:
    office = make_office()
    assert office.browser.get(f"/b/{office.brand.pk}/week/{on}/").status_code == 404
    answer = office.browser.get(f"/b/{office.brand.pk}/week/2027-03-04/?state=draft")
    assert answer.headers["Location"] == f"/b/{office.brand.pk}/week/2027-03-01/?state=draft"

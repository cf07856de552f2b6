"""The month on paper: every post with its state in words, sized so that one sheet holds it."""

from datetime import date, datetime, timedelta

import pytest

from calendar_app.shown import STATES
from calendar_app.views.paper import SEVERAL, SIZES, Entry, paper_of
from tests.calendar_app.make_plan import in_days, make_asset, make_post
from tests.calendar_app.views.make_client import make_desk
from tests.calendar_app.views.make_desk import Office, cost_of, make_office
from tests.calendar_app.views.test_month import fill

FIRST = date(2026, 12, 1)
NINE = datetime.fromisoformat("2026-12-01T09:00")


def entries(count: int, *, days: int = 31) -> list[Entry]:
    return [
        Entry(
            wall=NINE + timedelta(days=number % days, hours=number % 9),
            title=f"La vendemmia raccontata {number}",
            state=STATES["scheduled"],
            places=(("MA", "Cantina Valdoro"), ("MA", "La bottega"), ("BS", "Valdoro")),
        )
        for number in range(count)
    ]


def size_of(count: int, *, days: int = 31) -> str:
    return paper_of(FIRST, entries(count, days=days), {}).size


def test_the_fuller_the_month_the_smaller_the_type_until_it_takes_more_sheets() -> None:
    assert (size_of(0), size_of(20), size_of(40)) == ("roomy", "roomy", "even")
    found = [SIZES.index(next(one for one in SIZES if one.name == size_of(count))) for count in range(0, 101, 25)]
    assert found == sorted(found)
    assert size_of(400) == SEVERAL


def test_days_of_other_months_stay_empty() -> None:
    paper = paper_of(date(2026, 11, 1), entries(40), {})
    assert paper.total == 0
    assert not any(day.entries for week in paper.weeks for day in week)


def test_channels_with_the_same_letters_are_numbered_and_named_in_the_legend() -> None:
    paper = paper_of(FIRST, entries(1), {})
    assert paper.places == (("BS", "Valdoro"), ("MA1", "Cantina Valdoro"), ("MA2", "La bottega"))
    assert paper.weeks[0][1].entries[0].labels == ("MA1", "MA2", "BS")


def printed(office: Office, query: str = "") -> str:
    wall = in_days(40)
    return office.browser.get(f"/b/{office.brand.pk}/calendar/{wall.year}/{wall.month}/print/{query}").content.decode()


@pytest.mark.django_db
def test_the_months_paper_has_every_post_of_a_full_day_with_its_state_in_words() -> None:
    office = make_office()
    fill(office, 9)
    page = printed(office)
    assert all(f"Post {number}" in page for number in range(9))
    assert page.count('<span class="entry-state">Draft</span>') == 9
    assert "+" not in page[page.index("<tbody>") : page.index("</tbody>")]
    assert "Cantina Valdoro" in page
    assert "Valdoro su Mastodon" in page[page.index("sheet-legend") :]


@pytest.mark.django_db
def test_the_paper_follows_the_filters_and_leads_back_to_them() -> None:
    office = make_office()
    fill(office, 2)
    page = printed(office, "?state=scheduled")
    assert "Post 0" not in page
    assert "?state=scheduled" in page


@pytest.mark.django_db
def test_the_paper_costs_the_same_for_two_posts_and_for_forty() -> None:
    office = make_office()
    wall = in_days(40)
    address = f"/b/{office.brand.pk}/calendar/{wall.year}/{wall.month}/print/"
    fill(office, 2)
    few = cost_of(office, address)
    for number in range(20):
        make_post(office.brand, [office.channel], by=office.mara, wall=in_days(40), title=f"More {number}")
    assert len(cost_of(office, address)) == len(few)


@pytest.mark.django_db
def test_a_clients_sheet_has_the_posts_they_were_asked_about_and_no_others() -> None:
    desk = make_desk(count=3, with_picture=True)
    make_post(desk.brand, [], title="Non ancora mandato", wall=in_days(4))
    make_asset(desk.brand)
    desk.decide(desk.asked()[0], "approve")
    page = desk.page("client_month").content.decode()
    assert all(f"Post {number}" in page for number in range(3))
    assert "Non ancora mandato" not in page
    assert page.count("entry-state") == 3
    assert f"/k/{desk.link.public_id}/files/" in page
    assert "/assets/" not in page
    assert f'href="/k/{desk.link.public_id}/month/"' in desk.page().content.decode()


@pytest.mark.django_db
def test_the_clients_sheet_shows_every_post_whole() -> None:
    desk = make_desk()
    desk.decide(desk.asked()[0], "approve")
    page = desk.page("client_print").content.decode()
    assert "Testo del post 0" in page
    assert "Testo del post 1" in page
    assert "<form" not in page

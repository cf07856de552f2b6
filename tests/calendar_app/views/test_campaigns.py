"""Campaigns are begun, changed and seen with their posts."""

import pytest

from calendar_app.models import Campaign
from calendar_app.rules import PRESETS, set_rule
from tests.calendar_app.make_plan import in_days, make_post
from tests.calendar_app.views.make_desk import Office, cost_of, make_office

pytestmark = pytest.mark.django_db


def said(**more: str) -> dict[str, str]:
    dates = {"starts_on": "2026-12-01", "ends_on": "2026-12-24"}
    return {"name": "Natale", "aim": "Cassette regalo.", "colour": "d", **dates, **more}


def begin(office: Office, **more: str) -> Campaign:
    answer = office.browser.post(f"/b/{office.brand.pk}/campaigns/", said(**more))
    assert answer.status_code == 302, answer.content.decode()
    return Campaign.objects.order_by("-pk")[0]


def test_a_campaign_is_begun_chosen_in_the_composer_and_shown_with_its_posts() -> None:
    office = make_office()
    made = begin(office)
    assert (made.brand, made.colour, made.aim) == (office.brand, "d", "Cassette regalo.")
    composer = office.browser.get(f"/b/{office.brand.pk}/posts/new/").content.decode()
    assert f'<option value="{made.pk}">Natale</option>' in composer
    post = make_post(office.brand, [office.channel], campaign_id=made.pk, title="Cassetta da sei")
    page = office.browser.get(f"/campaigns/{made.pk}/").content.decode()
    assert "Cassetta da sei" in page
    assert f"/calendar/{post.wall.year}/{post.wall.month}/?campaign={made.pk}" in page
    assert "1 post" in office.browser.get(f"/b/{office.brand.pk}/campaigns/").content.decode()
    assert f"/campaigns/{made.pk}/" in office.browser.get(f"/posts/{post.pk}/").content.decode()


def test_a_campaign_is_changed_and_its_posts_stay() -> None:
    office = make_office()
    made = begin(office)
    make_post(office.brand, [office.channel], campaign_id=made.pk)
    office.browser.post(f"/campaigns/{made.pk}/", said(name="Feste", ends_on=""))
    made.refresh_from_db()
    assert (made.name, made.ends_on, made.posts.count()) == ("Feste", None, 1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "id_name-error"),
        ({"name": "Altro", "ends_on": "2026-11-01"}, "This day is before the first one."),
        ({"name": "Altro", "colour": "gold"}, "error"),
        ({}, "There is already a campaign with this name."),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(more: dict[str, str], words: str) -> None:
    office = make_office()
    begin(office)
    second = begin(office, name="Seconda")
    for address in (f"/b/{office.brand.pk}/campaigns/", f"/campaigns/{second.pk}/"):
        answer = office.browser.post(address, said(**more))
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert sorted(Campaign.objects.values_list("name", flat=True)) == ["Natale", "Seconda"]


def test_a_campaign_costs_the_same_for_one_post_and_for_ten() -> None:
    office = make_office()
    made, costs = begin(office), []
    for more in (1, 9):
        for number in range(more):
            make_post(office.brand, [office.channel], campaign_id=made.pk, wall=in_days(3 + number))
        costs.append((len(cost_of(office, f"/campaigns/{made.pk}/")), len(cost_of(office, f"/b/{office.brand.pk}/campaigns/"))))
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 20


def test_a_campaign_goes_after_a_question_and_its_posts_stay() -> None:
    office = make_office()
    made = begin(office)
    post = make_post(office.brand, [office.channel], campaign_id=made.pk)
    question = office.browser.get(f"/campaigns/{made.pk}/remove/").content.decode()
    assert "Its 1 post stays in the calendar" in question
    assert office.browser.post(f"/campaigns/{made.pk}/remove/").status_code == 302
    post.refresh_from_db()
    assert (post.campaign_id, post.stage) == (None, "draft")
    assert not Campaign.objects.filter(pk=made.pk).exists()


def test_a_campaign_whose_posts_have_a_rule_of_their_own_stays() -> None:
    office = make_office()
    made = begin(office)
    set_rule(brand=office.brand, by=None, stages=PRESETS["internal_client"], campaign=made)
    office.browser.post(f"/campaigns/{made.pk}/remove/")
    assert Campaign.objects.filter(pk=made.pk).exists()


def test_a_campaign_is_measured_by_its_own_mix() -> None:
    office = make_office()
    made = begin(office, mix_promotional="6", mix_argumentative="0")
    assert made.mix == {"promotional": 6}
    make_post(office.brand, [office.channel], campaign_id=made.pk, kind="promotional")
    page = office.browser.get(f"/campaigns/{made.pk}/").content.decode()
    assert 'aria-label="Promotional: 1 / 6"' in page
    assert "Argumentative: " not in page

"""The home of the day: what is in hand, who is awaited and what is missing, of one’s own brands, at a fixed price."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role
from calendar_app import outlook
from calendar_app.drafting import MediaChoice
from calendar_app.library import set_alt
from calendar_app.models import Pack
from publisher.models import ChannelState
from tests.calendar_app.make_plan import in_days, make_asset, make_channel, make_client, make_pack, make_post, make_rule
from tests.calendar_app.views.make_desk import Office, cost_of, make_office
from tests.community.make_community import make_comment, make_thread
from tests.make import make_brand, make_member
from tests.publisher.make_publisher import make_publication

pytestmark = pytest.mark.django_db


def home(browser: Client) -> str:
    return browser.get("/").content.decode()


def test_who_has_still_to_decide_stands_there_with_the_hour() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    make_pack([make_post(office.brand, [office.channel]), make_post(office.brand, [office.channel])], by=office.ed)
    page = home(office.browser)
    assert "<b>Cleo</b>" in page
    assert "Dicembre: 2 posts" in page
    assert "was due" not in page
    Pack.objects.update(deadline_at=timezone.now() - timedelta(hours=1))
    assert "was due" in home(office.browser)


def test_what_the_next_two_weeks_lack_is_said_with_the_posts() -> None:
    brand = make_brand(target_mix={"informational": 20, "promotional": 10})
    channel = make_channel(brand)
    asset = make_asset(brand, alt="")
    make_post(brand, [channel], wall=in_days(1), title="Domani")
    for number in range(3):
        make_post(brand, [channel], wall=in_days(9 + number), kind="promotional", media=(MediaChoice(asset.pk),))

    (found,) = outlook.outlooks([brand])

    assert (found.count, found.aim, found.is_short) == (4, 14, True)
    assert [one.title for one in found.unready.posts] == ["Domani"]
    assert (found.bare.count, found.undescribed.count) == (1, 3)
    assert found.longest is not None
    assert (found.longest[1] - found.longest[0]).days >= 5
    assert {(lean.kind, lean.count) for lean in found.leans} == {("informational", 1), ("promotional", 3)}

    set_alt(asset, by=None, text="Un calice")
    assert outlook.outlooks([brand])[0].undescribed.count == 0


def test_a_brand_that_lacks_nothing_is_not_named() -> None:
    brand = make_brand()
    channel, asset = make_channel(brand), make_asset(brand)
    for days in range(3, 15, 2):
        make_post(brand, [channel], wall=in_days(days), media=(MediaChoice(asset.pk),))
    assert outlook.outlooks([brand]) == []


def test_what_failed_has_the_one_button_that_mends_it() -> None:
    office = make_office()
    failed = make_publication(office.channel, state="failed", problem_code="server_busy", due_at=timezone.now())
    make_publication(office.channel, state="missed")
    unknown = make_publication(office.channel, state="unknown")
    page = home(office.browser)
    assert f'action="/publications/{failed.pk}/retry/"' in page
    assert "?to=move" in page
    assert f"#publication-{unknown.pk}" in page


def test_a_moderator_sees_comments_first_and_nothing_of_writing() -> None:
    brand = make_brand()
    make_comment(make_thread(make_channel(brand)), "Quando riaprite?")
    mo = Client()
    mo.force_login(make_member("Mo", brand, Role.MODERATOR))
    page = home(mo)
    assert page.index('id="comments"') < page.index('id="today"')
    assert "Quando riaprite?" in page
    assert 'id="missing"' not in page
    assert "/posts/new/" not in page.partition('<div class="home">')[0].partition('<div class="bar">')[2]


def test_brands_of_others_are_silent() -> None:
    office, other = make_office(), make_office()
    make_rule(other.brand, "client")
    make_pack([make_post(other.brand, [other.channel], title="Altrui")], by=other.ed)
    make_publication(other.channel, state="failed")
    page = home(office.browser)
    assert "Altrui" not in page
    assert 'id="broken"' not in page
    assert 'id="waits"' not in page


def fill(office: Office) -> None:
    """Put one more brand of everything beside Mara’s."""
    brand = make_brand(office.brand.agency)
    Membership.objects.create(user=office.mara, agency=brand.agency, brand=brand, role=Role.MANAGER)
    channel = make_channel(brand)
    make_client(brand)
    make_rule(brand, "client")
    make_pack([make_post(brand, [channel]), make_post(brand, [channel])])
    make_post(brand, [channel], wall=in_days(0, 23), media=(MediaChoice(make_asset(brand).pk),))
    make_publication(channel, state="failed")
    make_comment(make_thread(channel))


def test_the_page_costs_the_same_for_two_brands_and_for_four() -> None:
    office = make_office()
    costs = []
    for _round in range(2):
        fill(office)
        costs.append(len(cost_of(office, "/")))
        fill(office)
    assert costs[0] == costs[1] <= 30


def test_one_brand_alone_is_shown_when_the_address_names_it() -> None:
    office = make_office()
    fill(office)
    other = next(m.brand for m in Membership.objects.filter(user=office.mara).select_related("brand") if m.brand != office.brand)
    assert other is not None
    make_publication(office.channel, state="missed")
    both, one = home(office.browser), office.browser.get(f"/?brand={other.pk}").content.decode()
    assert both.count('class="dispatch ') == 2
    assert one.count('class="dispatch ') == 1
    assert f'href="/?brand={office.brand.pk}"' in one
    assert office.browser.get("/?brand=999999").content.decode().count('class="dispatch ') == 2


def test_a_brand_without_posts_leads_to_the_next_step() -> None:
    office = make_office()
    page = home(office.browser)
    assert f'href="/b/{office.brand.pk}/settings/"' in page
    assert f'href="/b/{office.brand.pk}/import/"' in page
    assert 'id="missing"' not in page
    make_post(office.brand, [office.channel])
    assert "home-steps" not in home(office.browser)


def test_what_failed_is_called_as_in_the_calendar() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], title="La potatura")
    make_publication(office.channel, state="failed", origin_key=post.key)
    assert "La potatura" in home(office.browser).partition('id="broken"')[2]
    assert "La potatura" in office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode()


def test_what_is_broken_is_where_the_summary_leads_and_all_of_it_stays_within_the_brand_shown() -> None:
    office = make_office()
    fill(office)
    office.channel.state = ChannelState.LOST
    office.channel.save(update_fields=["state"])
    alone = f"/?brand={office.brand.pk}"
    page = office.browser.get(alone).content.decode()
    assert 'href="#broken"' in page
    assert 'id="broken"' in page
    for _ in range(6):
        make_publication(office.channel, state="failed")
    page = office.browser.get(alone).content.decode()
    assert page.count('id="broken"') == 1
    assert f'href="/b/{office.brand.pk}/outgoing/">See all 6' in page

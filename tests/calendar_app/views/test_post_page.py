"""One post: page and drawer, moving by form, sending, scheduling, the internal decision."""

import pytest

from calendar_app import approval
from calendar_app.models import Approval, Pack, Post, PostStage
from publisher.models import Publication, Stop
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_asset,
    make_channel,
    make_pack,
    make_post,
    make_rule,
)
from tests.calendar_app.views.make_desk import Office, cost_of, make_office

pytestmark = pytest.mark.django_db


def sent_back(office: Office) -> Post:
    """Return a post that the client wants changed."""
    make_rule(office.brand, "client")
    post = make_post(office.brand, [office.channel], by=office.mara)
    pack = make_pack([post], by=office.mara)
    one = asked(pack, office.cleo)[0]
    link = link_to(pack, office.cleo)
    approval.request_changes(one, by=office.cleo, words="Togliete il nome", digest=one.revision.digest, link=link)
    return post


def test_the_page_and_the_drawer_show_the_same_post() -> None:
    office = make_office()
    post = sent_back(office)
    page = office.browser.get(f"/posts/{post.pk}/").content.decode()
    drawer = office.browser.get(f"/posts/{post.pk}/", headers={"X-Drawer": "yes"}).content.decode()
    for text in (
        "La nuova etichetta",
        "Togliete il nome",
        "Changes requested",
        "Stesso vino, abito nuovo.",
        "Send again",
    ):
        assert text in page
        assert text in drawer
    assert "<html" in page
    assert "<html" not in drawer
    assert "History" in page


def test_the_path_says_whom_was_asked_and_what_is_still_to_come() -> None:
    office = make_office()
    make_rule(office.brand, "internal_client")
    fresh = make_post(office.brand, [office.channel], by=office.mara)
    found = office.browser.get(f"/posts/{fresh.pk}/").content.decode()
    assert found.count("<small>Not asked yet</small>") == 2
    back = sent_back(office)
    found = office.browser.get(f"/posts/{back.pk}/").content.decode()
    assert f"<small>to {office.cleo.name}, " in found
    assert found.count("<small>To be asked again</small>") == 1


def test_under_a_stop_nothing_that_waits_is_called_scheduled() -> None:
    office = make_office()
    make_rule(office.brand, "none")
    post = make_post(office.brand, [office.channel], by=office.mara)
    office.browser.post(f"/posts/{post.pk}/schedule/")
    Stop.objects.create(scope="brand", brand=office.brand, by=office.mara)
    found = office.browser.get(f"/posts/{post.pk}/").content.decode()
    body = found[found.index('class="post-body') :]
    assert "Paused" in body
    assert "Scheduled</span>" not in body


def test_a_move_by_form_says_what_it_did_and_refuses_the_past() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    wall = in_days(5)
    answer = office.browser.post(f"/posts/{post.pk}/move/", {"on": f"{wall:%Y-%m-%d}", "at": "17:00"}, follow=True)
    assert "Moved to" in answer.content.decode()
    post.refresh_from_db()
    assert (post.wall.day, post.wall.hour) == (wall.day, 17)
    past = office.browser.post(f"/posts/{post.pk}/move/", {"on": "2020-01-01", "at": "17:00"})
    assert past.status_code == 422
    assert "That time has passed" in past.content.decode()


def test_moving_an_approved_post_says_before_what_happens_to_the_approval() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    post = make_post(office.brand, [office.channel], by=office.mara)
    make_pack([post], by=office.mara)
    page = office.browser.get(f"/posts/{post.pk}/move/").content.decode()
    assert "Within 24 hours of what was shown the approval stands" in page


def test_drafts_of_a_month_are_sent_to_the_client_with_a_deadline() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    posts = [make_post(office.brand, [office.channel], by=office.mara, wall=in_days(4 + n)) for n in range(2)]
    address = f"/b/{office.brand.pk}/packs/new/?" + "&".join(f"post={post.pk}" for post in posts)
    page = office.browser.get(address).content.decode()
    assert page.count('name="posts"') == 2
    assert f'value="client:{office.cleo.pk}" checked' in page
    form = {
        "offered": [post.pk for post in posts],
        "posts": [posts[0].pk],
        "people": [f"client:{office.cleo.pk}"],
        "title": "Dicembre",
        "message": "Ditemi pure.",
        "on": f"{in_days(2):%Y-%m-%d}",
        "at": "18:00",
    }
    answer = office.browser.post(address, form, follow=True)
    assert "1 post was sent" in answer.content.decode()
    pack = Pack.objects.get()
    assert [item.revision.post_id for item in pack.items.all()] == [posts[0].pk]
    assert pack.message == "Ditemi pure."
    assert Approval.objects.get().reviewer == office.cleo


def test_where_no_month_is_named_the_month_of_the_next_draft_is_sent() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    make_post(office.brand, [office.channel], by=office.mara, title="Il prossimo", wall=in_days(70))
    page = office.browser.get(f"/b/{office.brand.pk}/packs/new/").content.decode()
    assert "Il prossimo" in page
    empty = office.browser.get(f"/b/{office.brand.pk}/packs/new/?month={in_days(2):%Y-%m}").content.decode()
    assert "No draft of this month is left to send." in empty


def test_what_cannot_be_sent_is_said_beside_each_post_and_nothing_is_sent() -> None:
    office = make_office(limit=10)
    make_rule(office.brand, "client")
    post = make_post(office.brand, [office.channel], by=office.mara, text="Troppo lungo per dieci")
    form = {
        "offered": [post.pk],
        "posts": [post.pk],
        "people": [f"client:{office.cleo.pk}"],
        "title": "Dicembre",
        "on": f"{in_days(2):%Y-%m-%d}",
        "at": "18:00",
    }
    answer = office.browser.post(f"/b/{office.brand.pk}/packs/new/", form)
    assert answer.status_code == 422
    assert "12 characters too many" in answer.content.decode()
    assert not Pack.objects.exists()


def test_the_internal_stage_is_decided_on_the_post_page() -> None:
    office = make_office()
    make_rule(office.brand, "internal")
    post = make_post(office.brand, [office.channel], by=office.ed)
    make_pack([post], by=office.ed)
    page = office.browser.get(f"/posts/{post.pk}/").content.decode()
    assert "It is for you to decide" in page
    one = Approval.objects.select_related("revision").get(reviewer=office.mara)
    body = {"decision": "approve", "digest": one.revision.digest}
    office.browser.post(f"/approvals/{one.pk}/decide/", body)
    post.refresh_from_db()
    assert post.stage == PostStage.APPROVED
    assert Publication.objects.get().state == "waiting"


def test_scheduling_taking_off_copying_and_archiving_are_one_button_each() -> None:
    office = make_office()
    make_rule(office.brand, "none")
    post = make_post(office.brand, [office.channel], by=office.mara)
    office.browser.post(f"/posts/{post.pk}/schedule/")
    assert Publication.objects.get().state == "waiting"
    assert "Take off the schedule" in office.browser.get(f"/posts/{post.pk}/").content.decode()
    office.browser.post(f"/posts/{post.pk}/unschedule/")
    assert Publication.objects.get().state == "canceled"
    office.browser.post(f"/posts/{post.pk}/duplicate/")
    copy = Post.objects.exclude(pk=post.pk).get()
    assert (copy.text, copy.stage) == (post.text, PostStage.DRAFT)
    office.browser.post(f"/posts/{copy.pk}/archive/")
    copy.refresh_from_db()
    assert copy.stage == PostStage.ARCHIVED


def test_the_post_page_costs_the_same_however_much_happened() -> None:
    office = make_office()
    post = sent_back(office)
    few = cost_of(office, f"/posts/{post.pk}/")
    asset = make_asset(office.brand, office.mara)
    for day in range(5, 9):
        wall = in_days(day)
        office.browser.post(f"/posts/{post.pk}/move/", {"on": f"{wall:%Y-%m-%d}", "at": "17:00"})
    post.media.create(position=0, asset=asset)
    many = cost_of(office, f"/posts/{post.pk}/")
    assert len(many) <= len(few) + 2, "\n".join(many)  # the texts of its picture, read twice


def test_a_publication_leads_to_its_post() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    assert office.browser.get(f"/posts/of/{post.key}/").headers["Location"] == f"/posts/{post.pk}/"
    assert office.browser.get(f"/posts/of/{post.key}/?to=move").headers["Location"] == f"/posts/{post.pk}/move/"


def test_channels_that_get_the_same_are_shown_once_and_named() -> None:
    office = make_office()
    shop = make_channel(office.brand, "Valdoro in bottega")
    post = make_post(office.brand, [office.channel, shop], by=office.mara, text="Stesso vino.")
    page = office.browser.get(f"/posts/{post.pk}/").content.decode()
    assert page.count('<div class="preview') == 1
    assert "Exactly as on Valdoro su Mastodon." in page
    variant = post.variants.get(channel=shop)
    variant.link = "https://example.com/bottega"
    variant.save()
    page = office.browser.get(f"/posts/{post.pk}/").content.decode()
    assert page.count('<div class="preview') == 2

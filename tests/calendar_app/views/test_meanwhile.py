"""What happened between page and form: nobody ends an approval without having been told, and what is agreed stays agreed."""

from datetime import timedelta

import pytest

from calendar_app.approval import approve
from calendar_app.drafting import PostChanges, save_post
from calendar_app.models import Approval, Campaign, Post, PostStage
from calendar_app.rules import PRESETS, set_rule
from calendar_app.scheduling import schedule_post
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_pack,
    make_post,
    make_rule,
)
from tests.calendar_app.views.make_desk import Office, make_office, typed

pytestmark = pytest.mark.django_db


def send_and_approve(office: Office, post: Post) -> Approval:
    """What colleagues and the client do while a page stands open."""
    make_rule(office.brand, "client", redate_within=timedelta(hours=1))
    pack = make_pack([post], by=office.mara)
    question = asked(pack, office.cleo)[0]
    return approve(question, by=office.cleo, digest=question.revision.digest, link=link_to(pack, office.cleo)).approval


def written(office: Office) -> tuple[Post, dict[str, object]]:
    post = make_post(office.brand, [office.channel], wall=in_days(3))
    return post, typed(office, version=post.version, text="Un altro testo.")


def stands(post: Post) -> bool:
    """Whether the approval and what it scheduled are still there."""
    waiting = Publication.objects.filter(origin_key=post.key, state="waiting").count()
    return Post.objects.get(pk=post.pk).stage == PostStage.APPROVED and waiting == 1


def test_an_old_page_that_is_saved_ends_no_approval_before_it_said_so() -> None:
    office = make_office()
    post, form = written(office)
    send_and_approve(office, post)
    address = f"/posts/{post.pk}/edit/"
    answer = office.browser.post(address, form)
    assert (answer.status_code, stands(post)) == (422, True)
    page = answer.content.decode()
    assert "Cleo approved this post." in page
    assert 'name="told"' in page
    assert "Un altro testo." in page

    assert office.browser.post(address, {**form, "told": "yes"}).status_code == 302
    assert Post.objects.get(pk=post.pk).stage == PostStage.DRAFT


def test_what_keeps_itself_never_ends_an_approval_that_came_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office()
    post, form = written(office)
    send_and_approve(office, post)
    monkeypatch.setattr("calendar_app.views.composer.cost_in_words", lambda _post: [])  # read a moment before
    told = office.browser.post(f"/posts/{post.pk}/edit/", {**form, "action": "keep"}).json()
    assert (told["state"], stands(post)) == ("waits", True)


def test_a_move_that_would_end_an_approval_unsaid_asks_first() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], wall=in_days(3))
    send_and_approve(office, post)
    address, to = f"/posts/{post.pk}/shift/", {"to": str(in_days(6).date())}
    assert "no longer holds" in office.browser.post(address, to).json()["asks"]
    assert stands(post)
    assert "said" in office.browser.post(address, {**to, "agreed": "yes"}).json()
    assert Post.objects.get(pk=post.pk).stage == PostStage.DRAFT


def test_the_form_for_moving_says_what_it_ends_before_it_does() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], wall=in_days(3))
    send_and_approve(office, post)
    address, form = f"/posts/{post.pk}/move/", {"on": str(in_days(6).date()), "at": "12:00"}
    answer = office.browser.post(address, form)
    assert (answer.status_code, stands(post)) == (422, True)
    assert 'name="told"' in answer.content.decode()
    assert office.browser.post(address, {**form, "told": "yes"}).status_code == 302


def test_saving_once_more_after_a_lost_answer_is_simply_saved() -> None:
    office = make_office()
    post, form = written(office)
    address, script = f"/posts/{post.pk}/edit/", {"X-Composer": "yes"}
    for _time in range(2):
        assert office.browser.post(address, form, headers=script).json()["state"] == "done"
    assert office.browser.post(address, {**form, "action": "keep"}, headers=script).json()["state"] == "saved"
    assert office.browser.post(address, form).status_code == 302
    assert Post.objects.get(pk=post.pk).version == post.version + 1


def test_another_campaign_with_another_rule_ends_what_was_scheduled_under_the_old_one() -> None:
    office = make_office()
    free, asking = (Campaign.objects.create(brand=office.brand, name=name) for name in ("free", "asking"))
    set_rule(brand=office.brand, by=None, stages=PRESETS["none"], campaign=free)
    post = make_post(office.brand, [office.channel], campaign_id=free.pk)
    schedule_post(post, by=None)
    save_post(post, version=post.version, by=office.ed, changes=PostChanges(campaign_id=asking.pk))
    assert Post.objects.get(pk=post.pk).stage == PostStage.DRAFT
    assert not Publication.objects.filter(origin_key=post.key).exclude(state="canceled").exists()


def test_what_nobody_was_asked_about_says_truly_what_a_far_move_does() -> None:
    office = make_office()
    make_rule(office.brand, "none")
    post = make_post(office.brand, [office.channel], wall=in_days(3))
    schedule_post(post, by=None)
    assert "goes back to draft" in office.browser.get(f"/posts/{post.pk}/move/").content.decode()
    asks = office.browser.get(f"/posts/{post.pk}/shift/", {"to": str(in_days(9).date())}).json()["asks"]
    assert "schedule it again" in asks
    said = office.browser.post(f"/posts/{post.pk}/shift/", {"to": f"{in_days(3):%Y-%m-%d}T15:00"}).json()["said"]
    assert "approval" not in said

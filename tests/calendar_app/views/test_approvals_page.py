"""*Approvazioni*: what waits, what came too late, what was sent back, who holds a link; and the rule."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import GuestLink, Role, User
from calendar_app.approval import approve, request_changes
from calendar_app.models import Approval, ApprovalRule, ApprovalState, PostStage
from calendar_app.rules import rule_of
from calendar_app.scheduling import proposed_hours
from publisher.models import Publication
from tests.calendar_app.make_plan import link_to
from tests.calendar_app.views.make_client import Desk, make_desk
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="accounts.sign_in.MemberBackend")
    return browser


def page_of(desk: Desk, name: str = "approvals") -> Any:
    return signed_in(desk.mara).get(reverse(name, args=[desk.brand.pk]))


def approved_late(desk: Desk) -> None:
    """Let Cleo approve the only post an hour after it should have gone out."""
    one = desk.asked()[0]
    GuestLink.objects.update(
        decides_until=timezone.now() + timedelta(days=9), expires_at=timezone.now() + timedelta(days=9)
    )
    with time_machine.travel(one.revision.post.due_at + timedelta(hours=1), tick=True):
        approve(one, by=desk.cleo, digest=one.revision.digest, link=link_to(desk.pack, desk.cleo))


def test_what_waits_is_shown_with_whom_and_until_when() -> None:
    desk = make_desk()
    page = page_of(desk).content.decode()
    assert "Cleo" in page
    assert desk.pack.title in page
    assert reverse("pack", args=[desk.pack.pk]) in page


def test_what_will_miss_its_hour_is_said() -> None:
    desk = make_desk(count=1)
    with time_machine.travel(desk.posts[0].due_at - timedelta(hours=2), tick=True):
        assert 'class="small problem"' in page_of(desk).content.decode()


def test_the_words_of_a_request_stand_beside_the_draft() -> None:
    desk = make_desk(count=1)
    one = desk.asked()[0]
    request_changes(one, by=desk.cleo, words="Togliamo il fornitore", digest=one.revision.digest, link=desk.link)
    page = page_of(desk).content.decode()
    assert "Togliamo il fornitore" in page
    assert reverse("post_edit", args=[desk.posts[0].pk]) in page


def test_an_approval_after_the_hour_offers_hours_and_one_is_taken() -> None:
    desk = make_desk(count=1)
    approved_late(desk)
    post = desk.posts[0]
    with time_machine.travel(post.due_at + timedelta(hours=2), tick=True):
        hour = proposed_hours(post)[0]
        page = page_of(desk).content.decode()
        assert f'value="{hour.isoformat()}"' in page
        assert not Publication.objects.exists()
        browser = signed_in(desk.mara)
        address = reverse("post_take_hour", args=[post.pk])
        assert browser.post(address, {"wall": hour.isoformat()}).status_code == 302
        post.refresh_from_db()
        assert (post.wall, post.stage) == (hour, PostStage.APPROVED)
        assert Publication.objects.filter(state="waiting").count() == 2


@pytest.mark.parametrize("typed", ["", "soon", "2020-01-01T10:00:00", "2026-13-45T10:00:00", "2030-01-01T10:00:00Z"])
def test_only_an_hour_on_offer_is_taken(typed: str) -> None:
    desk = make_desk(count=1)
    approved_late(desk)
    post = desk.posts[0]
    wall = post.wall
    with time_machine.travel(post.due_at + timedelta(hours=2), tick=True):
        signed_in(desk.mara).post(reverse("post_take_hour", args=[post.pk]), {"wall": typed})
    post.refresh_from_db()
    assert post.wall == wall


def test_a_link_is_revoked_from_the_list() -> None:
    desk = make_desk()
    address = reverse("approval_link_revoke", args=[desk.brand.pk, desk.link.pk])
    assert address in page_of(desk).content.decode()
    assert signed_in(desk.mara).post(address).status_code == 302
    assert desk.page().status_code == 404


def test_a_link_of_another_brand_is_not_there() -> None:
    desk, other = make_desk(), make_desk()
    address = reverse("approval_link_revoke", args=[desk.brand.pk, other.link.pk])
    assert signed_in(desk.mara).post(address).status_code == 404
    assert other.page().status_code == 200


@pytest.mark.parametrize("name", ["approvals", "approval_rule"])
def test_the_pages_of_another_brand_are_not_there(name: str) -> None:
    desk = make_desk(count=1)
    otto = make_member("Otto", make_brand(), Role.MANAGER)
    assert signed_in(otto).get(reverse(name, args=[desk.brand.pk])).status_code == 404
    assert signed_in(otto).get(reverse("pack", args=[desk.pack.pk])).status_code == 404
    assert signed_in(otto).post(reverse("post_take_hour", args=[desk.posts[0].pk])).status_code == 404


def test_the_rule_is_set_by_who_may_and_by_nobody_else() -> None:
    desk = make_desk(count=1)
    address = reverse("approval_rule", args=[desk.brand.pk])
    data = {"stages": "internal_client", "mode": "all", "redate": "1"}
    ed = make_member("Ed", desk.brand, Role.EDITOR)
    assert signed_in(ed).post(address, data).status_code == 403
    assert signed_in(desk.mara).post(address, data).status_code == 302
    rule = rule_of(desk.brand)
    assert [(one["stage"], one["mode"]) for one in rule.stages] == [("internal", "all"), ("client", "all")]
    assert rule.redate_within == timedelta(hours=1)
    assert signed_in(desk.mara).post(address, {"stages": "nonsense"}).status_code == 422
    assert ApprovalRule.objects.filter(brand=desk.brand, replaced_at=None).count() == 1


def test_a_colleague_decides_on_the_pack_page_about_what_is_shown() -> None:
    desk = make_desk(count=3, preset="internal_client")
    first, second, third = Approval.objects.filter(stage="internal").order_by("pk")
    browser = signed_in(desk.mara)
    page = browser.get(reverse("pack", args=[desk.pack.pk])).content.decode()
    assert first.revision.digest in page
    assert "Testo del post 2" in page
    for one, decision, words in ((first, "approve", ""), (second, "changes", "Più corto")):
        address = reverse("pack_decide", args=[desk.pack.pk, one.pk])
        data = {"decision": decision, "digest": one.revision.digest, "words": words}
        assert browser.post(address, data).status_code == 302
    address = reverse("pack_approve", args=[desk.pack.pk])
    assert browser.post(address, {f"digest-{third.pk}": third.revision.digest}).status_code == 302
    said = list(Approval.objects.filter(stage="internal").order_by("pk").values_list("state", flat=True))
    assert said == [ApprovalState.APPROVED, ApprovalState.CHANGES_REQUESTED, ApprovalState.APPROVED]
    assert Approval.objects.filter(stage="client", reviewer=desk.cleo, state=ApprovalState.ASKED).count() == 2


def test_an_editor_sees_the_pack_and_cannot_decide() -> None:
    desk = make_desk(count=1, preset="internal_client")
    ed = make_member("Ed", desk.brand, Role.EDITOR)
    one = Approval.objects.get(stage="internal")
    browser = signed_in(ed)
    assert browser.get(reverse("pack", args=[desk.pack.pk])).status_code == 200
    browser.post(
        reverse("pack_decide", args=[desk.pack.pk, one.pk]), {"decision": "approve", "digest": one.revision.digest}
    )
    one.refresh_from_db()
    assert one.state == ApprovalState.ASKED


def test_pictures_of_a_pack_stay_behind_the_wall() -> None:
    desk = make_desk(count=1, with_picture=True)
    sheet = desk.asked()[0].revision.sheets.first()
    assert sheet is not None
    address = reverse("pack_picture", args=[desk.pack.pk, sheet.files[0], 320])
    shown: Any = signed_in(desk.mara).get(address)
    assert shown.status_code == 200
    assert b"".join(shown.streaming_content)
    otto = make_member("Otto", make_brand(), Role.MANAGER)
    assert signed_in(otto).get(address).status_code == 404


def test_the_pages_cost_the_same_for_two_posts_and_for_thirty() -> None:
    counts: dict[str, list[int]] = {"approvals": [], "pack": []}
    for count in (2, 30):
        desk = make_desk(count=count)
        browser = signed_in(desk.mara)
        for name, pk in (("approvals", desk.brand.pk), ("pack", desk.pack.pk)):
            browser.get(reverse(name, args=[pk]))
            with CaptureQueriesContext(connection) as found:
                assert browser.get(reverse(name, args=[pk])).status_code == 200
            counts[name].append(len(found))
    assert counts["approvals"][0] == counts["approvals"][1] <= 24
    assert counts["pack"][0] == counts["pack"][1] <= 20

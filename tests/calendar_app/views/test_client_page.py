"""The client’s page: everything sealed is shown, each decision is a POST about the version that was seen."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.links import revoke
from accounts.models import GuestLink
from accounts.models.brand import FormOfAddress
from calendar_app.approval import approve
from calendar_app.deadlines import expire_questions
from calendar_app.drafting import PostChanges, VariantChanges, move, save_post
from calendar_app.models import Approval, ApprovalState, Post, PostStage
from publisher.models import Publication, Stop, StoredFile
from tests.calendar_app.make_plan import asked, link_to, make_client, make_pack
from tests.calendar_app.views.make_client import browser_with, make_desk, reading_link

pytestmark = pytest.mark.django_db


def html(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def states() -> list[str]:
    return list(Approval.objects.order_by("pk").values_list("state", flat=True))


def test_opening_shows_every_post_with_its_hour_and_full_channel_names() -> None:
    desk = make_desk()
    answer = desk.page()
    assert answer.status_code == 200
    page = html(answer)
    for words in ("Post 0", "Testo del post 1", "Valdoro su Mastodon", "Valdoro in bottega", "12:00", "0</span>"):
        assert words in page
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]


def test_what_the_agency_wrote_with_it_stands_above_the_posts() -> None:
    desk = make_desk()
    assert "pack-message" not in html(desk.page())
    desk.pack.message = "Due foto sono <provvisorie>."
    desk.pack.save(update_fields=["message"])
    assert "Due foto sono &lt;provvisorie&gt;." in html(desk.page())


def test_opening_twice_or_by_a_scanner_decides_nothing() -> None:
    desk = make_desk()
    before = states()
    for name in ("client_pack", "client_all", "client_print"):
        address = reverse(name, args=[desk.link.public_id])
        desk.browser.get(address)
        desk.browser.head(address)
        desk.browser.get(address, headers={"Sec-Purpose": "prefetch"})
    for name in ("client_decide", "client_withdraw", "client_stop", "client_lift"):
        address = reverse(name, args=[desk.link.public_id, desk.asked()[0].pk])
        assert desk.browser.get(address, {"decision": "approve"}).status_code == 405
    assert states() == before == [ApprovalState.ASKED] * 2
    assert not Publication.objects.exists()


def test_a_decision_without_the_forms_token_is_refused() -> None:
    desk = make_desk()
    desk.browser.handler.enforce_csrf_checks = True
    assert desk.decide(desk.asked()[0], "approve").status_code == 403
    assert states() == [ApprovalState.ASKED] * 2


def test_approving_schedules_and_leads_back_to_the_card() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    answer = desk.decide(first, "approve")
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?at={first.pk}#p{first.pk}")
    assert Publication.objects.filter(origin_key=desk.posts[0].key, state="waiting").count() == 2
    page = html(desk.page())
    assert "Approvato da Cleo" in page or "Approved by Cleo" in page


def test_with_a_script_only_the_card_and_the_numbers_come_back() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    answer = desk.decide(first, "approve", headers={"HX-Request": "true"})
    page = html(answer)
    assert answer.status_code == 200
    assert "<html" not in page
    assert f'id="p{first.pk}"' in page
    assert "Post 1" not in page
    assert 'id="tally" hx-swap-oob="true"' in page


def test_asking_for_changes_needs_words_and_keeps_what_was_typed() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    answer = desk.decide(first, "changes", "   ")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in html(answer)
    assert desk.decide(first, "changes", "Togliamo il nome del fornitore").status_code == 302
    first.refresh_from_db()
    assert (first.state, first.words) == (ApprovalState.CHANGES_REQUESTED, "Togliamo il nome del fornitore")
    assert "Togliamo il nome del fornitore" in html(desk.page())


def test_a_refusal_says_why() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    assert desk.decide(first, "refuse").status_code == 422
    assert desk.decide(first, "refuse", "Non è il momento").status_code == 302
    first.refresh_from_db()
    assert first.state == ApprovalState.REFUSED


def test_a_stale_tab_is_refused_and_shows_the_new_version_and_what_changed() -> None:
    desk = make_desk(count=1)
    old, post = desk.asked()[0], desk.posts[0]
    save_post(post, version=post.version, by=desk.mara, changes=PostChanges(text="Tutto un altro testo #valdoro"))
    make_pack([Post.objects.get(pk=post.pk)], by=desk.mara)
    answer = desk.decide(old, "changes", "Le parole che avevo scritto")
    page = html(answer)
    assert answer.status_code == 409
    assert "<ins>Tutto" in page
    assert "Le parole che avevo scritto" in page
    assert Approval.objects.get(pk=old.pk).state == ApprovalState.VOID
    assert not Publication.objects.exists()


def test_a_forged_digest_is_refused() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    answer = desk.post("client_decide", first.pk, decision="approve", digest="0" * 64)
    assert answer.status_code == 409
    assert states() == [ApprovalState.ASKED] * 2


def test_a_foreign_post_is_not_there_for_this_link() -> None:
    desk, other = make_desk(), make_desk()
    foreign = other.asked()[0]
    for name in ("client_decide", "client_withdraw", "client_stop", "client_lift"):
        answer = desk.post(name, foreign.pk, decision="approve", digest=foreign.revision.digest)
        assert answer.status_code == 404
    assert Approval.objects.get(pk=foreign.pk).state == ApprovalState.ASKED


def test_a_colleague_reviewers_question_is_not_mine_to_answer() -> None:
    desk = make_desk(count=1)
    other = make_client(desk.brand, "Carla")
    post = desk.posts[0]
    save_post(post, version=post.version, by=desk.mara, changes=PostChanges(text="Di nuovo"))
    pack = make_pack([Post.objects.get(pk=post.pk)], by=desk.mara)
    theirs = asked(pack, other)[0]
    browser = browser_with(link_to(pack, desk.cleo))
    address = reverse("client_decide", args=[link_to(pack, desk.cleo).public_id, theirs.pk])
    assert browser.post(address, {"decision": "approve", "digest": theirs.revision.digest}).status_code == 404


def test_a_link_for_reading_cannot_decide() -> None:
    desk = make_desk()
    desk.open(reading_link(desk))
    assert "Testo del post 0" in html(desk.page())
    assert 'name="decision"' not in html(desk.page())
    assert desk.decide(desk.asked()[0], "approve").status_code == 409
    assert desk.post("client_stop", desk.asked()[0].pk).status_code == 409
    assert states() == [ApprovalState.ASKED] * 2
    assert not Stop.objects.exists()


def test_after_the_deadline_the_link_reads_but_does_not_decide() -> None:
    desk = make_desk()
    GuestLink.objects.filter(pk=desk.link.pk).update(decides_until=desk.pack.sent_at + timedelta(hours=1))
    with time_machine.travel(desk.pack.sent_at + timedelta(hours=2), tick=True):
        page = html(desk.page())
        assert "Testo del post 0" in page
        assert 'value="approve"' not in page
        assert desk.decide(desk.asked()[0], "approve").status_code == 409
    assert states() == [ApprovalState.ASKED] * 2


def test_what_nobody_answered_in_time_can_still_be_read_and_says_so() -> None:
    desk = make_desk(count=3)
    desk.decide(desk.asked()[0], "approve")
    late = desk.pack.deadline_at + timedelta(minutes=1)
    GuestLink.objects.update(expires_at=late + timedelta(days=9))
    expire_questions(now=late)
    with time_machine.travel(late, tick=True):
        page = html(desk.page())
    assert "Testo del post 1" in page
    assert page.count("Non è arrivata una risposta in tempo") == 2
    assert "hai risposto per tutti" not in page
    assert "di 3 deciso" in page
    assert "sta modificando" not in page


def test_where_the_agency_took_everything_back_the_page_says_that_nothing_waits() -> None:
    desk = make_desk(count=2)
    for post in desk.posts:
        save_post(post, version=post.version, by=desk.mara, changes=PostChanges(text="Da rifare"))
    page = html(desk.page())
    assert "Per ora non c’è niente da decidere" in page
    assert "hai risposto per tutti" not in page
    assert "Tutto deciso" not in page


def test_a_single_post_is_spoken_of_as_one() -> None:
    desk = make_desk(count=1)
    page = html(desk.page())
    assert "Puoi approvarlo" in page
    assert "di 1 deciso" in page
    assert "1 di 1" not in page
    assert reverse("client_all", args=[desk.link.public_id]) not in page


def test_a_revoked_link_opens_nothing_at_once() -> None:
    desk = make_desk()
    revoke(desk.link, by=desk.mara)
    assert desk.page().status_code == 404
    assert desk.decide(desk.asked()[0], "approve").status_code == 404


def test_without_the_cookie_the_page_offers_to_send_the_link_again() -> None:
    desk = make_desk()
    desk.browser.cookies.clear()
    answer = desk.page()
    assert answer.status_code == 403
    assert reverse("link_again", args=[desk.link.public_id]) in html(answer)


def test_an_approval_is_withdrawn_and_what_waited_is_taken_back() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    desk.decide(first, "approve")
    assert desk.post("client_withdraw", first.pk).status_code == 302
    assert not Publication.objects.exclude(state="canceled").exists()
    assert Post.objects.get(pk=desk.posts[0].pk).stage == PostStage.DRAFT


def test_what_is_out_can_no_longer_be_withdrawn_or_stopped() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    desk.decide(first, "approve")
    Publication.objects.update(state="published")
    page = html(desk.page())
    assert reverse("client_withdraw", args=[desk.link.public_id, first.pk]) not in page
    assert reverse("client_stop", args=[desk.link.public_id, first.pk]) not in page
    answer = desk.post("client_withdraw", first.pk)
    assert answer.status_code == 409
    assert Approval.objects.get(pk=first.pk).state == ApprovalState.APPROVED


def test_the_client_stops_one_post_and_lets_it_go_again() -> None:
    desk = make_desk()
    first = desk.asked()[0]
    desk.decide(first, "approve")
    assert desk.post("client_stop", first.pk, words="Aspettiamo").status_code == 302
    stop = Stop.objects.get()
    assert (stop.origin_key, stop.by, stop.reason) == (desk.posts[0].key, desk.cleo, "Aspettiamo")
    assert reverse("client_lift", args=[desk.link.public_id, first.pk]) in html(desk.page())
    assert desk.post("client_lift", first.pk).status_code == 302
    stop.refresh_from_db()
    assert stop.lifted_at is not None


def test_approving_all_lists_first_and_then_approves_with_every_digest() -> None:
    desk = make_desk(count=3)
    page = html(desk.page("client_all"))
    data = {f"digest-{one.pk}": one.revision.digest for one in desk.asked()}
    assert all(f'name="{name}" value="{value}"' in page for name, value in data.items())
    assert states() == [ApprovalState.ASKED] * 3
    assert desk.post("client_all", **data).status_code == 302
    assert states() == [ApprovalState.APPROVED] * 3


def test_approving_all_approves_only_what_was_on_the_page() -> None:
    desk = make_desk(count=3)
    first, second, third = desk.asked()
    answer = desk.post("client_all", **{f"digest-{first.pk}": first.revision.digest, f"digest-{second.pk}": "0" * 64})
    assert answer.status_code == 409
    third.refresh_from_db()
    assert states() == [ApprovalState.APPROVED, ApprovalState.ASKED, ApprovalState.ASKED]
    assert third.state == ApprovalState.ASKED


def test_the_second_reviewer_sees_who_decided() -> None:
    desk = make_desk(count=1)
    make_client(desk.brand, "Carla")
    post = desk.posts[0]
    save_post(post, version=post.version, by=desk.mara, changes=PostChanges(text="Di nuovo"))
    pack = make_pack([Post.objects.get(pk=post.pk)], by=desk.mara)
    carla = Approval.objects.get(pack=pack, reviewer__name="Carla")
    approve(carla, by=carla.reviewer, digest=carla.revision.digest, link=link_to(pack, carla.reviewer))
    browser = browser_with(link_to(pack, desk.cleo))
    assert "Carla" in html(browser.get(reverse("client_pack", args=[link_to(pack, desk.cleo).public_id])))


def test_everything_sealed_is_shown_where_channels_differ() -> None:
    desk = make_desk(count=1)
    post = desk.posts[0]
    one, two = post.variants.order_by("pk").values_list("channel_id", flat=True)
    changes = PostChanges(
        variants={
            one: VariantChanges(text="Solo per uno", options={"visibility": "unlisted", "content_warning": "Alcol"}),
            two: VariantChanges(
                text="Solo per due", link="https://valdoro.example/etichetta", first_comment="Il primo"
            ),
        }
    )
    save_post(post, version=post.version, by=desk.mara, changes=changes)
    pack = make_pack([Post.objects.get(pk=post.pk)], by=desk.mara)
    link = link_to(pack, desk.cleo)
    page = html(browser_with(link).get(reverse("client_pack", args=[link.public_id])))
    for words in ("Solo per uno", "Solo per due", "Alcol", "https://valdoro.example/etichetta", "Il primo"):
        assert words in page


def test_pictures_of_the_pack_are_shown_and_others_are_not_there() -> None:
    desk, other = make_desk(count=1, with_picture=True), make_desk(count=1, with_picture=True)
    mine = desk.asked()[0].revision.sheets.first()
    theirs = other.asked()[0].revision.sheets.first()
    assert mine is not None
    assert theirs is not None
    assert "Un calice di rosso" in html(desk.page())
    good = desk.page("client_file", mine.files[0])
    assert good.status_code == 200
    assert "private" in good["Cache-Control"]
    small = desk.page("client_picture", mine.files[0], 320)
    assert small["Content-Type"] == "image/webp"
    assert b"".join(good.streaming_content)
    assert b"".join(small.streaming_content)[8:12] == b"WEBP"
    original = StoredFile.objects.get(pk=mine.files[0]).source
    assert original is not None
    for foreign in (theirs.files[0], original.pk):
        assert desk.page("client_file", foreign).status_code == 404
        assert desk.page("client_picture", foreign, 320).status_code == 404


def test_the_page_names_no_colleague_and_no_note() -> None:
    desk = make_desk(count=1, preset="internal_client")
    assert not GuestLink.objects.exists()
    inside = Approval.objects.get(stage="internal")
    approve(inside, by=inside.reviewer, digest=inside.revision.digest)
    Post.objects.update(brief={"purpose": "canarino interno"})
    link = link_to(desk.pack, desk.cleo)
    page = html(browser_with(link).get(reverse("client_pack", args=[link.public_id])))
    assert "canarino interno" not in page
    assert "Mara" not in page
    assert desk.mara.email not in page


def test_the_client_is_spoken_to_as_the_brand_wishes() -> None:
    tu, lei = make_desk(), make_desk(form_of_address=FormOfAddress.LEI)
    assert "puoi approvare" in html(tu.page())
    assert "può approvare" in html(lei.page())


def test_the_page_costs_the_same_for_two_cards_and_for_forty() -> None:
    counts = []
    for count in (2, 40):
        desk = make_desk(count=count)
        desk.page()
        with CaptureQueriesContext(connection) as found:
            assert desk.page().status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1] <= 16


def test_what_is_approved_leaves_as_a_calendar() -> None:
    desk = make_desk()
    desk.decide(desk.asked()[0], "approve")
    answer = desk.page("client_calendar")
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"Post 0" in answer.content
    assert b"Post 1" not in answer.content
    page = desk.post("client_subscribe")
    assert b"webcal://" in page.content


def test_an_hour_that_moved_before_the_answer_and_how_far_it_may_move_after_it_are_said() -> None:
    desk = make_desk()
    post = desk.posts[0]
    move(post, wall=post.wall + timedelta(hours=3), by=None)
    for name in ("client_pack", "client_all"):
        page = html(desk.page(name))
        assert "15:00" in page
        assert "fino a 24 ore" in page
    assert "mostrato per" in html(desk.page())
    desk.decide(desk.asked()[0], "approve")
    assert Publication.objects.filter(origin_key=post.key).first().wall.hour == 15  # type: ignore[union-attr]  # it is there
